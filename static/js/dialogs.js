/** Opens one of the page's dialogs by its name. Another one that is open goes. */
export function openDialog(name) {
  for (const other of document.querySelectorAll("dialog[open]")) other.close();
  document.querySelector(`dialog[data-dialog="${name}"]`)?.showModal();
}

// A press beside it closes it, and so do its own buttons.
document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-open-dialog]");
  if (opener) openDialog(opener.dataset.openDialog);
  if (target.closest("[data-close-dialog]") || target.matches("dialog[data-dialog]")) target.closest("dialog").close();
});
