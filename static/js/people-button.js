import { stored } from "./stored.js";

// The width from which the people are a column, as roster.css has it.
const wide = matchMedia("(width >= 68.75rem)");

/** Opens the sheet of people; where they are a column of their own, puts it away and remembers that. */
class PeopleButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      if (!wide.matches || this.closest(".panes").children.length > 1) return;
      event.preventDefault();
      stored.write("people", document.documentElement.dataset.people === "away" ? "here" : "away");
      remember();
    });
  }
}

function remember() {
  document.documentElement.dataset.people = stored.read("people") ?? "here";
}

remember();
customElements.define("people-button", PeopleButton);
