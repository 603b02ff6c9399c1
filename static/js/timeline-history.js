import { command } from "./command.js";
import { Way } from "./timeline-way.js";

// By then a screen reader has passed over what was changed.
const UNHEARD_MS = 500;

/**
 * The window that a timeline is on its room's messages: where it begins and ends, and the ways to the earlier, the later
 * and the newest ones.
 */
export class History {
  #timeline;
  #log;
  #view;
  #earlier;
  #later;
  #newest;
  #beginning;
  #owed;

  constructor(timeline, log, view) {
    const whole = timeline.closest(".timeline");
    const jump = whole.querySelector(".timeline__newest");
    const way = (side) =>
      new Way(whole.querySelector(`.timeline__way--${side}`), timeline, (answer) => this.#extend(side, answer));
    this.#timeline = timeline;
    this.#log = log;
    this.#view = view;
    this.#beginning = whole.querySelector(".timeline__start");
    this.#earlier = way("earlier");
    this.#later = way("later");
    this.#newest = new Way(jump, timeline, (answer) => this.#leave(answer, jump.href));
    for (const each of [this.#earlier, this.#later]) each.watch(timeline.closest(".timeline__scroller"));
    jump.addEventListener("click", (event) => {
      event.preventDefault();
      this.toNewest();
    });
  }

  /** From which revision to catch up: the cursor, or further back if what was loaded since is older than it. */
  get after() {
    return Math.min(this.#timeline.dataset.revision, this.#owed?.after ?? Infinity);
  }

  toNewest() {
    if (this.#timeline.dataset.newest === "true") this.#view.toEnd();
    else this.#newest.follow("jump");
  }

  /** The latest page whole, in place of what was there. */
  reset(messages, earlier) {
    this.#replace(messages, earlier);
    this.#owed = undefined;
  }

  /** A catch-up has come this far. */
  caughtUp(revision) {
    if (this.#owed && Number(revision) >= this.#owed.until) this.#owed = undefined;
  }

  /** Let go of what has become too much, away from the message that the reader looks at. */
  trim(ordinal) {
    const side = this.#log.trim(ordinal);
    if (side) this.#goesOn(side, true);
  }

  #extend(side, answer) {
    this.#timeline.ariaLive = "off";
    setTimeout(() => (this.#timeline.ariaLive = null), UNHEARD_MS);
    const { earlier, newest } = answer.dataset;
    this.#view.keep((ordinal) => {
      this.#log.extend(messagesOf(answer));
      this.#goesOn(side, side === "earlier" ? earlier === "true" : newest !== "true");
      this.trim(ordinal);
    });
    this.comeUp(answer.dataset.revision);
  }

  #leave(answer, url) {
    this.#replace(messagesOf(answer), answer.dataset.earlier);
    this.comeUp(answer.dataset.revision);
    // Only the first room's place is in the page's address.
    if (this.#timeline.closest(".pane").matches(":first-child")) history.replaceState(null, "", url);
  }

  #replace(messages, earlier) {
    this.#log.replace(messages);
    this.#goesOn("earlier", earlier === "true");
    this.#goesOn("later", false);
    this.#view.toEnd();
  }

  /** Whether there are more messages on this side of those that the timeline holds. */
  #goesOn(side, is) {
    const { first, last } = this.#log;
    if (side === "earlier") {
      this.#timeline.dataset.earlier = is;
      this.#beginning.hidden = is;
      this.#earlier.point({ before: first }, is);
    } else {
      this.#timeline.dataset.newest = !is;
      this.#later.point({ after: last }, is);
    }
  }

  /** Something here is of before changes that the timeline has passed: they come again, and are owed until they have. */
  comeUp(revision) {
    const { room, revision: cursor } = this.#timeline.dataset;
    if (Number(revision) >= Number(cursor)) return;
    this.#owed = { after: Math.min(revision, this.after), until: Number(cursor) };
    command(this.#timeline, { command: "join", room, after: this.#owed.after });
  }
}

function messagesOf(answer) {
  return [...answer.querySelectorAll(":scope > [data-ordinal]")];
}
