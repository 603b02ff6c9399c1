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
      detail.shouldSwap ||= REFUSALS.includes(detail.xhr.status);
    });
    this.addEventListener("htmx:afterSwap", () => this.#show(true));
    this.#button.addEventListener("htmx:beforeRequest", (event) => {
      if (this.hidden) return;
      event.preventDefault();
      this.#text.focus();
    });
    // However one comes to it: by an answer to somebody, or by a message that comes back.
    this.#text.addEventListener("focus", () => this.#show(false));
    form.addEventListener("submit", () => this.#show(false));
    form.addEventListener("keydown", (event) => this.#pressed(event));
  }

  #pressed(event) {
    const toggles = event.code === "KeyP" && event.altKey && !event.ctrlKey && !event.metaKey;
    const leaves = event.key === "Escape" && !this.hidden && !event.target.closest("[popover]");
    if (!toggles && !leaves) return;
    event.preventDefault();
    event.stopPropagation();
    this.#button.click();
  }

  #show(shown) {
    this.hidden = !shown;
    this.#button.ariaPressed = String(shown);
  }
}

customElements.define("message-preview", MessagePreview);
