/** What a person wrote in a room of this tab and nobody has acknowledged yet; it outlives the page, not the tab. */
export class Outbox {
  #key;
  #messages;

  constructor(person, room) {
    this.#key = `outbox:${person}:${room}`;
    this.#messages = JSON.parse(sessionStorage.getItem(this.#key) ?? "[]");
  }

  get messages() {
    return [...this.#messages];
  }

  add(message) {
    this.#store([...this.#messages, message]);
  }

  /** Take a message out. Undefined if it is not one of these. */
  take(clientId) {
    const message = this.#messages.find((each) => each.client_id === clientId);
    if (message) this.#store(this.#messages.filter((each) => each !== message));
    return message;
  }

  #store(messages) {
    this.#messages = messages;
    if (messages.length) sessionStorage.setItem(this.#key, JSON.stringify(messages));
    else sessionStorage.removeItem(this.#key);
  }
}
