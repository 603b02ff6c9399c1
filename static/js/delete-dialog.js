import { openDialog } from "./dialogs.js";
import { textOf } from "./message-text.js";

/** Asks whether a message is to be deleted: nobody can have it back. */
class DeleteDialog extends HTMLElement {
  #confirmed;

  connectedCallback() {
    const dialog = this.querySelector("dialog");
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "delete") this.#confirmed();
      dialog.returnValue = "";
    });
  }

  ask(message, confirmed) {
    this.#confirmed = confirmed;
    this.querySelector(".confirm__excerpt").textContent = textOf(message);
    openDialog("delete");
  }
}

customElements.define("delete-dialog", DeleteDialog);
