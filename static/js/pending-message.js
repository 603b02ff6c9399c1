/** The element of a message that has not come back, as it will look when it has. */
export function pendingMessage(template, { message, at }) {
  const { client_id: clientId, body, level = "message" } = message;
  const article = template.content.firstElementChild.cloneNode(true);
  article.dataset.pending = clientId;
  article.dataset.at = at;
  article.classList.add(`message--${level}`);
  for (const mark of article.querySelectorAll("[data-level]")) if (mark.dataset.level !== level) mark.remove();
  article.querySelector("time").dateTime = new Date(at).toISOString();
  article.querySelector(".message__body").append(...paragraphs(body));
  return article;
}

/** Show how it is about it: the template is of what stands below one that is not sent. */
export function paint(article, template, { state, why }) {
  const waiting = state === "waiting";
  const failure = article.querySelector(".failure");
  article.dataset.state = state;
  article.classList.toggle("message--pending", waiting);
  article.classList.toggle("message--failed", !waiting);
  article.classList.toggle("message--discarded", state === "discarded");
  if (waiting) failure?.remove();
  else if (!failure) article.append(explained(template, state, why));
}

/** The most of Markdown that is seen in how much room a text takes. */
function paragraphs(body) {
  return body.split(/\n(?:[^\S\n]*\n)+/).map((text) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    return paragraph;
  });
}

function explained(template, state, why) {
  const failure = template.content.firstElementChild.cloneNode(true);
  for (const reason of failure.querySelectorAll("[data-why]")) if (reason.dataset.why !== state) reason.remove();
  if (why) failure.querySelector("[data-why]").textContent = why;
  return failure;
}
