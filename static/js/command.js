/**
 * Asks the page's connection to send a command. False if it cannot be sent now; nothing is queued.
 */
export function command(element, fields) {
  return element.dispatchEvent(
    new CustomEvent("multichat:command", { bubbles: true, cancelable: true, detail: fields }),
  );
}
