import { command } from "./command.js";
import { NewLine } from "./new-line.js";

// The server hears of a room at most so often.
const PAUSE_MS = 1000;
// Everybody who looks reads a message at once, and each writes it down: so many take turns, two hundred within a second.
const SPREAD_MS_PER_PERSON = 5;
// How much of what was read already is seen above the line.
const READ_SEEN = 0.2;

/**
 * How far the reader of a timeline has come. Whoever has its end in view, in a tab that they look at, has read it; for
 * whoever looks elsewhere a line stands before what is new. What was marked unread is not read by that.
 */
export class Reading {
  #timeline;
  #view;
  #states;
  #line;
  #mark;
  #read = 0;
  #told = 0;
  #pause;

  constructor(timeline, view) {
    this.#timeline = timeline;
    this.#view = view;
    this.#states = document.querySelector("room-states");
    this.#line = new NewLine(timeline);
    this.#mark = this.#known.mark;
    if ("atUnread" in timeline.dataset) view.bring(this.#line.element, READ_SEEN);
    const look = () => this.look();
    timeline.closest(".timeline__scroller").addEventListener("scroll", look, { passive: true });
    this.#states.addEventListener("multichat:states", look);
    for (const event of ["focus", "resize"]) addEventListener(event, look);
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#tell() : look()));
    document.addEventListener("multichat:connection", ({ detail }) => detail.state === "connected" && this.#tellAgain());
    document.addEventListener("keydown", (event) => this.#leaves(event) && this.#readAll());
    timeline.closest(".pane").addEventListener("multichat:sent", () => this.#readAgain());
    look();
  }

  /** Something came, or the reader moved. */
  look() {
    const { lastRead, mark } = this.#known;
    if (lastRead === undefined) return;
    this.#mark ??= mark;
    if (mark === this.#mark && this.#isLookedAt) this.#reach(this.#last);
    else this.#divide(lastRead, mark !== this.#mark);
  }

  get #known() {
    return this.#states.of(this.#timeline.dataset.room);
  }

  get #last() {
    return ordinalOf(this.#messages.at(-1));
  }

  get #messages() {
    return [...this.#timeline.querySelectorAll(":scope > [data-ordinal]")];
  }

  get #isLookedAt() {
    if (document.hidden || !document.hasFocus() || !this.#view.following) return false;
    const { left, right } = this.#timeline.getBoundingClientRect();
    return left < innerWidth && right > 0;
  }

  #reach(ordinal) {
    if (ordinal <= this.#known.lastRead) return;
    this.#read = ordinal;
    this.#states.learn(this.#timeline.dataset.room, { lastOrdinal: ordinal, lastRead: ordinal, mark: this.#mark });
    this.#wait(Math.random() * Math.min(PAUSE_MS, SPREAD_MS_PER_PERSON * this.#present));
  }

  get #present() {
    const { room } = this.#timeline.dataset;
    return Number(document.querySelector(`[data-room-present="${room}"]`)?.textContent ?? 0);
  }

  #wait(milliseconds) {
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      this.#tell();
    }, milliseconds);
  }

  #tell() {
    if (this.#read <= this.#told) return;
    const { room } = this.#timeline.dataset;
    if (!command(this.#timeline, { command: "read", room, ordinal: this.#read, mark: this.#mark })) return;
    this.#told = this.#read;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#wait(PAUSE_MS);
  }

  /** What was told last may have been lost with the socket. */
  #tellAgain() {
    this.#told = 0;
    this.#tell();
  }

  /** What one says oneself is not new to one, unless one marked it so. */
  #divide(lastRead, isMarked) {
    const messages = this.#messages;
    if (this.#timeline.dataset.earlier === "true" && ordinalOf(messages[0]) > lastRead + 1) return;
    const own = isMarked ? undefined : this.#states.dataset.person;
    const first = messages.find((message) => ordinalOf(message) > lastRead && message.dataset.authorId !== own);
    const standing = this.#line.message;
    const stands = standing && ordinalOf(standing) > lastRead && ordinalOf(standing) <= ordinalOf(first);
    if (first && !stands) this.#view.keep(() => this.#line.put(first));
  }

  /** Whatever was marked unread counts as it comes into view; what was told before that was taken back. */
  #readAgain() {
    const { mark } = this.#known;
    if (mark !== this.#mark) this.#told = 0;
    this.#mark = mark;
  }

  #leaves({ key, target, defaultPrevented, isComposing }) {
    if (key !== "Escape" || defaultPrevented || isComposing) return false;
    if (document.querySelector("dialog[open], :popover-open")) return false;
    const pane = this.#timeline.closest(".pane");
    return target.closest(".pane") === pane || (!target.closest(".pane") && pane.matches(":first-child"));
  }

  #readAll() {
    const { lastRead, lastOrdinal } = this.#known;
    if (this.#line.element) this.#view.keep(() => this.#line.remove());
    if (lastRead === undefined) return;
    this.#readAgain();
    this.#reach(Math.max(lastOrdinal ?? 0, this.#last));
    this.#tell();
  }
}

function ordinalOf(message) {
  return Number(message?.dataset.ordinal ?? 0);
}
