import { Outbox } from "./outbox.js";
import { PendingList } from "./pending-list.js";

/** Below the timeline: what one has sent and has not seen come back, and what one can do about it. */
class PendingMessages extends HTMLElement {
  #pane;
  #timeline;
  #list;
  #outbox;
  #gone = new AbortController();

  connectedCallback() {
    const { signal } = this.#gone;
    this.#pane = this.closest(".pane");
    this.#timeline = this.#pane.querySelector("room-timeline");
    this.#list = new PendingList(this);
    this.#outbox = new Outbox(this, () => this.#show(), signal);
    this.addEventListener("click", (event) => this.#clicked(event));
    this.#pane.addEventListener("multichat:send", ({ detail }) => this.#outbox.post(detail));
    this.#pane.addEventListener("multichat:arrived", ({ detail }) => this.#arrived(detail));
    document.addEventListener("multichat:refused", (event) => this.#refused(event), { signal });
    this.#arrived({ messages: this.#pane.querySelectorAll("[data-client-id]") });
    this.#show();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  #arrived({ messages, reset }) {
    for (const { dataset } of messages) this.#outbox.take(dataset.clientId);
    // It may be stored and too old for the page that the reset brought.
    if (reset) this.#outbox.sendAll();
    this.#list.arrange();
  }

  #refused(event) {
    // It is told at the message, and nowhere else.
    if (this.#outbox.refuse(event.detail)) event.preventDefault();
  }

  #clicked({ target, detail: clicks }) {
    const act = target.closest("button")?.value;
    if (!act) return;
    const article = target.closest("article");
    const next = this.#list.after(article);
    const clientId = article.dataset.pending;
    if (act === "edit") this.#edit(clientId);
    else this.#outbox[act](clientId);
    // Clicks by key have no count. Whoever goes by keyboard goes on from where they are.
    if (clicks === 0 && act !== "edit") this.#focus(article, next, act);
  }

  #edit(clientId) {
    this.#pane.dispatchEvent(new CustomEvent("multichat:back", { detail: this.#outbox.take(clientId) }));
  }

  #focus(article, next, act) {
    const other = { discard: "undo", undo: "discard" }[act];
    const button = (other ? article : next)?.querySelector(`[value="${other ?? act}"]`);
    (button ?? this.#pane.querySelector("message-composer textarea"))?.focus();
  }

  #show() {
    this.#timeline.keep(() => this.#list.show(this.#outbox.entries));
  }
}

customElements.define("pending-messages", PendingMessages);
