import { paint, pendingMessage } from "./pending-message.js";
import { arrange } from "./timeline-groups.js";

/**
 * The messages of an outbox, as they stand below the timeline: first what will go on there, then what is not sent.
 * Between the two is the note of what the first wait for.
 */
export class PendingList {
  #list;
  #note;
  #message;
  #failure;

  constructor(element) {
    this.#list = element.querySelector(".pending__messages");
    this.#note = element.querySelector("waiting-note");
    [this.#message, this.#failure] = element.querySelectorAll("template");
  }

  show(entries) {
    for (const article of this.#articles) if (!entries.some((entry) => shows(article, entry))) article.remove();
    for (const entry of entries) this.#show(entry);
    this.arrange();
  }

  /** As they follow the timeline's last message, and each other. */
  arrange() {
    for (const divider of this.#list.querySelectorAll("day-divider")) divider.remove();
    this.#articles.forEach(arrange);
    const failed = this.#articles.filter((article) => article.matches(".message--failed:not(.message--discarded)"));
    failed.forEach((article, index) => article.classList.toggle("message--failed-alike", alike(article, failed[index + 1])));
  }

  /** The next one that is not sent. */
  after(article) {
    const failed = this.#articles.filter((each) => each.matches(".message--failed"));
    return failed[failed.indexOf(article) + 1];
  }

  get #articles() {
    return [...this.#list.querySelectorAll("article")];
  }

  #show(entry) {
    const shown = this.#articles.find((each) => shows(each, entry));
    if (shown?.dataset.state === entry.state) return;
    const article = shown ?? pendingMessage(this.#message, entry);
    const stays = article.matches(".message--failed") && entry.state !== "waiting";
    paint(article, this.#failure, entry);
    // One that is moved would lose the focus.
    if (entry.state === "waiting") this.#note.before(article);
    else if (!stays) this.#list.append(article);
  }
}

function alike(one, next) {
  const [why, other] = [one, next].map((article) => article?.querySelector(".failure__why").textContent);
  return why === other;
}

/** One that is sent again is another: its time is. */
function shows(article, { message, at }) {
  return article.dataset.pending === message.client_id && article.dataset.at === String(at);
}
