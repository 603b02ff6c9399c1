import { typedWord } from "./typed-word.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const PICKS = ["Enter", "Tab"];

/**
 * A text field with offers for the word that is being written. Where those of each kind of word come from is in the
 * attribute of its name.
 */
class TypeAhead extends HTMLElement {
  #text;
  #offers;
  #word = null;
  // Where a word begins for which nothing more is to be offered.
  #dismissed = null;

  connectedCallback() {
    this.#text = this.querySelector("textarea");
    this.#offers = this.querySelector("offer-list");
    this.#text.addEventListener("input", () => this.#typed());
    for (const moved of ["keyup", "click"]) this.#text.addEventListener(moved, () => this.#moved());
    this.#text.addEventListener("blur", () => this.#offers.close());
    // Before the field's own keys: what picks an offer sends nothing.
    this.addEventListener("keydown", (event) => this.#pressed(event), { capture: true });
    this.#offers.addEventListener("multichat:offers", () => this.#point());
    this.#offers.addEventListener("multichat:picked", ({ detail }) => detail.option && this.#put(detail.option));
  }

  #typed() {
    this.#word = typedWord(this.#text);
    const { kind, query, start } = this.#word ?? {};
    if (start !== this.#dismissed || query === "") this.#dismissed = null;
    if (this.dataset[kind] && this.#dismissed === null) {
      this.#offers.ask(`${this.dataset[kind]}?${new URLSearchParams({ q: query })}`);
    } else this.#offers.close();
  }

  /** Elsewhere, without writing. */
  #moved() {
    if (this.#word && typedWord(this.#text)?.start !== this.#word.start) this.#offers.close();
  }

  #pressed(event) {
    const { key, altKey, ctrlKey, metaKey, shiftKey, isComposing } = event;
    if (this.#offers.hidden || isComposing || altKey || ctrlKey || metaKey || shiftKey) return;
    if (key in STEPS) this.#offers.step(STEPS[key]);
    else if (PICKS.includes(key)) this.#offers.pick();
    else if (key === "Escape") this.#dismiss();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #dismiss() {
    this.#dismissed = this.#word.start;
    this.#offers.close();
  }

  #put({ dataset }) {
    const { start, end } = this.#word;
    this.#offers.close();
    this.#text.focus();
    this.#text.setSelectionRange(start, end);
    // Deprecated, and the only way that can be undone.
    document.execCommand("insertText", false, dataset.insert);
  }

  #point() {
    const { active } = this.#offers;
    if (active) this.#text.setAttribute("aria-activedescendant", active.id);
    else this.#text.removeAttribute("aria-activedescendant");
  }
}

customElements.define("type-ahead", TypeAhead);
