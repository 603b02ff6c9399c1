// What arrives sooner was never seen waiting.
const PATIENCE_MS = 300;

/** Below the timeline: what one has sent and has not seen come back. */
class PendingMessages extends HTMLElement {
  #messages = [];
  #timer;

  connectedCallback() {
    this.closest(".pane").addEventListener("multichat:pending", ({ detail }) => this.#pend(detail.messages));
  }

  #pend(messages) {
    this.#messages = messages;
    for (const shown of this.querySelectorAll("article")) {
      if (!messages.some((message) => message.client_id === shown.dataset.pending)) shown.remove();
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(), PATIENCE_MS);
  }

  #show() {
    for (const { client_id: clientId, body } of this.#messages) {
      if (this.querySelector(`[data-pending="${CSS.escape(clientId)}"]`)) continue;
      const message = this.querySelector("template").content.firstElementChild.cloneNode(true);
      message.dataset.pending = clientId;
      message.querySelector(".message__body").textContent = body;
      this.append(message);
    }
  }
}

customElements.define("pending-messages", PendingMessages);
