import { command } from "./command.js";
import { tellError } from "./tell-error.js";

const COPIED_FOR_MS = 1200;

/** Whoever looks at this page, as the id that messages have of them. */
export function ownId() {
  return document.getElementById("room-states").dataset.person;
}

/** Put an emoji to a message, or take one's own away. */
export function reactWith(message, emoji) {
  const standing = [...message.querySelectorAll(".reaction")].find(({ value }) => value === emoji);
  const off = standing?.dataset.people.split(" ").includes(ownId()) ?? false;
  say(message, { command: "react", emoji, off }, "Your reaction was not sent");
}

export function reply(message) {
  tell(message, "multichat:reply");
}

export function edit(message) {
  tell(message, "multichat:edit");
}

/** Once it has been asked whether that is meant. */
export function deletes(message) {
  document.querySelector("delete-dialog").ask(message, () => {
    const pane = message.closest(".pane");
    say(message, { command: "delete" }, "The message was not deleted");
    // What had the focus goes with the message. On a phone a keyboard would come up.
    if (matchMedia("(pointer: fine)").matches) pane.querySelector(".composer__text")?.focus();
  });
}

/** Into the clipboard, and say so; where a page may not write there, the link is followed. */
export async function copy(event, link, done) {
  if (!navigator.clipboard) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(link.href);
  } catch {
    location.assign(link.href);
  }
  const label = link.querySelector("span");
  const said = label.textContent;
  label.textContent = "Link copied";
  setTimeout(() => {
    label.textContent = said;
    done();
  }, COPIED_FOR_MS);
}

function tell(message, name) {
  const { ordinal } = message.dataset;
  message.closest(".pane").dispatchEvent(new CustomEvent(name, { detail: { ordinal, message } }));
}

function say(message, fields, failure) {
  const { room, ordinal } = message.dataset;
  if (!command(message, { room, ordinal, ...fields })) tellError(`${failure}: there is no connection right now.`);
}
