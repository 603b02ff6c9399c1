import { arrange } from "./timeline-groups.js";

/** The line before the first message of a timeline that its reader had not read. */
export class NewLine {
  #timeline;

  constructor(timeline) {
    this.#timeline = timeline;
  }

  get element() {
    return this.#timeline.querySelector(":scope > .new-line");
  }

  /** Before which message it stands. */
  get message() {
    let next = this.element?.nextElementSibling;
    while (next && !next.matches("[data-ordinal]")) next = next.nextElementSibling;
    return next ?? null;
  }

  put(message) {
    const line = this.element ?? this.#make();
    const standing = this.message;
    // Above the line of its day.
    const divider = message.previousElementSibling;
    this.#timeline.insertBefore(line, divider?.matches("day-divider") ? divider : message);
    for (const each of [standing, message]) if (each) arrange(each);
  }

  remove() {
    const standing = this.message;
    this.element?.remove();
    if (standing) arrange(standing);
  }

  #make() {
    const line = document.createElement("p");
    line.className = "new-line";
    line.id = `room-${this.#timeline.dataset.room}-new`;
    line.textContent = "New";
    return line;
  }
}
