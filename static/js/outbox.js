import { command } from "./command.js";
import { Timers } from "./timers.js";
import { Unsent } from "./unsent.js";

// An answer takes milliseconds: whoever waits this long is told.
const ANSWER_LIMIT_MS = 10_000;
const UNDO_LIMIT_MS = 10_000;
// What was left for longer may be out of place by now: a page that opens does not send it unasked.
const STALE_MS = 5 * 60_000;

/**
 * What a person sent to a room and has not seen come back: entries `{ message, at, state, why }`, where the message holds
 * the command's fields.
 *
 * It is `waiting`, or `unanswered` for too long: both are sent again at each connection, under the same client id, so
 * that they are stored once. It was `refused`, and why, or `left` when the room was last open: its author says what
 * becomes of it. `discarded`, it can be had back for a while.
 */
export class Outbox {
  #element;
  #changed;
  #unsent;
  #entries = new Map();
  #timers = new Timers();
  #connected = false;

  constructor(element, changed, signal) {
    this.#element = element;
    this.#changed = changed;
    this.#unsent = new Unsent("message", element.dataset);
    this.#unsent.names.forEach((clientId) => this.#load(clientId));
    this.#unsent.follow((text, clientId) => text === null && this.take(clientId), signal);
    document.addEventListener("multichat:connection", ({ detail }) => this.#connection(detail.state), { signal });
  }

  /** Oldest first. */
  get entries() {
    return [...this.#entries.values()].sort((one, other) => one.at - other.at);
  }

  post(message) {
    const at = Math.max(Date.now(), ...this.entries.map((entry) => entry.at + 1));
    this.#send({ message, at });
  }

  retry(clientId) {
    this.post(this.#entries.get(clientId).message);
  }

  /** The server will not have it. False if it is not one of these. */
  refuse({ clientId, code, why }) {
    const entry = this.#entries.get(clientId);
    // It goes with the connection that signing in again brings.
    if (entry?.state === "waiting" && code !== "USER_HAS_TO_LOGIN") this.#settle({ ...entry, state: "refused", why });
    return entry !== undefined;
  }

  discard(clientId) {
    const entry = this.#entries.get(clientId);
    // Stored as it was: whoever loads the page meanwhile has it back.
    this.#entries.set(clientId, { ...entry, state: "discarded", was: entry });
    this.#timers.start(clientId, UNDO_LIMIT_MS, () => this.take(clientId));
    this.#changed();
  }

  undo(clientId) {
    this.#settle(this.#entries.get(clientId).was);
  }

  /** Take a message out. Undefined if it is not one of these. */
  take(clientId) {
    const entry = this.#entries.get(clientId);
    if (!entry) return undefined;
    this.#timers.stop(clientId);
    this.#entries.delete(clientId);
    this.#unsent.write("", clientId);
    this.#changed();
    return entry.message;
  }

  sendAll() {
    this.entries.filter(({ state }) => ["waiting", "unanswered"].includes(state)).forEach((entry) => this.#send(entry));
  }

  #load(clientId) {
    const entry = JSON.parse(this.#unsent.read(clientId));
    if (entry.state !== "refused" && Date.now() - entry.at > STALE_MS) entry.state = "left";
    this.#entries.set(clientId, entry);
  }

  #connection(state) {
    this.#connected = state === "connected";
    if (this.#connected) this.sendAll();
    else this.#timers.stop(...this.entries.filter((entry) => entry.state === "waiting").map(idOf));
  }

  #send({ message, at }) {
    const entry = { message, at, state: "waiting" };
    this.#settle(entry);
    const sent = command(this.#element, { command: "send", room: this.#element.dataset.room, ...message });
    if (!sent || !this.#connected) return;
    this.#timers.start(idOf(entry), ANSWER_LIMIT_MS, () => this.#settle({ ...entry, state: "unanswered" }));
  }

  #settle(entry) {
    this.#timers.stop(idOf(entry));
    this.#entries.set(idOf(entry), entry);
    this.#unsent.write(JSON.stringify(entry), idOf(entry));
    this.#changed();
  }
}

function idOf({ message }) {
  return message.client_id;
}
