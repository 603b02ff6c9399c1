import { Connection } from "./connection.js";
import { frames } from "./frames.js";
import { forgetUnsent } from "./unsent.js";

htmx.defineExtension("frames", frames);
new Connection(document.querySelector("[ws-connect]"));

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) forgetUnsent();
});
