import { command } from "./command.js";

/** The way from a timeline to its earlier messages: a link, whose answer is put above them. */
export class History {
  #timeline;
  #link;
  #beginning;
  #owed;

  constructor(timeline, show) {
    const column = timeline.closest(".timeline__column");
    this.#timeline = timeline;
    this.#link = column.querySelector(".timeline__earlier");
    this.#beginning = column.querySelector(".timeline__start");
    this.#link.addEventListener("htmx:configRequest", ({ detail }) => (detail.path = this.#link.href));
    for (const failure of ["htmx:sendError", "htmx:responseError"]) {
      this.#link.addEventListener(failure, () => this.#link.classList.add("timeline__earlier--failed"));
    }
    timeline.addEventListener("htmx:beforeSwap", (event) => this.#answered(event, show));
  }

  /** From which revision to catch up: the cursor, or further back if what was loaded since is older than it. */
  get after() {
    return Math.min(this.#timeline.dataset.revision, this.#owed?.after ?? Infinity);
  }

  /** Whether there are earlier messages than those above which the link stands. */
  set earlier(is) {
    this.#timeline.dataset.earlier = is;
    this.#link.hidden = !is;
    this.#beginning.hidden = is;
    const first = this.#timeline.querySelector(":scope > [data-ordinal]");
    const url = new URL(this.#link.href);
    url.searchParams.set("before", first?.dataset.ordinal ?? 0);
    this.#link.href = url;
  }

  /** A catch-up has come this far. */
  caughtUp(revision) {
    if (this.#owed && Number(revision) >= this.#owed.until) this.forget();
  }

  forget() {
    this.#owed = undefined;
  }

  #answered({ target, detail }, show) {
    if (target !== this.#timeline) return;
    detail.shouldSwap = false;
    if (detail.isError) return;
    const answer = new DOMParser().parseFromString(detail.serverResponse, "text/html").getElementById(this.#timeline.id);
    if (answer) this.#load(answer, show);
    // Another page came instead, such as the one to sign in: it says why.
    else location.assign(this.#link.href);
  }

  #load(answer, show) {
    this.#link.classList.remove("timeline__earlier--failed");
    show([...answer.querySelectorAll(":scope > [data-ordinal]")]);
    this.earlier = answer.dataset.earlier === "true";
    const revision = Number(answer.dataset.revision);
    const cursor = Number(this.#timeline.dataset.revision);
    if (revision >= cursor) return;
    // It was read before changes that this timeline has already passed: they come again, and are owed until they have.
    this.#owed = { after: Math.min(revision, this.after), until: cursor };
    command(this.#timeline, { command: "join", room: this.#timeline.dataset.room, after: this.#owed.after });
  }
}
