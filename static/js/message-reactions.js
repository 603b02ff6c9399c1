import { reactWith } from "./message-acts.js";

/** A press on a reaction turns one's own over; without script it is a button of a form. */
document.addEventListener("click", (event) => {
  const reaction = event.target.closest("room-timeline .reaction");
  if (!reaction) return;
  event.preventDefault();
  reactWith(reaction.closest(".message"), reaction.value);
});
