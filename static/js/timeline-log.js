import { arrange } from "./timeline-groups.js";

// What a page holds at most: it stays as quick at the end of a day, and of a long way up, as it was at first.
const LIMIT = 300;

/** The messages of a timeline: each ordinal once, in order, at its newest revision. */
export class Log {
  #timeline;

  constructor(timeline) {
    this.#timeline = timeline;
    this.messages.forEach(arrange);
  }

  get messages() {
    return [...this.#timeline.querySelectorAll(":scope > [data-ordinal]")];
  }

  get first() {
    return ordinalOf(this.messages[0]);
  }

  get last() {
    return ordinalOf(this.messages.at(-1));
  }

  /** Show a message of a frame, if its place is within what is loaded. */
  take(message) {
    const { previous, current, next } = this.#place(ordinalOf(message));
    if (!current) {
      if (!this.#holds(previous, next)) return;
      this.#timeline.insertBefore(message, next);
    } else if (revisionOf(message) > revisionOf(current)) {
      message.ariaCurrent = current.ariaCurrent;
      current.replaceWith(message);
    } else {
      return;
    }
    arrange(message);
    if (next) arrange(next);
  }

  /** Whether a message of this ordinal is here, or ought to be. */
  covers(ordinal) {
    const { previous, current, next } = this.#place(ordinal);
    return current !== null || this.#holds(previous, next);
  }

  /** Put a page above or below that goes on from what is there. */
  extend(page) {
    const { first, last } = this;
    const standing = this.messages[0];
    const earlier = page.filter((message) => ordinalOf(message) < first);
    const later = page.filter((message) => ordinalOf(message) > last);
    this.#timeline.prepend(...earlier);
    this.#timeline.append(...later);
    [...earlier, standing, ...later].forEach(arrange);
  }

  replace(page) {
    this.#timeline.replaceChildren(...page);
    page.forEach(arrange);
  }

  /**
   * Let go of what is beyond the limit, on the side that is farther from a message; without one that is the earlier.
   * Says which side it was, if any.
   */
  trim(ordinal) {
    const messages = this.messages;
    const spare = messages.length - LIMIT;
    if (spare <= 0) return undefined;
    const place = messages.findIndex((message) => message.dataset.ordinal === ordinal);
    if (place < 0 || place > messages.length / 2) {
      const first = messages[spare];
      while (this.#timeline.firstChild !== first) this.#timeline.firstChild.remove();
      arrange(first);
      return "earlier";
    }
    const last = messages.at(-spare - 1);
    while (this.#timeline.lastChild !== last) this.#timeline.lastChild.remove();
    return "later";
  }

  /** From the end, where nearly everything happens. */
  #place(ordinal) {
    const messages = this.messages;
    let index = messages.length;
    while (index > 0 && ordinalOf(messages[index - 1]) > ordinal) index -= 1;
    const next = messages[index] ?? null;
    const previous = messages[index - 1] ?? null;
    const current = previous && ordinalOf(previous) === ordinal ? previous : null;
    return { previous, current, next };
  }

  #holds(previous, next) {
    const { newest, earlier } = this.#timeline.dataset;
    if (!next) return newest === "true";
    return previous !== null || earlier === "false";
  }
}

/** Zero for none, before all others. */
function ordinalOf(message) {
  return Number(message?.dataset.ordinal ?? 0);
}

function revisionOf(message) {
  return Number(message.dataset.revision);
}
