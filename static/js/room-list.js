// As many as fit beside the page's own room.
const BESIDE = 2;

/**
 * The rooms in the sidebar, and those of home. They come anew in a frame that knows no page and no reader: what depends on
 * the page is added here, and where the reader is in the list is kept.
 */
class RoomList extends HTMLElement {
  #focused;
  #open = false;
  #scrolled = 0;

  connectedCallback() {
    this.addEventListener("htmx:oobBeforeSwap", ({ target }) => target === this && this.#remember());
    new MutationObserver(() => {
      this.#know();
      this.#restore();
    }).observe(this, { childList: true });
    this.querySelector('[aria-current="page"]')?.scrollIntoView({ block: "nearest" });
  }

  #remember() {
    this.#focused = this.contains(document.activeElement) ? sameAs(document.activeElement) : null;
    this.#open = this.querySelector("details")?.open ?? false;
    this.#scrolled = this.parentElement.scrollTop;
  }

  #know() {
    const [room] = /(?<=^\/rooms\/)\d+/.exec(location.pathname) ?? [];
    const beside = new URLSearchParams(location.search).getAll("beside");
    for (const link of this.querySelectorAll("[data-beside]")) {
      const id = link.dataset.beside;
      const current = id === room ? "page" : beside.includes(id) ? "true" : null;
      if (current) link.closest("li").querySelector("a").setAttribute("aria-current", current);
      const ids = [...beside, id].slice(-BESIDE);
      link.search = new URLSearchParams(ids.map((each) => ["beside", each]));
    }
  }

  #restore() {
    const archived = this.querySelector("details");
    if (archived) archived.open = this.#open || archived.querySelector("[aria-current]") !== null;
    this.parentElement.scrollTop = this.#scrolled;
    if (this.#focused) this.querySelector(this.#focused)?.focus({ preventScroll: true });
  }
}

/** A selector for what takes this element's place. */
function sameAs(element) {
  if (element.matches("summary")) return "summary";
  const { beside } = element.dataset;
  return beside ? `[data-beside="${beside}"]` : `[href="${element.getAttribute("href")}"]`;
}

customElements.define("room-list", RoomList);
