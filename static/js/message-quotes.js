const SHOWN_FOR_MS = 1600;

/** A quote leads to the message that it is of: here if it is loaded, else where its link goes. */
document.addEventListener("click", (event) => {
  const quote = event.target.closest(".message__quote");
  if (!quote || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const { replyTo } = quote.closest(".message").dataset;
  const original = quote.closest("room-timeline").querySelector(`:scope > [data-ordinal="${replyTo}"]`);
  if (!original) return;
  event.preventDefault();
  original.scrollIntoView({ block: "center" });
  original.tabIndex = -1;
  original.focus({ preventScroll: true });
  original.animate({ background: ["var(--accent-tint)", "var(--accent-tint)", "transparent"] }, SHOWN_FOR_MS);
});
