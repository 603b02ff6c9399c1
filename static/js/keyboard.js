import { openDialog } from "./dialogs.js";

// Where a letter is text.
const WRITABLE = "input, textarea, select, [contenteditable]";

/** Keys that work anywhere on the page; `templates/_shortcuts.html` lists them. */
document.addEventListener("keydown", (event) => {
  const act = event.isComposing || event.defaultPrevented ? undefined : actionOf(event);
  if (!act || act(event) === false) return;
  event.preventDefault();
});

function actionOf(event) {
  if (isSwitch(event)) return () => openDialog("switcher");
  if (document.querySelector("dialog[open]")) return undefined;
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    return step && (() => goTo(step, event.shiftKey));
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(WRITABLE)) return undefined;
  return { "?": () => openDialog("shortcuts"), j: () => walk(event, 1), k: () => walk(event, -1) }[event.key];
}

function isSwitch({ key, ctrlKey, metaKey, shiftKey, altKey }) {
  return key.toLowerCase() === "k" && (ctrlKey || metaKey) && !shiftKey && !altKey;
}

/** The room before or after the one that is open, as the list has them; with `unread`, the next that has something new. */
function goTo(step, unread) {
  const links = [...document.querySelectorAll("#room-list .room-list__link")];
  const here = links.findIndex((link) => link.getAttribute("aria-current") === "page");
  const from = here < 0 && step < 0 ? 0 : here;
  for (let turn = 1; turn <= links.length; turn += 1) {
    const link = links[(from + step * turn + links.length * 2) % links.length];
    if (!link.closest("details:not([open])") && (!unread || link.matches(".room-list__link--unread"))) {
      link.click();
      return;
    }
  }
}

/** The next message; from the field or from nowhere, the last one. */
function walk({ target }, step) {
  const pane = target.closest(".pane") ?? document.querySelector(".pane");
  const messages = [...(pane?.querySelectorAll("room-timeline > .message") ?? [])];
  const here = messages.indexOf(target.closest(".message"));
  const message = here < 0 ? messages.at(-1) : messages[here + step];
  if (!message) return;
  // In the order of the page it has no place of its own: what can be done with it has.
  message.tabIndex = -1;
  message.focus({ focusVisible: true });
  message.scrollIntoView({ block: "nearest" });
}
