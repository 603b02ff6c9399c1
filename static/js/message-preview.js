// Not there: what was written is shown as it is, and why it cannot be sent.
const REFUSALS = [422, 429];

/** What is being written, as it will look: over the field, which is as it was when one comes back. */
class MessagePreview extends HTMLElement {
  #button;
  #text;

  connectedCallback() {
    const form = this.closest("form");
    this.#button = form.querySelector(`[aria-controls="${this.id}"]`);
    this.#text = form.elements.body;
    this.addEventListener("htmx:beforeSwap", ({ detail }) => {
      if (REFUSALS.includes(detail.xhr.status)) Object.assign(detail, { shouldSwap: true, isError: false });
    });
    this.addEventListener("htmx:afterSwap", () => this.#open());
    this.#button.addEventListener("htmx:beforeRequest", (event) => {
      if (this.hidden) return;
      event.preventDefault();
      this.#close();
      this.#text.focus();
    });
    // However one comes to it: by an answer to somebody, or by a message that comes back.
    this.#text.addEventListener("focus", () => this.#close());
    form.addEventListener("submit", () => this.#close());
    // Before whatever else in the form goes away by the same key.
    form.addEventListener("keydown", (event) => this.#pressed(event), { capture: true });
  }

  #pressed(event) {
    const toggles = event.code === "KeyP" && event.altKey && !event.ctrlKey && !event.metaKey;
    const leaves = event.key === "Escape" && !this.hidden && !document.querySelector(":popover-open");
    if (!toggles && !leaves) return;
    event.preventDefault();
    event.stopPropagation();
    this.#button.click();
  }

  #open() {
    this.hidden = false;
    this.#button.ariaPressed = "true";
    // Nobody writes unseen.
    if (document.activeElement === this.#text) this.#button.focus();
  }

  #close() {
    this.hidden = true;
    this.#button.ariaPressed = "false";
  }
}

customElements.define("message-preview", MessagePreview);
