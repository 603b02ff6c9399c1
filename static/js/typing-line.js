const TYPING_FOR_MS = 5000;
// Named in the line; more are counted.
const NAMED = 2;
const list = new Intl.ListFormat("en-GB");

/**
 * Who is writing in a room: for five seconds after each sign of it, or until the message comes, they give it up, or nothing
 * more is heard of them.
 */
class TypingLine extends HTMLElement {
  #people = new Map();
  #gone = new AbortController();

  connectedCallback() {
    this.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
      detail.shouldSwap = false;
      for (const person of detail.fragment.querySelectorAll(".typing__person")) this.#types(person);
    });
    this.closest(".pane").addEventListener("multichat:arrived", ({ detail }) => {
      for (const { dataset } of detail.messages) this.#stops(dataset.authorId);
    });
    const { signal } = this.#gone;
    document.addEventListener("multichat:connection", ({ detail }) => this.#connection(detail.state), { signal });
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  #connection(state) {
    if (state !== "connected") for (const id of [...this.#people.keys()]) this.#stops(id);
  }

  #types(person) {
    const id = person.dataset.authorId;
    // Everybody gets the same frame, the one who types too.
    if (id === this.dataset.person) return;
    if (person.dataset.stopped !== undefined) {
      this.#stops(id);
      return;
    }
    clearTimeout(this.#people.get(id)?.timer);
    this.#people.set(id, { person, timer: setTimeout(() => this.#stops(id), TYPING_FOR_MS) });
    this.#show();
  }

  #stops(id) {
    const { timer } = this.#people.get(id) ?? {};
    clearTimeout(timer);
    if (this.#people.delete(id)) this.#show();
  }

  #show() {
    const people = [...this.#people.values()].map(({ person }) => person);
    const names = list.formatToParts(people.map((_, index) => `${index}`)).map(({ value }) => people[value] ?? value);
    const words = people.length > NAMED ? [`${people.length} people`] : names;
    this.replaceChildren(...words, ...(people.length ? [people.length > 1 ? " are typing" : " is typing"] : []));
  }
}

customElements.define("typing-line", TypingLine);
