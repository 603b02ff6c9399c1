import { TypingSignal } from "./typing-signal.js";
import { Unsent } from "./unsent.js";
import { uuid } from "./uuid.js";

// As the server counts: code points.
const BODY_LIMIT = 8000;
// What a message may have beside its text, in the form and in the command under the same name.
const FIELDS = ["level", "reply_to"];

/** The field one writes in. What is in it is the room's draft, through every state of the page and in every tab. */
class MessageComposer extends HTMLElement {
  #form;
  #text;
  #draft;
  #typing;
  #gone = new AbortController();

  connectedCallback() {
    const { signal } = this.#gone;
    this.#form = this.querySelector("form");
    this.#text = this.#form.elements.body;
    this.#draft = new Unsent("draft", this.dataset);
    this.#typing = new TypingSignal(this);
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#form.addEventListener("input", () => this.#changed());
    this.#form.addEventListener("click", (event) => this.#clicked(event));
    this.#text.addEventListener("keydown", (event) => this.#pressed(event));
    this.closest(".pane").addEventListener("multichat:back", ({ detail }) => this.#takeBack(detail), { signal });
    this.#draft.follow((text) => this.#show(text ?? ""), signal);
    this.#open();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  #open() {
    this.#followLabel();
    this.#show(this.#draft.read() ?? this.#text.value);
    const first = this.closest(".pane") === document.querySelector(".pane");
    if (first && matchMedia("(pointer: fine)").matches) this.#text.focus();
  }

  /** A frame renames the room in the label; an attribute is out of its reach. */
  #followLabel() {
    const [label] = this.#text.labels;
    const follow = () => (this.#text.placeholder = label.textContent);
    new MutationObserver(follow).observe(label, { childList: true, subtree: true });
  }

  #submit(event) {
    event.preventDefault();
    const body = this.#body;
    if (!body || this.#tooLong) return;
    this.#tell("multichat:send", { client_id: uuid(), body, ...this.#fields });
    this.#form.reset();
    this.#typing.sent();
    this.#write("");
    this.#tell("multichat:sent");
  }

  /** A message that was not sent comes above what was written since. */
  #takeBack({ body, ...fields }) {
    const since = this.#text.value;
    this.#write(since ? `${body}\n${since}` : body);
    for (const name of FIELDS) if (fields[name]) this.#form.elements[name].value = fields[name];
    this.#text.focus();
    this.#text.setSelectionRange(body.length, body.length);
  }

  #changed() {
    this.#write(this.#text.value);
    this.#typing.wrote(this.#text.value);
  }

  /** A level that is clicked is chosen; arrow keys, whose clicks are the input's own, go on looking. */
  #clicked({ target }) {
    const menu = target.closest("[popover] label")?.closest("[popover]");
    if (!menu || target.matches("input")) return;
    setTimeout(() => {
      menu.hidePopover();
      this.#text.focus();
    });
  }

  #pressed(event) {
    // An input method's Enter chooses a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  get #body() {
    return this.#text.value.trimEnd();
  }

  get #fields() {
    const chosen = new FormData(this.#form);
    return Object.fromEntries(FIELDS.map((name) => [name, chosen.get(name)]).filter(([, value]) => value));
  }

  get #tooLong() {
    return this.#body.length > BODY_LIMIT && [...this.#body].length > BODY_LIMIT;
  }

  #tell(name, detail) {
    this.closest(".pane").dispatchEvent(new CustomEvent(name, { detail }));
  }

  #write(text) {
    this.#draft.write(text);
    this.#show(text);
  }

  #show(text) {
    if (this.#text.value !== text) this.#text.value = text;
    this.#form.classList.toggle("composer__field--too-long", this.#tooLong);
    if (!CSS.supports("field-sizing", "content")) this.#grow();
  }

  #grow() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}

customElements.define("message-composer", MessageComposer);
