const AT_END_PX = 24;

/** Where the reader is in a timeline: at its end, which stays in view, or at a place that does not move. */
export class View {
  #timeline;
  #scroller;
  #jump;
  #unseen = 0;

  constructor(timeline) {
    this.#timeline = timeline;
    this.#scroller = timeline.closest(".timeline__scroller");
    this.#jump = timeline.closest(".timeline").querySelector(".timeline__newest");
    this.#scroller.addEventListener("scroll", () => this.#show(), { passive: true });
    this.#jump.addEventListener("click", (event) => this.#jumped(event));
    this.#show();
  }

  // The scroller is upside down: its end is 0, and above it is negative.
  get atEnd() {
    return this.#scroller.scrollTop > -AT_END_PX;
  }

  toEnd() {
    this.#scroller.scrollTop = 0;
    this.#show();
  }

  /** Change the timeline under the reader's eyes without moving what they look at. */
  keep(change) {
    if (this.atEnd) {
      change();
      this.toEnd();
    } else {
      const { ordinal, top } = this.#firstInView();
      change();
      const moved = this.#timeline.querySelector(`[data-ordinal="${ordinal}"]`);
      if (moved) this.#scroller.scrollTop += moved.getBoundingClientRect().top - top;
      this.#show();
    }
  }

  /** Something came at the end; is it in view? */
  arrived() {
    if (this.atEnd && this.#timeline.dataset.newest === "true") return;
    this.#unseen += 1;
    this.#show();
  }

  #firstInView() {
    const { top } = this.#scroller.getBoundingClientRect();
    for (const message of this.#timeline.querySelectorAll(":scope > [data-ordinal]")) {
      const place = message.getBoundingClientRect();
      if (place.bottom > top) return { ordinal: message.dataset.ordinal, top: place.top };
    }
    return {};
  }

  #show() {
    const all = this.atEnd && this.#timeline.dataset.newest === "true";
    if (all) this.#unseen = 0;
    this.#jump.hidden = all;
    this.#jump.querySelector("span").textContent = this.#unseen ? `${this.#unseen} new` : "";
  }

  // On a page of history it stays what it is, a link to the newest.
  #jumped(event) {
    if (this.#timeline.dataset.newest !== "true") return;
    event.preventDefault();
    this.toEnd();
  }
}
