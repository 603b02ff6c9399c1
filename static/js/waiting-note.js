// No wait that is over sooner is worth a word.
const PATIENCE_MS = 300;

/** Says that what is pending waits for the connection. Whether something is pending is the stylesheet's to see. */
class WaitingNote extends HTMLElement {
  #timeline;
  #timer;

  connectedCallback() {
    this.#timeline = this.closest(".pane").querySelector("room-timeline");
    document.addEventListener("multichat:connection", this);
    this.#showIf(true);
  }

  disconnectedCallback() {
    document.removeEventListener("multichat:connection", this);
  }

  handleEvent({ detail: { state } }) {
    this.#showIf(state !== "connected");
  }

  #showIf(waits) {
    clearTimeout(this.#timer);
    const show = () => this.#timeline.keep(() => (this.firstElementChild.hidden = !waits));
    this.#timer = setTimeout(show, waits ? PATIENCE_MS : 0);
  }
}

customElements.define("waiting-note", WaitingNote);
