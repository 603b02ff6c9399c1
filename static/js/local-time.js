const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/** Shows its moment on the reader's own clock; the day is in the divider above, and in the title. */
class LocalTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const moment = new Date(time.dateTime);
    time.textContent = clock.format(moment);
    time.title = calendar.format(moment);
  }
}

customElements.define("local-time", LocalTime);
