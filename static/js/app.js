import { Connection } from "./connection.js";
import { frames } from "./frames.js";

htmx.defineExtension("frames", frames);
new Connection(document.querySelector("[ws-connect]"));

// What one person left unsent is not the next one's to find.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) sessionStorage.clear();
});
