import { command } from "./command.js";

const TYPING_EVERY_MS = 2000;

/** Lets the others in a room know that somebody writes in this field, or gave it up. */
export class TypingSignal {
  #composer;
  #at = 0;
  #typing = false;

  constructor(composer) {
    this.#composer = composer;
  }

  wrote(text) {
    const typing = text.trim() !== "";
    if (typing ? Date.now() - this.#at < TYPING_EVERY_MS : !this.#typing) return;
    // Emptying the field does not reset the clock: whoever writes and deletes in turn is told of as seldom.
    if (typing) this.#at = Date.now();
    this.#typing = typing;
    command(this.#composer, { command: "typing", room: this.#composer.dataset.room, stopped: !typing });
  }

  /** The message itself says that they are done. */
  sent() {
    this.#at = 0;
    this.#typing = false;
  }
}
