const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/** Shows its moment on the reader's own clock; the day is in the divider above, and in the title. */
class LocalTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const moment = new Date(time.dateTime);
    time.replaceChildren(...clock.formatToParts(moment).map(halfOfTheDayApart));
    time.title = calendar.format(moment);
  }
}

// So that a stylesheet can leave it out where there is no room.
function halfOfTheDayApart({ type, value }) {
  if (type !== "dayPeriod") return value;
  const half = document.createElement("span");
  half.textContent = value;
  return half;
}

customElements.define("local-time", LocalTime);
