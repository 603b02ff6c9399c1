const TARGET = /hx-swap-oob="[a-zA-Z]+:([^"]+)"/g;

/** htmx would log an error for each frame whose target is not on this page: it never gets to see those. */
export const frames = {
  transformResponse(text) {
    if ([...text.matchAll(TARGET)].every(([, selector]) => isHere(selector))) return text;
    const template = document.createElement("template");
    template.innerHTML = text;
    for (const envelope of [...template.content.children]) {
      const swap = envelope.getAttribute("hx-swap-oob") ?? "";
      if (!isHere(swap.slice(swap.indexOf(":") + 1))) envelope.remove();
    }
    return template.innerHTML;
  },
};

function isHere(selector) {
  try {
    return document.querySelector(selector) !== null;
  } catch {
    // Not a selector: it only looked like one in what somebody wrote.
    return false;
  }
}
