// Nothing that is over sooner is worth a word; the first connection of a page never is.
const PATIENCE_MS = 300;
const FIRST_PATIENCE_MS = 2000;

/** Says how the connection is, with the sentence of the page that bears the state's name. */
class ConnectionState extends HTMLElement {
  #timer;

  connectedCallback() {
    document.addEventListener("multichat:connection", this);
    this.querySelector("[data-connect]").addEventListener("click", () =>
      this.dispatchEvent(new CustomEvent("multichat:connect", { bubbles: true })),
    );
    this.#show("connecting", FIRST_PATIENCE_MS);
  }

  disconnectedCallback() {
    document.removeEventListener("multichat:connection", this);
  }

  handleEvent({ detail: { state } }) {
    this.#show(state, state === "connected" ? 0 : PATIENCE_MS);
  }

  #show(state, patience) {
    if (this.dataset.state === state) return;
    this.dataset.state = state;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.dataset.shown = state), this.dataset.shown === "connected" ? patience : 0);
  }
}

customElements.define("connection-state", ConnectionState);
