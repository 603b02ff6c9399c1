import { command } from "./command.js";
import { History } from "./timeline-history.js";
import { Log } from "./timeline-log.js";
import { addNotice } from "./timeline-notices.js";
import { applyPart, quoteAnew } from "./timeline-parts.js";
import { Reading } from "./timeline-reading.js";
import { View } from "./timeline-view.js";

/**
 * A room's messages. It applies the frames of the room's log itself, so that after any history it holds what a fresh
 * page would; `data-revision` is its cursor, the last revision that came, shown or not.
 */
class RoomTimeline extends HTMLElement {
  #log;
  #view;
  #history;
  #reading;

  connectedCallback() {
    this.#log = new Log(this);
    this.#view = new View(this);
    this.#history = new History(this, this.#log, this.#view);
    this.#reading = new Reading(this, this.#view);
    this.addEventListener("htmx:oobBeforeSwap", (event) => this.#receive(event));
    this.closest(".pane").addEventListener("multichat:sent", () => this.#history.toNewest());
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
    this.#view.keep((ordinal) => {
      this.#apply(frame.dataset, messages, frame);
      this.#history.trim(ordinal);
      // What waited below for these messages goes at the same time.
      this.closest(".pane").dispatchEvent(new CustomEvent("multichat:arrived", { detail: { messages, reset } }));
    });
    this.#reading.look();
  }

  #apply({ frame: kind, revision, earlier }, messages, frame) {
    this.dataset.lastOrdinal = Math.max(this.dataset.lastOrdinal, ...messages.map(({ dataset }) => dataset.ordinal));
    if (kind === "reset") {
      this.dataset.revision = revision;
      this.#history.reset(messages, earlier);
    } else if (kind === "notice") {
      if (this.dataset.newest === "true") addNotice(this, frame.querySelector(".notice"));
    } else if (kind === "content" || kind === "reactions") {
      this.#move(revision);
      const { ordinal, previous } = frame.dataset;
      if (!applyPart(this, frame) && this.#log.covers(Number(ordinal))) this.#history.comeUp(previous);
      quoteAnew(this, frame);
    } else {
      messages.forEach((message) => this.#log.take(message));
      quoteAnew(this, frame);
      this.#move(revision);
      if (kind === "upsert") this.#history.caughtUp(revision);
    }
  }

  #move(revision) {
    this.dataset.revision = Math.max(this.dataset.revision, revision);
  }
}

customElements.define("room-timeline", RoomTimeline);
