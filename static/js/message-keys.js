const KEYS = { "+": "react", r: "reply", e: "edit" };
const FOCUSABLE = "a[href]:not([tabindex='-1']), button, summary, [tabindex='0']";

/** The keys of whoever has the focus on a message, and the way by Tab from it to its tools and back. */
export class MessageKeys {
  #tools;

  constructor(timeline, tools) {
    this.#tools = tools;
    timeline.addEventListener("keydown", (event) => this.#pressed(event, event.target.closest(".message")));
    tools.addEventListener("keydown", (event) => event.key === "Escape" && this.#back(event));
  }

  #pressed(event, message) {
    const { key, target, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (!message || ctrlKey || metaKey || altKey || target.matches("input, textarea")) return;
    const button = this.#tools.button(KEYS[key]);
    if (button) {
      event.preventDefault();
      button.click();
    } else if (key === "Tab" && !shiftKey && target === lastOf(message)) {
      const first = [...this.#tools.querySelectorAll(".tool")].find((tool) => tool.checkVisibility());
      if (first) event.preventDefault();
      first?.focus();
    }
  }

  #back(event) {
    const { message, busy } = this.#tools;
    if (!message || busy) return;
    event.preventDefault();
    message.tabIndex = -1;
    message.focus({ focusVisible: true });
  }
}

/** Where Tab leaves it. */
function lastOf(message) {
  return [...message.querySelectorAll(FOCUSABLE)].at(-1) ?? message;
}
