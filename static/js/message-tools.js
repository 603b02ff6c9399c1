import { copy, deletes, edit, reactWith, reply } from "./message-acts.js";

const FOCUSABLE = "a[href]:not([tabindex='-1']), button, summary, [tabindex='0']";
const KEYS = { "+": "react", r: "reply", e: "edit" };
// As far as it stands out above its message.
const ABOVE_PX = 18;
const touch = matchMedia("(hover: none)");

/** The bar of what can be done with a message: one for all of a timeline, at the one that is pointed at or has the focus. */
class MessageTools extends HTMLElement {
  #timeline;
  #column;
  #scroller;

  connectedCallback() {
    this.#column = this.parentElement;
    this.#timeline = this.#column.querySelector("room-timeline");
    this.#scroller = this.#column.parentElement;
    this.#timeline.addEventListener("pointerover", ({ target }) => touch.matches || this.#show(target));
    this.#timeline.addEventListener("focusin", ({ target }) => this.#show(target));
    this.#timeline.addEventListener("click", ({ target }) => touch.matches && this.#tapped(target));
    this.#timeline.addEventListener("keydown", (event) => this.#pressed(event));
    this.#column.addEventListener("pointerleave", () => touch.matches || this.#leave());
    this.#column.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && this.#left(relatedTarget));
    this.#scroller.addEventListener("scroll", () => this.#place(), { passive: true });
    new ResizeObserver(() => this.#place()).observe(this.#timeline);
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("keydown", (event) => this.#pressedHere(event));
    this.addEventListener("toggle", () => this.#busy || this.matches(":hover, :focus-within") || this.#leave(), true);
  }

  get #message() {
    return this.#timeline.querySelector(`:scope > [data-ordinal="${this.dataset.ordinal}"]`);
  }

  /** While something of it is open, it stays with its message. */
  get #busy() {
    return this.querySelector(":popover-open") !== null || this.matches(".tools--choosing");
  }

  #show(target) {
    const message = target.closest(".message");
    if (!message || this.#busy) return;
    const { ordinal, authorId } = message.dataset;
    Object.assign(this.dataset, { ordinal, authorId });
    this.classList.toggle("tools--gone", !message.querySelector(".message__body"));
    this.hidden = false;
    this.#place();
  }

  #leave() {
    if (!this.#busy && !this.#column.querySelector(":focus-visible")) this.hidden = true;
  }

  #left(target) {
    if (!this.#column.contains(target)) this.#leave();
  }

  #tapped(target) {
    if (target.closest("a, button, summary, input") || !getSelection().isCollapsed) return;
    const { ordinal } = target.closest(".message")?.dataset ?? {};
    if (!this.hidden && ordinal === this.dataset.ordinal) this.hidden = true;
    else this.#show(target);
  }

  /** At the message's top, or at that of what is in view of it. */
  #place() {
    if (this.hidden) return;
    const message = this.#message;
    if (!message) {
      this.hidden = true;
      return;
    }
    const column = this.#column.getBoundingClientRect();
    const top = message.getBoundingClientRect().top - column.top - ABOVE_PX;
    const seen = this.#scroller.getBoundingClientRect().top - column.top + 4;
    this.style.insetBlockStart = `${Math.max(top, seen)}px`;
  }

  #pressed(event) {
    const message = event.target.closest(".message");
    if (!message || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input")) return;
    if (event.key === "Tab" && !event.shiftKey) this.#tabbed(event, message);
    else if (event.key in KEYS && this.#button(KEYS[event.key])) {
      event.preventDefault();
      this.#button(KEYS[event.key]).click();
    }
  }

  /** After the last of a message comes what can be done with it. */
  #tabbed(event, message) {
    const last = [...message.querySelectorAll(FOCUSABLE)].at(-1) ?? message;
    const first = this.querySelector(".tool:not([value='more']), .tool");
    if (event.target !== last || this.hidden) return;
    event.preventDefault();
    (this.#button("react") ?? first).focus();
  }

  #pressedHere(event) {
    if (event.key !== "Escape" || this.#busy) return;
    event.preventDefault();
    this.#focusMessage();
  }

  #focusMessage() {
    const message = this.#message;
    if (!message) return;
    message.tabIndex = -1;
    message.focus({ focusVisible: true });
  }

  /** As far as it is to be seen. */
  #button(name) {
    const button = this.querySelector(`button[value="${name}"]`);
    return button?.checkVisibility() ? button : undefined;
  }

  #clicked(event) {
    const message = this.#message;
    const control = event.target.closest("a, button");
    if (!message || !control) return;
    const act = control.dataset.copy === undefined ? control.value : "copy";
    if (act === "more") this.querySelector("[data-copy]").href = this.#addressOf(message);
    if (act !== "more") this.querySelector(".menu").hidePopover();
    if (act === "unread") this.querySelector("[name=ordinal]").value = message.dataset.ordinal;
    if (act === "react") this.#react(message);
    if (act === "reply") reply(message);
    if (act === "edit") edit(message);
    if (act === "delete") deletes(message);
    if (act === "copy") copy(event, control);
    if (act === "reply" || act === "edit") this.hidden = true;
  }

  #react(message) {
    const picker = document.getElementById("emoji-picker");
    this.classList.add("tools--choosing");
    picker.choose((emoji) => {
      this.classList.remove("tools--choosing");
      if (emoji) reactWith(message, emoji);
    });
  }

  #addressOf(message) {
    return new URL(`/rooms/${this.dataset.room}/messages/${message.dataset.ordinal}#${message.id}`, location.href).href;
  }
}

customElements.define("message-tools", MessageTools);
