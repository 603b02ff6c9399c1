import { arrange } from "./timeline-groups.js";

// A page that is open all day lets go of its oldest messages: they are behind "Earlier messages" again.
const TRIMMED_AT = 400;
const KEPT = 250;

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

  /** Show a message of a frame, if its place is within what is loaded. */
  take(message) {
    const { previous, current, next } = this.#place(ordinalOf(message));
    if (!current) {
      if (!this.#holds(previous, next)) return;
      this.#timeline.insertBefore(message, next);
    } else if (revisionOf(message) > revisionOf(current)) {
      current.replaceWith(message);
    } else {
      return;
    }
    arrange(message);
    if (next) arrange(next);
  }

  /** Put an earlier page above. */
  prepend(page) {
    const [first] = this.messages;
    const earlier = first ? page.filter((message) => ordinalOf(message) < ordinalOf(first)) : page;
    this.#timeline.prepend(...earlier);
    [...earlier, first].filter(Boolean).forEach(arrange);
  }

  replace(page) {
    this.#timeline.replaceChildren(...page);
    page.forEach(arrange);
  }

  /** True if there were so many that the oldest had to go. */
  trim() {
    const messages = this.messages;
    if (messages.length <= TRIMMED_AT) return false;
    const first = messages.at(-KEPT);
    while (this.#timeline.firstChild !== first) this.#timeline.firstChild.remove();
    arrange(first);
    return true;
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

function ordinalOf(message) {
  return Number(message.dataset.ordinal);
}

function revisionOf(message) {
  return Number(message.dataset.revision);
}
