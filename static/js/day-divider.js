import { everyDay, nameOf } from "./calendar.js";

/** The line above the first message of a day: `<day-divider day="2026-11-22">`. */
export class DayDivider extends HTMLElement {
  static before(element, day) {
    const divider = document.createElement("day-divider");
    divider.setAttribute("day", day);
    element.before(divider);
  }

  connectedCallback() {
    this.name();
  }

  name() {
    this.textContent = nameOf(this.getAttribute("day"));
  }
}

customElements.define("day-divider", DayDivider);
everyDay(() => document.querySelectorAll("day-divider").forEach((divider) => divider.name()));
