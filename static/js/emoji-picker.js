import { stored } from "./stored.js";

const RECENT = "emoji:recent";
const RECENT_LIMIT = 16;

/** Emoji to choose from: those chosen last, and all that the server knows, which are asked for when it opens first. */
class EmojiPicker extends HTMLElement {
  #query;
  #recent;
  #done;
  #chosen = "";
  // For which query those below were found, and whether Enter waits for others.
  #found = "";
  #picksFirst = false;

  connectedCallback() {
    this.#query = this.querySelector("input");
    this.#recent = this.querySelector(".emoji-picker__recent");
    this.addEventListener("toggle", ({ newState }) => newState === "open" && this.#opened());
    // Before the next key, for which `toggle` would come too late.
    this.addEventListener("beforetoggle", ({ newState }) => newState === "closed" && this.#closed());
    this.addEventListener("click", ({ target }) => this.#pick(target.closest(".emoji")));
    this.addEventListener("keydown", (event) => this.#pressed(event));
    this.#query.addEventListener("input", () => this.#typed());
    this.addEventListener("htmx:afterSwap", ({ detail }) => this.#answered(detail.requestConfig.parameters.q));
  }

  /** Say with which emoji it closes, or with none. */
  choose(done) {
    this.#done?.("");
    this.#done = done;
  }

  #opened() {
    // A keyboard that came up by itself would cover them.
    if (matchMedia("(pointer: fine)").matches) this.#query.focus();
    this.#showRecent();
    if (!this.querySelector(".emoji-picker__found > *")) this.#query.dispatchEvent(new CustomEvent("open"));
  }

  #closed() {
    if (this.#query.value) {
      this.#query.value = "";
      this.#query.dispatchEvent(new CustomEvent("open"));
    }
    const [done, chosen] = [this.#done, this.#chosen];
    this.#done = undefined;
    this.#chosen = "";
    this.#picksFirst = false;
    done?.(chosen);
  }

  #typed() {
    this.#picksFirst = false;
    this.#showRecent();
  }

  #answered(query) {
    this.#found = query;
    if (this.#picksFirst && query === this.#query.value) this.#pick(this.querySelector(".emoji-picker__found .emoji"));
  }

  /** Never one that was found for what was typed before. */
  #pickFirst(button) {
    if (this.#query.value === this.#found) this.#pick(button);
    else this.#picksFirst = true;
  }

  #pick(button) {
    if (!button) return;
    this.#chosen = button.value;
    const recent = [button.value, ...this.#read().filter((emoji) => emoji !== button.value)];
    stored.write(RECENT, JSON.stringify(recent.slice(0, RECENT_LIMIT)));
    this.hidePopover();
  }

  #read() {
    return JSON.parse(stored.read(RECENT) ?? "[]");
  }

  #showRecent() {
    const recent = this.#read();
    this.#recent.hidden = !recent.length || this.#query.value !== "";
    this.#recent.querySelector(".emoji__all").replaceChildren(...recent.map(button));
  }

  #pressed(event) {
    const buttons = [...this.querySelectorAll(".emoji")].filter((each) => each.offsetParent);
    const here = buttons.indexOf(document.activeElement);
    if (event.key === "Enter" && here < 0 && !event.isComposing) {
      event.preventDefault();
      this.#pickFirst(buttons[0]);
    } else if (event.key.startsWith("Arrow") && (here >= 0 || event.key === "ArrowDown")) {
      event.preventDefault();
      (here < 0 ? buttons[0] : (next(buttons, here, event.key) ?? this.#query))?.focus();
    }
  }
}

function button(emoji) {
  const element = document.createElement("button");
  Object.assign(element, { className: "emoji", type: "button", value: emoji, textContent: emoji });
  return element;
}

/** Where an arrow leads among buttons in rows; nowhere above the first row. */
function next(buttons, here, key) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (step) return buttons[here + step] ?? buttons[here];
  const { left, top } = buttons[here].getBoundingClientRect();
  const sideways = (one) => Math.abs(one.getBoundingClientRect().left - left);
  const down = key === "ArrowDown";
  const beyond = buttons.filter((one) => (down ? 1 : -1) * (one.getBoundingClientRect().top - top) > 4);
  if (!beyond.length) return down ? buttons[here] : undefined;
  const row = (down ? beyond[0] : beyond.at(-1)).getBoundingClientRect().top;
  const inRow = beyond.filter((one) => Math.abs(one.getBoundingClientRect().top - row) < 4);
  return inRow.reduce((best, one) => (sideways(one) < sideways(best) ? one : best));
}

customElements.define("emoji-picker", EmojiPicker);
