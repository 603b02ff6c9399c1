/** What a tab shows of itself while another one is looked at: how much is new, in its title and by a dot in its icon. */
export class PageSign {
  #title = document.querySelector("title");
  #icon = document.querySelector("link[rel=icon]");
  #read = this.#icon.href;
  #name = this.#title.textContent;
  #count = 0;
  // A room's new name comes in a frame.
  #renamed = new MutationObserver(() => this.#rename());

  constructor() {
    this.#renamed.observe(this.#title, { childList: true });
  }

  show(count) {
    if (this.#renamed.takeRecords().length) this.#name = this.#title.textContent;
    if (count === this.#count) return;
    this.#count = count;
    this.#icon.href = count ? this.#icon.dataset.unread : this.#read;
    this.#write();
  }

  #rename() {
    this.#name = this.#title.textContent;
    this.#write();
  }

  #write() {
    this.#title.textContent = this.#count ? `(${this.#count}) ${this.#name}` : this.#name;
    this.#renamed.takeRecords();
  }
}
