// How long it says so.
const COPIED_MS = 2000;

/** A button that goes to the block of code that is pointed at, or come to by keyboard. */
class CodeCopy extends HTMLElement {
  #label = this.querySelector("button > span");
  #status = this.querySelector("[role=status]");
  #word = this.#label.textContent;
  #timer;

  constructor() {
    super();
    this.addEventListener("click", () => this.#copy(this.closest(".code").querySelector("code")));
  }

  follow({ type, target }) {
    const block = target.closest?.(".message__body .code");
    if (block === this.parentElement) return;
    // Whoever is there by keyboard keeps it, wherever the pointer rests.
    if (type === "pointerover" && this.parentElement?.querySelector(":focus-visible")) return;
    this.#rest();
    if (block) block.append(this);
    else this.remove();
  }

  async #copy(code) {
    await write(code);
    this.#label.textContent = this.#status.textContent = "Copied";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rest(), COPIED_MS);
  }

  #rest() {
    clearTimeout(this.#timer);
    this.#label.textContent = this.#word;
    this.#status.textContent = "";
  }
}

async function write(code) {
  try {
    await navigator.clipboard.writeText(code.textContent.replace(/\n$/, ""));
  } catch {
    // Without TLS there is no clipboard to write to, and a browser may refuse: what is selected can be copied all the same.
    getSelection().selectAllChildren(code);
    document.execCommand("copy");
    getSelection().removeAllRanges();
  }
}

customElements.define("code-copy", CodeCopy);

// One for all of them, and none for a copy that somebody makes of a message.
const copy = document.querySelector("code-copy");
copy.remove();
copy.hidden = false;
for (const come of ["pointerover", "focusin"]) document.addEventListener(come, (event) => copy.follow(event));
