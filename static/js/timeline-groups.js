import { dayOf } from "./calendar.js";
import { DayDivider } from "./day-divider.js";

const GROUP_LIMIT_MS = 5 * 60_000;
const LOUD = ["message--warning", "message--alert"];
const KINDS = [...LOUD, "message--muted", "message--deleted", "message--failed"];

/** Give a message its day divider, and see whether it goes on with what its author was saying. So may the one after it. */
export function arrange(message) {
  divide(message);
  message.classList.toggle("message--following", goesOn(message, above(message)));
}

/** Have a message or a notice stand below the line of its day. */
export function divide(element) {
  const previous = datedBefore(element);
  const day = dateOf(element);
  // Never back to an earlier day: a notice is dated by the reader's clock, which may be ahead of the server's.
  const needed = !previous || dateOf(previous) < day;
  const divider = element.previousElementSibling;
  if (divider?.matches("day-divider")) {
    if (needed && divider.getAttribute("day") === day) return;
    divider.remove();
  }
  if (needed) DayDivider.before(element, day);
}

function goesOn(message, previous) {
  if (!previous?.matches(".message")) return false;
  const apart = momentOf(message) - momentOf(previous);
  return (
    previous.dataset.authorId === message.dataset.authorId &&
    Math.abs(apart) <= GROUP_LIMIT_MS &&
    !LOUD.some((kind) => message.classList.contains(kind)) &&
    KINDS.every((kind) => message.classList.contains(kind) === previous.classList.contains(kind))
  );
}

function datedBefore(element) {
  do element = above(element);
  while (element && !element.matches(".message, .notice"));
  return element;
}

/** Above the first message that is pending stands the last one of the timeline. */
function above(element) {
  const pending = element.previousElementSibling ? null : element.closest("pending-messages");
  return pending ? pending.closest(".pane").querySelector("room-timeline").lastElementChild : element.previousElementSibling;
}

function dateOf(element) {
  return element.dataset.day ?? dayOf(momentOf(element));
}

function momentOf(message) {
  return new Date(message.querySelector("time").dateTime);
}
