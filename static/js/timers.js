/** Timers by name, of each name one. */
export class Timers {
  #running = new Map();

  start(name, milliseconds, act) {
    this.stop(name);
    this.#running.set(name, setTimeout(act, milliseconds));
  }

  stop(...names) {
    for (const name of names) {
      clearTimeout(this.#running.get(name));
      this.#running.delete(name);
    }
  }
}
