import { openSocket } from "./socket.js";

// The server is heard from every 20 s: twice it was not. Nobody is to be deceived for longer than 45 s.
const SILENCE_LIMIT_MS = 40_000;
const LISTEN_EVERY_MS = 4_000;
const HANDSHAKE_LIMIT_MS = 10_000;
const LONGEST_WAIT_MS = 5_000;
// htmx gives up on some close codes and cannot be called off on the others: its own return is put off for ever.
const NEVER_MS = 2 ** 31 - 1;
// After these codes coming back would end the same way.
const FINAL = { 4401: "signed-out", 4429: "too-many-tabs" };

/** Keeps the page's one socket open. htmx makes it and swaps in what it brings; when to come back is decided here. */
export class Connection {
  #element;
  #socket;
  #htmxSocket;
  #attempts = 0;
  #heardAt = 0;
  #timer;
  #state = "connecting";

  constructor(element) {
    this.#element = element;
    htmx.config.wsReconnectDelay = () => NEVER_MS;
    htmx.createWebSocket = (url) => this.#open(url);
    element.addEventListener("htmx:wsBeforeMessage", () => (this.#heardAt = Date.now()));
    element.addEventListener("htmx:wsOpen", (event) => this.#opened(event.detail));
    element.addEventListener("htmx:wsClose", (event) => this.#closed(event.detail));
    element.addEventListener("multichat:command", (event) => this.#send(event));
    element.addEventListener("multichat:connect", () => this.#reconnect());
    addEventListener("offline", () => this.#tell("offline"));
    addEventListener("online", () => this.#unlessFinal(() => this.#reconnect()));
    addEventListener("pageshow", () => this.#wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
    setInterval(() => this.#listen(), LISTEN_EVERY_MS);
  }

  #open(url) {
    const socket = openSocket(url);
    // Closing it here is a failed attempt like any other: #closed() hears of it.
    setTimeout(() => socket.readyState === WebSocket.CONNECTING && socket.close(), HANDSHAKE_LIMIT_MS);
    this.#heardAt = Date.now();
    return (this.#socket = socket);
  }

  #opened({ event, socketWrapper }) {
    this.#htmxSocket = socketWrapper;
    if (event.target !== this.#socket) return;
    this.#attempts = 0;
    this.#heardAt = Date.now();
    for (const timeline of this.#element.querySelectorAll("room-timeline")) timeline.join();
    this.#tell("connected");
  }

  #closed({ event, socketWrapper }) {
    this.#htmxSocket = socketWrapper;
    if (event.target !== this.#socket) return;
    if (event.code in FINAL) {
      this.#tell(FINAL[event.code]);
    } else {
      this.#tell(navigator.onLine ? "reconnecting" : "offline");
      const longest = Math.min(1000 * 2 ** this.#attempts++, LONGEST_WAIT_MS);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#reconnect(), Math.random() * longest);
    }
  }

  /** Whatever put the page to sleep is over: the socket may be gone, or dead without having noticed. */
  #wake() {
    if (document.hidden) return;
    if (this.#socket?.readyState === WebSocket.CLOSED) this.#unlessFinal(() => this.#reconnect());
    else this.#listen();
  }

  #listen() {
    const silent = Date.now() - this.#heardAt > SILENCE_LIMIT_MS;
    if (silent && this.#socket?.readyState === WebSocket.OPEN) this.#reconnect();
  }

  #reconnect() {
    clearTimeout(this.#timer);
    if (!this.#htmxSocket) return;
    if (this.#state !== "offline") this.#tell("reconnecting");
    // A dead peer answers no close: nobody waits for it, what the old socket still says is not heard.
    this.#socket.close();
    this.#htmxSocket.reconnect();
  }

  #send(event) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(event.detail));
    else event.preventDefault();
  }

  #unlessFinal(act) {
    if (!Object.values(FINAL).includes(this.#state)) act();
  }

  #tell(state) {
    this.#state = state;
    document.dispatchEvent(new CustomEvent("multichat:connection", { detail: { state } }));
  }
}
