// As many as fit beside the page's own room.
const BESIDE = 2;

/** The rooms in the sidebar. It comes anew in a frame that knows no page: what depends on the page is added here. */
class RoomList extends HTMLElement {
  connectedCallback() {
    new MutationObserver(() => this.#know()).observe(this, { childList: true });
    this.querySelector('[aria-current="page"]')?.scrollIntoView({ block: "nearest" });
  }

  #know() {
    const [room] = /(?<=^\/rooms\/)\d+$/.exec(location.pathname) ?? [];
    const beside = new URLSearchParams(location.search).getAll("beside");
    for (const link of this.querySelectorAll("[data-beside]")) {
      const id = link.dataset.beside;
      const current = id === room ? "page" : beside.includes(id) ? "true" : null;
      if (current) link.closest("li").querySelector("a").setAttribute("aria-current", current);
      const ids = [...beside, id].slice(-BESIDE);
      link.search = new URLSearchParams(ids.map((each) => ["beside", each]));
    }
  }
}

customElements.define("room-list", RoomList);
