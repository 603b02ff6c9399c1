import { PageSign } from "./page-sign.js";
import { learn, newsOf } from "./room-state.js";

/**
 * How far each of one's rooms has come, and how far one has read it. What the page and each frame say of that is put into
 * this element; it is shown wherever a room stands on the page, and tells of each change by `multichat:states`.
 */
class RoomStates extends HTMLElement {
  #rooms = new Map();
  #sign = new PageSign();

  connectedCallback() {
    this.#take(this.children);
    new MutationObserver(() => this.children.length && this.#take(this.children)).observe(this, { childList: true });
    // They come anew in a frame that knows no reader.
    const lists = new MutationObserver(() => this.#show());
    for (const list of document.querySelectorAll("room-list")) lists.observe(list, { childList: true });
  }

  /** What is known of a room; without `lastRead` one is no member. */
  of(room) {
    if (!this.#rooms.has(room)) this.#rooms.set(room, {});
    return this.#rooms.get(room);
  }

  /** Take what the page itself finds out. */
  learn(room, said) {
    learn(this.of(room), said);
    this.#show();
  }

  #take(children) {
    for (const child of [...children]) {
      const { room, people, activity, ...said } = child.dataset;
      child.remove();
      if (people !== undefined && !people.split(" ").includes(this.dataset.person)) continue;
      const known = this.of(room);
      learn(known, said);
      // What came beside this may have been read already; who is no member has read nothing.
      const isNew = people !== undefined && !(Number(said.lastMention) <= known.lastRead);
      if (activity ?? isNew) this.dataset.activity = activity ?? true;
    }
    this.#show();
  }

  #show() {
    for (const badge of document.querySelectorAll("[data-room-unread]")) this.#showIn(badge);
    for (const menu of document.querySelectorAll("[data-room-notify]")) {
      const { notify } = this.of(menu.dataset.roomNotify);
      if (notify) menu.elements.level.value = notify;
    }
    this.#sign.show(this.#count());
    this.dispatchEvent(new CustomEvent("multichat:states"));
  }

  #showIn(badge) {
    const { mentioned, label } = newsOf(this.of(badge.dataset.roomUnread));
    badge.querySelector(".unread__count").textContent = label;
    badge.classList.toggle("unread--mention", mentioned);
    const link = badge.closest("a");
    link.classList.toggle(`${link.classList[0]}--unread`, label !== "");
  }

  /** Of the rooms in use that one sees: others may have been left, or taken away. */
  #count() {
    const badges = document.querySelectorAll("#room-list > .room-list [data-room-unread]");
    return [...badges].reduce((sum, badge) => sum + newsOf(this.of(badge.dataset.roomUnread)).count, 0);
  }
}

customElements.define("room-states", RoomStates);
