import { dayOf } from "./calendar.js";
import { DayDivider } from "./day-divider.js";

const GROUP_LIMIT_MS = 5 * 60_000;
const LOUD = ["message--warning", "message--alert"];
const KINDS = [...LOUD, "message--muted", "message--deleted"];

/** Give a message its day divider, and see whether it goes on with what its author was saying. So may the one after it. */
export function arrange(message) {
  const previous = messageBefore(message);
  const day = dayOf(momentOf(message));
  divide(message, previous && dayOf(momentOf(previous)) === day ? null : day);
  message.classList.toggle("message--following", goesOn(message, message.previousElementSibling));
}

function divide(message, day) {
  const divider = message.previousElementSibling;
  if (divider?.matches("day-divider")) {
    if (divider.getAttribute("day") === day) return;
    divider.remove();
  }
  if (day) DayDivider.before(message, day);
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

function messageBefore(element) {
  do element = element.previousElementSibling;
  while (element && !element.matches(".message"));
  return element;
}

function momentOf(message) {
  return new Date(message.querySelector("time").dateTime);
}
