import { stored } from "./stored.js";

const PREFIX = "unsent:";

/**
 * What a person wrote in a room and nobody has got yet: drafts, or messages. It stays in this browser until they sign out,
 * so that no closed tab loses it.
 */
export class Unsent {
  #prefix;

  constructor(kind, { person, room }) {
    this.#prefix = `${PREFIX}${kind}:${person}:${room}:`;
  }

  get names() {
    return stored.keys(this.#prefix).map((key) => key.slice(this.#prefix.length));
  }

  /** Null if there is none. */
  read(name = "") {
    return stored.read(this.#prefix + name);
  }

  write(text, name = "") {
    if (text) stored.write(this.#prefix + name, text);
    else stored.forget(this.#prefix + name);
  }

  /** Hear of what another tab wrote, or forgot, which is null. */
  follow(changed, signal) {
    const heard = ({ key, newValue }) => {
      if (key?.startsWith(this.#prefix)) changed(newValue, key.slice(this.#prefix.length));
    };
    addEventListener("storage", heard, { signal });
  }
}

/** What one person left unsent is not the next one's to find. */
export function forgetUnsent() {
  stored.keys(PREFIX).forEach(stored.forget);
}
