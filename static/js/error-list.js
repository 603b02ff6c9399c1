const SHOWN_FOR_MS = 12_000;
const AT_MOST = 3;

/** Errors of commands, where everybody sees them; but those of messages that are pending are shown at the message. */
class ErrorList extends HTMLElement {
  connectedCallback() {
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) [...addedNodes].filter(isError).forEach((error) => this.#add(error));
    }).observe(this, { childList: true });
  }

  #add(error) {
    if (isShownElsewhere(error)) {
      error.remove();
      return;
    }
    const others = [...this.querySelectorAll(".error")].filter((other) => other !== error);
    others.filter((other) => isOfTheSame(other, error)).forEach((other) => other.remove());
    others.slice(0, -AT_MOST + 1).forEach((other) => other.remove());
    error.append(this.querySelector("template").content.cloneNode(true));
    error.querySelector("button").addEventListener("click", () => error.remove());
    this.#leaveLater(error);
  }

  // Not while somebody reads it closely.
  #leaveLater(error) {
    setTimeout(() => (error.matches(":hover, :focus-within") ? this.#leaveLater(error) : error.remove()), SHOWN_FOR_MS);
  }
}

function isError(node) {
  return node instanceof HTMLElement && node.matches(".error");
}

function isShownElsewhere(error) {
  const { clientId, code } = error.dataset;
  const detail = { clientId, code, why: error.textContent };
  return !document.dispatchEvent(new CustomEvent("multichat:refused", { cancelable: true, detail }));
}

/** Whether one matter is behind both. Being too fast is one in whatever words; other codes stand for several. */
function isOfTheSame(one, other) {
  const { code, room } = one.dataset;
  if (code === "RATE_LIMITED" && code === other.dataset.code && room === other.dataset.room) return true;
  return one.firstChild.textContent.trim() === other.firstChild.textContent.trim();
}

customElements.define("error-list", ErrorList);
