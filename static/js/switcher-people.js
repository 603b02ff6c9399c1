// As the typeahead waits.
const WAIT_MS = 100;

/** In the switcher, below the rooms: the people who can read the room that is open. Whoever is picked is written to there. */
class SwitcherPeople extends HTMLElement {
  #url = null;
  #timer;

  connectedCallback() {
    this.addEventListener("htmx:beforeSwap", ({ detail }) => {
      detail.shouldSwap &&= detail.pathInfo.finalRequestPath === this.#url;
    });
    this.addEventListener("htmx:afterSwap", () => this.#show());
    this.addEventListener("click", ({ target }) => this.#write(target.closest("[role=option]")));
  }

  /** Those whose names begin so, a moment later; nobody for nothing. */
  ask(typed) {
    clearTimeout(this.#timer);
    this.#url = typed && this.dataset.url ? `${this.dataset.url}?${new URLSearchParams({ q: typed })}` : null;
    if (this.#url) this.#timer = setTimeout(() => htmx.ajax("GET", this.#url, { source: this, target: this }), WAIT_MS);
    else this.replaceChildren();
  }

  #show() {
    for (const option of this.querySelectorAll("[role=option]:not(:has(.avatar))")) option.remove();
    this.dispatchEvent(new CustomEvent("multichat:offers", { bubbles: true }));
  }

  #write(option) {
    if (!option) return;
    const text = document.querySelector(".pane .composer__text");
    // Before the dialog closes: that gives the field its focus back, and Chromium forgets where in it one was.
    text?.setRangeText(option.dataset.insert, text.selectionStart, text.selectionEnd, "end");
    this.closest("dialog").close();
    text?.focus();
    text?.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("switcher-people", SwitcherPeople);
