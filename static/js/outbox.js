import { command } from "./command.js";

/**
 * What a person sent to a room and has not seen come back. It is sent again at each connection, under the same client
 * id, so that it is stored once; it outlives the page, not the tab.
 */
export class Outbox {
  #composer;
  #pane;
  #key;
  #messages;

  constructor(composer, signal) {
    const { person, room } = composer.dataset;
    this.#composer = composer;
    this.#pane = composer.closest(".pane");
    this.#key = `outbox:${person}:${room}`;
    this.#messages = JSON.parse(sessionStorage.getItem(this.#key) ?? "[]");
    this.#arrived({ messages: [...this.#pane.querySelectorAll("[data-client-id]")] });
    this.#pane.addEventListener("multichat:arrived", ({ detail }) => this.#arrived(detail), { signal });
    document.addEventListener("multichat:connection", ({ detail }) => this.#connection(detail.state), { signal });
  }

  post(message) {
    this.#keep([...this.#messages, message]);
    this.#send(message);
  }

  /** Take a message out. Undefined if it is not one of these. */
  take(clientId) {
    const message = this.#messages.find((each) => each.client_id === clientId);
    if (message) this.#keep(this.#messages.filter((each) => each !== message));
    return message;
  }

  #arrived({ messages, reset }) {
    for (const { dataset } of messages) this.take(dataset.clientId);
    // It may be stored and too old for the page that the reset brought.
    if (reset) this.#sendAll();
  }

  #connection(state) {
    if (state === "connected") this.#sendAll();
  }

  #sendAll() {
    this.#messages.forEach((message) => this.#send(message));
  }

  #send(message) {
    command(this.#composer, { command: "send", room: this.#composer.dataset.room, ...message });
  }

  #keep(messages) {
    this.#messages = messages;
    if (messages.length) sessionStorage.setItem(this.#key, JSON.stringify(messages));
    else sessionStorage.removeItem(this.#key);
    this.tell();
  }

  /** Let the pane show what waits. */
  tell() {
    this.#pane.dispatchEvent(new CustomEvent("multichat:pending", { detail: { messages: this.#messages } }));
  }
}
