const AT_END_PX = 24;

/** Where the reader is in a timeline: at its end, which stays in view, or at a place that does not move. */
export class View {
  #timeline;
  #scroller;
  #jump;
  #seen;
  #held = {};

  constructor(timeline) {
    this.#timeline = timeline;
    this.#scroller = timeline.closest(".timeline__scroller");
    this.#jump = timeline.closest(".timeline").querySelector(".timeline__newest");
    this.#seen = timeline.dataset.lastOrdinal;
    this.#scroller.addEventListener("scroll", () => this.#show(), { passive: true });
    // Where a link with a fragment leads without script, too.
    timeline.querySelector(":scope > [aria-current]")?.scrollIntoView({ block: "start" });
    this.#show();
  }

  /** Whether the newest message is in view. The scroller is upside down: its end is 0, and above it is negative. */
  get following() {
    return this.#timeline.dataset.newest === "true" && this.#scroller.scrollTop > -AT_END_PX;
  }

  /** Bring something into view, with so much of the view above it. */
  bring(element, share) {
    const { top, height } = this.#scroller.getBoundingClientRect();
    this.#scroller.scrollTop += element.getBoundingClientRect().top - top - height * share;
    this.#show();
  }

  toEnd() {
    this.#scroller.scrollTop = 0;
    this.#show();
  }

  /**
   * Change the timeline under the reader's eyes without moving what they look at. The change is told the ordinal of
   * that, or nothing if the reader follows the newest.
   */
  keep(change) {
    if (this.following) {
      change();
      this.toEnd();
    } else {
      this.#held = this.#lookedAt();
      const { ordinal, top } = this.#held;
      change(ordinal);
      const moved = this.#find(ordinal);
      if (moved) this.#scroller.scrollTop += moved.getBoundingClientRect().top - top;
      this.#show();
    }
  }

  /** A scroller knows whole pixels: where a message was to be goes on from there, lest it creep by the rest of many. */
  #lookedAt() {
    const standing = this.#find(this.#held.ordinal);
    const stands = standing && Math.abs(standing.getBoundingClientRect().top - this.#held.top) < 1;
    return stands ? this.#held : this.#firstInView();
  }

  /** The first that begins in view, so that one which ends there may shrink and grow; or else the one that fills it. */
  #firstInView() {
    const { top, bottom } = this.#scroller.getBoundingClientRect();
    let filling = {};
    for (const message of this.#timeline.querySelectorAll(":scope > [data-ordinal]")) {
      const place = message.getBoundingClientRect();
      if (place.bottom <= top) continue;
      const seen = { ordinal: message.dataset.ordinal, top: place.top };
      if (place.top >= top) return place.top < bottom ? seen : filling;
      filling = seen;
    }
    return filling;
  }

  #find(ordinal) {
    return this.#timeline.querySelector(`:scope > [data-ordinal="${ordinal}"]`);
  }

  #show() {
    const all = this.following;
    if (all) this.#seen = this.#timeline.dataset.lastOrdinal;
    const unseen = this.#timeline.dataset.lastOrdinal - this.#seen;
    this.#jump.hidden = all;
    this.#jump.querySelector(".timeline__unseen").textContent = unseen ? `${unseen} new` : "";
  }
}
