// Somebody who types on has the next letter by then; nobody else has to wait.
const WAIT_MS = 100;

/**
 * Some options from the server, one of which is active. Tells by `multichat:offers` that these have changed, and by
 * `multichat:picked` which one is meant.
 */
class OfferList extends HTMLElement {
  #url = null;
  #timer = null;
  #picksFirst = false;

  connectedCallback() {
    // The field keeps the focus, and a phone its keyboard.
    this.addEventListener("mousedown", (event) => event.preventDefault());
    this.addEventListener("click", ({ target }) => this.#tell("multichat:picked", target.closest("[role=option]")));
    this.addEventListener("htmx:beforeSwap", ({ detail }) => this.#answered(detail));
    this.addEventListener("htmx:afterSwap", (event) => {
      // Whatever else is around it has swaps of its own.
      event.stopPropagation();
      this.#show();
    });
    this.addEventListener("htmx:sendError", () => this.close());
  }

  get active() {
    return this.querySelector('[aria-selected="true"]');
  }

  ask(url) {
    this.#url = url;
    clearTimeout(this.#timer);
    const swap = { source: this, target: this, swap: "innerHTML" };
    this.#timer = setTimeout(() => htmx.ajax("GET", url, swap), WAIT_MS);
  }

  close() {
    clearTimeout(this.#timer);
    this.#url = this.#timer = null;
    this.#picksFirst = false;
    this.hidden = true;
    this.replaceChildren();
    this.#tell("multichat:offers");
  }

  step(by) {
    const options = [...this.children];
    this.#activate(options.at((options.indexOf(this.active) + by) % options.length));
  }

  /** The active one; while others are asked for, the first of those. */
  pick() {
    if (this.#timer === null) this.#tell("multichat:picked", this.active);
    else this.#picksFirst = true;
  }

  /** One request at a time is on its way, and the last one asked for waits: what comes first may be out of date. */
  #answered(detail) {
    const wanted = detail.pathInfo.finalRequestPath === this.#url;
    if (wanted && !detail.shouldSwap) this.close();
    detail.shouldSwap &&= wanted;
  }

  #show() {
    const [first] = this.children;
    if (!first) return this.close();
    this.#timer = null;
    [...this.children].forEach((option, index) => (option.id = `${this.id}-${index}`));
    this.hidden = false;
    this.#activate(first);
    if (this.#picksFirst) this.pick();
  }

  #activate(option) {
    for (const other of this.children) other.ariaSelected = String(other === option);
    option.scrollIntoView({ block: "nearest" });
    this.#tell("multichat:offers");
  }

  #tell(name, option) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { option } }));
  }
}

customElements.define("offer-list", OfferList);
