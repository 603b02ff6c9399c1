// So early that whoever reads on seldom sees the link.
const NEAR_PX = 1000;

/**
 * A link from a timeline to other messages of its room. What is behind it is handed on; the link stays where it is, and
 * leads there without script.
 */
export class Way {
  #link;
  #timeline;
  #take;
  #asked;
  #observer;

  constructor(link, timeline, take) {
    this.#link = link;
    this.#timeline = timeline;
    this.#take = take;
    link.addEventListener("htmx:configRequest", ({ detail }) => (detail.path = this.#ask()));
    link.addEventListener("htmx:beforeSwap", ({ detail }) => this.#answered(detail));
    for (const failure of ["htmx:sendError", "htmx:responseError"]) {
      link.addEventListener(failure, () => link.classList.add("timeline__way--failed"));
    }
  }

  /** Where it leads to, and whether anything is there. */
  point(window, is) {
    const url = new URL(this.#link.href);
    for (const [name, ordinal] of Object.entries(window)) url.searchParams.set(name, ordinal);
    this.#link.href = url;
    this.#link.hidden = !is;
  }

  /** Follow it whenever the reader comes near from now on, once they scroll; at once if there is nothing to scroll. */
  watch(scroller) {
    const options = { root: scroller, rootMargin: `${NEAR_PX}px 0px` };
    this.#observer = new IntersectionObserver((seen) => seen.at(-1).isIntersecting && this.follow("near"), options);
    if (scroller.scrollHeight > scroller.clientHeight) {
      scroller.addEventListener("scroll", () => this.#look(), { once: true, passive: true });
    } else {
      this.#look();
    }
  }

  follow(event) {
    this.#link.dispatchEvent(new CustomEvent(event));
  }

  /** The observer tells of changes alone, and a short page may have left the link as near as it was. */
  #look() {
    this.#observer?.unobserve(this.#link);
    this.#observer?.observe(this.#link);
  }

  #ask() {
    this.#asked = this.#link.href;
    const url = new URL(this.#asked);
    url.hash = "";
    url.searchParams.delete("beside");
    return url.href;
  }

  #answered(detail) {
    detail.shouldSwap = false;
    if (detail.isError) return;
    const page = new DOMParser().parseFromString(detail.serverResponse, "text/html");
    const answer = page.getElementById(this.#timeline.id);
    // Another page came instead, such as the one to sign in: it says why.
    if (!answer) return location.assign(this.#link.href);
    this.#link.classList.remove("timeline__way--failed");
    // Meanwhile the timeline may have come to end elsewhere: this answer would leave a gap.
    if (this.#asked === this.#link.href) this.#take(answer);
    this.#look();
  }
}
