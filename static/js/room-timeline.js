import { command } from "./command.js";
import { History } from "./timeline-history.js";
import { Log } from "./timeline-log.js";
import { addNotice } from "./timeline-notices.js";
import { View } from "./timeline-view.js";

/**
 * A room's messages. It applies the frames of the room's log itself, so that after any history it holds what a fresh
 * page would; `data-revision` is its cursor, the last revision that came, shown or not.
 */
class RoomTimeline extends HTMLElement {
  #log;
  #view;
  #history;

  connectedCallback() {
    this.#log = new Log(this);
    this.#view = new View(this);
    this.#history = new History(this, (messages) => this.#view.keep(() => this.#log.prepend(messages)));
    this.addEventListener("htmx:oobBeforeSwap", (event) => this.#receive(event));
    this.closest(".pane").addEventListener("multichat:sent", () => this.#view.toEnd());
  }

  /** Ask for whatever changed since; the connection calls it each time it opens. */
  join() {
    command(this, { command: "join", room: this.dataset.room, after: this.#history.after });
  }

  /** Change what stands around it without moving what the reader looks at. */
  keep(change) {
    this.#view.keep(change);
  }

  #receive({ target, detail }) {
    if (target !== this) return;
    detail.shouldSwap = false;
    const frame = detail.fragment;
    const messages = [...frame.querySelectorAll(".message")];
    const reset = frame.dataset.frame === "reset";
    this.#view.keep(() => {
      this.#apply(frame.dataset, messages, frame);
      // What waited below for these messages goes at the same time.
      this.closest(".pane").dispatchEvent(new CustomEvent("multichat:arrived", { detail: { messages, reset } }));
    });
  }

  #apply({ frame: kind, revision, earlier }, messages, frame) {
    if (kind === "reset") {
      this.#reset(messages, revision, earlier);
    } else if (kind === "notice") {
      if (this.dataset.newest === "true") addNotice(this, frame.querySelector(".notice"));
    } else {
      messages.forEach((message) => this.#log.take(message));
      this.#move(revision);
      if (kind === "upsert") this.#history.caughtUp(revision);
      else this.#appended();
    }
  }

  #appended() {
    this.#view.arrived();
    if (this.#view.atEnd && this.#log.trim()) this.#history.earlier = true;
  }

  #reset(messages, revision, earlier) {
    this.#log.replace(messages);
    Object.assign(this.dataset, { revision, newest: true });
    this.#history.earlier = earlier === "true";
    this.#history.forget();
    this.#view.toEnd();
  }

  #move(revision) {
    this.dataset.revision = Math.max(this.dataset.revision, revision);
  }
}

customElements.define("room-timeline", RoomTimeline);
