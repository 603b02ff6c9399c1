const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Shows its moment as the reader's own calendar and clock have it. */
class LocalDate extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    time.textContent = calendar.format(new Date(time.dateTime));
  }
}

customElements.define("local-date", LocalDate);
