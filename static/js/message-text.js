/** What a message says, without the button to copy its code that may just stand in it. */
export function textOf(message) {
  const body = message.querySelector(".message__body")?.cloneNode(true);
  body?.querySelector("code-copy")?.remove();
  return body?.textContent ?? "";
}
