import { ownId } from "./message-acts.js";
import { tellError } from "./tell-error.js";
import { Unsent } from "./unsent.js";

const CHANGED = "This message was changed meanwhile, on another device. Saving replaces that.";
const DELETED = "This message was deleted meanwhile. Your text is still here, to copy.";
// Of a message that is there no more, or nobody's to edit.
const FINAL = [403, 404];

/** Where one's own message is edited: in place of the composer, whose draft waits. What is in it outlives the page. */
class MessageEditor extends HTMLElement {
  #pane;
  #unsent;
  #asked;
  #gone = new AbortController();

  connectedCallback() {
    const { signal } = this.#gone;
    this.#pane = this.closest(".pane");
    this.#unsent = new Unsent("edit", this.dataset);
    this.#pane.addEventListener("multichat:edit", ({ detail }) => this.#open(detail.ordinal), { signal });
    this.#pane.addEventListener("multichat:edited", ({ target }) => this.#changed(target, CHANGED), { signal });
    this.#pane.addEventListener("multichat:arrived", ({ detail }) => this.#arrived(detail.messages), { signal });
    this.#pane.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    this.addEventListener("input", () => this.#unsent.write(this.#text.value, this.#ordinal));
    this.addEventListener("click", (event) => event.target.closest("[data-cancel]") && this.#close(event));
    this.addEventListener("htmx:afterSwap", ({ target }) => target === this && this.#opened());
    this.addEventListener("htmx:responseError", ({ target, detail }) => target === this && this.#refused(detail));
    this.addEventListener("htmx:afterRequest", ({ target, detail }) => target.matches("form") && this.#answered(detail));
    const [unsent] = this.#unsent.names;
    if (unsent) this.#open(unsent);
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  get #text() {
    return this.querySelector("textarea");
  }

  get #ordinal() {
    return this.querySelector("form")?.dataset.ordinal;
  }

  #open(ordinal) {
    if (ordinal === this.#ordinal) {
      this.#text.focus();
      return;
    }
    const failed = () => tellError("The message could not be opened for editing. Try again.");
    this.#asked = ordinal;
    const url = this.dataset.url.replace(/0\/edit$/, `${ordinal}/edit`);
    htmx.ajax("GET", url, { source: this, target: this, swap: "innerHTML" }).catch(failed);
  }

  #opened() {
    const text = this.#text;
    if (!text) return;
    text.value = this.#unsent.read(this.#ordinal) ?? text.value;
    this.#pane.querySelector(`room-timeline > [data-ordinal="${this.#ordinal}"]`)?.scrollIntoView({ block: "nearest" });
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
  }

  /** What was written for it goes to where one writes. */
  #refused({ xhr }) {
    tellError("The message could not be opened for editing.");
    const body = FINAL.includes(xhr.status) && this.#unsent.read(this.#asked);
    if (!body) return;
    this.#unsent.write("", this.#asked);
    this.#pane.dispatchEvent(new CustomEvent("multichat:back", { detail: { body } }));
  }

  #close(event) {
    event?.preventDefault();
    this.#unsent.write("", this.#ordinal);
    this.replaceChildren();
    this.#pane.querySelector("message-composer textarea")?.focus();
  }

  #answered({ successful, xhr }) {
    if (successful) this.#close();
    else if (xhr.status) this.#hint(xhr.responseText);
    else this.#hint("It could not be saved: the server did not answer. Your text is still here.");
  }

  #arrived(messages) {
    for (const message of messages) {
      this.#changed(message, message.matches(".message--deleted") ? DELETED : CHANGED);
    }
  }

  #changed({ dataset }, hint) {
    const ours = this.querySelector("form.htmx-request");
    if (!ours && dataset.ordinal === this.#ordinal) this.#hint(hint);
  }

  #hint(text) {
    this.querySelector(".editor__hint").textContent = text;
  }

  #pressed(event) {
    if (event.isComposing || event.defaultPrevented) return;
    if (this.contains(event.target)) this.#pressedHere(event);
    else if (isPlainArrowUp(event) && event.target.matches("message-composer textarea") && !event.target.value) {
      const own = [...this.#pane.querySelectorAll(`room-timeline > [data-author-id="${ownId()}"]`)];
      const last = own.filter((message) => message.querySelector(".message__body")).at(-1);
      if (!last) return;
      event.preventDefault();
      this.#open(last.dataset.ordinal);
    }
  }

  #pressedHere(event) {
    if (event.key === "Escape") this.#close(event);
    if (event.key !== "Enter" || event.shiftKey || !event.target.matches("textarea")) return;
    event.preventDefault();
    this.querySelector("form").requestSubmit();
  }
}

function isPlainArrowUp({ key, altKey, ctrlKey, metaKey, shiftKey }) {
  return key === "ArrowUp" && !altKey && !ctrlKey && !metaKey && !shiftKey;
}

customElements.define("message-editor", MessageEditor);
