/** Asks for a day of a room's history: the one that begins at the reader's own midnight. */
class DateJump extends HTMLElement {
  connectedCallback() {
    this.addEventListener("toggle", ({ newState }) => newState === "open" && this.querySelector("[name=date]").focus());
    this.addEventListener("formdata", ({ formData }) => {
      formData.set("date", new Date(`${formData.get("date")}T00:00`).toISOString());
    });
  }
}

customElements.define("date-jump", DateJump);
