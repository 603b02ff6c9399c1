import { textOf } from "./message-text.js";
import { Unsent } from "./unsent.js";

/** What one's next message answers, above the field: a control of its form, whose value is the ordinal. */
class ReplyLine extends HTMLElement {
  static formAssociated = true;
  #internals = this.attachInternals();
  #quoted;
  #unsent;
  #value = "";
  #gone = new AbortController();

  connectedCallback() {
    const { signal } = this.#gone;
    const pane = this.closest(".pane");
    this.#quoted = this.querySelector(".reply__quoted");
    this.#unsent = new Unsent("reply", this.dataset);
    pane.addEventListener("multichat:reply", ({ detail }) => this.#answer(detail.ordinal), { signal });
    this.querySelector("a").addEventListener("click", (event) => this.#cancelled(event));
    this.#internals.form.addEventListener("keydown", (event) => event.key === "Escape" && this.#cancelled(event));
    this.#take();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  get value() {
    return this.#value;
  }

  set value(ordinal) {
    this.#value = ordinal;
    this.#internals.setFormValue(ordinal || null);
    this.#unsent.write(ordinal);
    if (ordinal) this.#quote(ordinal);
    this.hidden = !ordinal;
  }

  formResetCallback() {
    this.value = "";
  }

  /** What the page was asked for, else what the draft was to answer. */
  #take() {
    const asked = this.querySelector("input");
    asked?.remove();
    this.value = asked?.value ?? this.#unsent.read() ?? "";
  }

  #answer(ordinal) {
    this.value = ordinal;
    this.#internals.form.elements.body.focus();
  }

  #quote(ordinal) {
    const message = this.closest(".pane").querySelector(`room-timeline > [data-ordinal="${ordinal}"]`);
    if (!message) {
      if (!this.#quoted.childElementCount) this.#quoted.textContent = "an earlier message";
      return;
    }
    const author = document.createElement("b");
    author.textContent = message.querySelector(".message__author").textContent;
    this.#quoted.replaceChildren(author, ` ${textOf(message)}`);
  }

  #cancelled(event) {
    if (!this.value || event.defaultPrevented) return;
    event.preventDefault();
    this.value = "";
    this.#internals.form.elements.body.focus();
  }
}

customElements.define("reply-line", ReplyLine);
