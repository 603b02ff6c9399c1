import { copy, deletes, edit, reactWith, reply } from "./message-acts.js";
import { MessageKeys } from "./message-keys.js";

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
    new MessageKeys(this.#timeline, this);
    this.#column.addEventListener("pointerleave", () => touch.matches || this.#leave());
    this.#column.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && this.#left(relatedTarget));
    this.#scroller.addEventListener("scroll", () => this.#place(), { passive: true });
    new ResizeObserver(() => this.#place()).observe(this.#timeline);
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("toggle", () => this.busy || this.matches(":hover, :focus-within") || this.#leave(), true);
  }

  /** The message that it is about. */
  get message() {
    return this.#timeline.querySelector(`:scope > [data-ordinal="${this.dataset.message}"]`);
  }

  /** While something of it is open, it stays with its message. */
  get busy() {
    return this.querySelector(":popover-open") !== null || this.matches(".tools--choosing");
  }

  #show(target) {
    const message = target.closest(".message");
    if (!message || this.busy) return;
    Object.assign(this.dataset, { message: message.dataset.ordinal, authorId: message.dataset.authorId });
    this.classList.toggle("tools--gone", !message.querySelector(".message__body"));
    this.hidden = false;
    this.#place();
  }

  #leave() {
    if (!this.busy && !this.#column.querySelector(":focus-visible")) this.hidden = true;
  }

  #left(target) {
    if (!this.#column.contains(target)) this.#leave();
  }

  #tapped(target) {
    if (target.closest("a, button, summary, input") || !getSelection().isCollapsed) return;
    const { ordinal } = target.closest(".message")?.dataset ?? {};
    if (!this.hidden && ordinal === this.dataset.message) this.hidden = true;
    else this.#show(target);
  }

  /** At the message's top, or at that of what is in view of it. */
  #place() {
    if (this.hidden) return;
    const message = this.message;
    if (!message) {
      this.hidden = true;
      return;
    }
    const column = this.#column.getBoundingClientRect();
    const top = message.getBoundingClientRect().top - column.top - ABOVE_PX;
    const seen = this.#scroller.getBoundingClientRect().top - column.top + 4;
    this.style.insetBlockStart = `${Math.max(top, seen)}px`;
  }

  /** The button of this name, as far as it is to be seen. */
  button(name) {
    const button = this.querySelector(`button[value="${name}"]`);
    return button?.checkVisibility() ? button : undefined;
  }

  #clicked(event) {
    const message = this.message;
    const control = event.target.closest("a, button");
    if (!message || !control) return;
    if (control.value === "more") this.querySelector("[data-copy]").href = this.#addressOf(message);
    else if (!control.matches("[data-copy]")) this.#close();
    if (control.value === "unread") this.querySelector("[name=ordinal]").value = message.dataset.ordinal;
    if (control.value === "react") this.#react(message);
    if (control.value === "delete") deletes(message);
    if (control.matches("[data-copy]")) copy(event, control, () => this.#close());
    if (["reply", "edit"].includes(control.value)) this.#write(control.value, message);
  }

  #close() {
    this.querySelector(".menu").hidePopover();
  }

  #write(act, message) {
    this.hidden = true;
    if (act === "reply") reply(message);
    else edit(message);
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
