/**
 * The browser's socket, as htmx is given it.
 *
 * htmx writes every error to the console, though the close that follows says more; so it gets no place for its handler.
 */
class QuietSocket extends WebSocket {
  get onerror() {
    return null;
  }

  set onerror(handler) {}
}

/** A second lock behind the clean-up of what people write: no markup can make this page talk to another host. */
export function openSocket(url) {
  if (new URL(url).host !== location.host) throw new Error(`No socket to ${url}: it is not this server's.`);
  return new QuietSocket(url);
}
