const PARTS = { content: ".message__content", reactions: ".message__reactions" };

/**
 * Apply a frame that has a part of a message alone, so that whatever is about the rest of it goes on. False if what
 * stands here is older than what the frame goes on from, or nothing does.
 */
export function applyPart(timeline, frame) {
  const { frame: kind, ordinal, revision, previous, mentions } = frame.dataset;
  const message = timeline.querySelector(`:scope > [data-ordinal="${ordinal}"]`);
  if (Number(message?.dataset.revision) >= Number(revision)) return true;
  const part = message?.querySelector(`:scope > ${PARTS[kind]}`);
  if (!part || message.dataset.revision !== previous) return false;
  exchange(part, frame.querySelector(PARTS[kind]), message);
  message.dataset.revision = revision;
  if (mentions !== undefined) message.dataset.mentions = mentions;
  if (kind === "content") message.dispatchEvent(new CustomEvent("multichat:edited", { bubbles: true }));
  return true;
}

/** Have those that answer a message quote it as it is now. */
export function quoteAnew(timeline, frame) {
  const quoted = frame.querySelector(":scope > .message__quoted");
  if (!quoted) return;
  for (const quote of timeline.querySelectorAll(`[data-reply-to="${quoted.dataset.ordinal}"] > .message__quote`)) {
    quote.replaceChildren(...quoted.cloneNode(true).childNodes);
  }
}

/** Whoever is at a control by keyboard stays at it, or with the message if it is gone. */
function exchange(part, other, message) {
  const focused = part.contains(document.activeElement) && document.activeElement;
  part.replaceWith(other);
  if (!focused) return;
  const same = [...other.querySelectorAll("button")].find(({ value }) => value === focused.value);
  if (!same) message.tabIndex = -1;
  (same ?? message).focus();
}
