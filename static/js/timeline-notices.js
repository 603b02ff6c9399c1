import { dayOf } from "./calendar.js";
import { divide } from "./timeline-groups.js";

// Named in a line; from the next one on, "and 2 others".
const NAMED = 3;
const list = new Intl.ListFormat("en-GB");
const people = new WeakMap();

/** Add "alice came in" at the end, folded with what stands there of that day; nobody is twice among them. */
export function addNotice(timeline, notice) {
  notice.dataset.day = dayOf(new Date());
  const person = notice.querySelector(".notice__person");
  const standing = lastNotices(timeline).filter(({ dataset }) => dataset.day === notice.dataset.day);
  for (const other of standing) without(other, person.dataset.person);
  const same = standing.find((other) => other.isConnected && other.dataset.level === notice.dataset.level);
  people.set(same ?? notice, [...(people.get(same) ?? []), person]);
  if (same) {
    write(same);
  } else {
    timeline.append(notice);
    divide(notice);
  }
}

function lastNotices(timeline) {
  const notices = [];
  for (let last = timeline.lastElementChild; last?.matches(".notice"); last = last.previousElementSibling) {
    notices.push(last);
  }
  return notices;
}

function without(notice, id) {
  const others = people.get(notice).filter((person) => person.dataset.person !== id);
  people.set(notice, others);
  if (others.length) write(notice);
  else notice.remove();
}

function write(notice) {
  const all = people.get(notice);
  const named = all.length > NAMED ? all.slice(0, NAMED - 1) : all;
  const words = named.map((_, index) => `${index}`);
  if (all.length > named.length) words.push(`${all.length - named.length} others`);
  const parts = list.formatToParts(words).map(({ value }) => named[value] ?? value);
  notice.querySelector(".notice__people").replaceChildren(...parts);
}
