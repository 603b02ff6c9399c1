import { command } from "./command.js";
import { Outbox } from "./outbox.js";
import { uuid } from "./uuid.js";

// As the server counts: code points.
const BODY_LIMIT = 8000;
const TYPING_EVERY_MS = 2000;

/** The field one writes in. What is in it is kept as a draft through every state of the page. */
class MessageComposer extends HTMLElement {
  #form;
  #text;
  #outbox;
  #draft;
  #typedAt = 0;
  #typing = false;
  #returned = "";
  #gone = new AbortController();

  connectedCallback() {
    const { signal } = this.#gone;
    this.#form = this.querySelector("form");
    this.#text = this.#form.elements.body;
    this.#outbox = new Outbox(this, signal);
    this.#draft = `draft:${this.dataset.person}:${this.dataset.room}`;
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#form.addEventListener("input", () => this.#changed());
    this.#form.addEventListener("click", (event) => this.#clicked(event));
    this.#text.addEventListener("keydown", (event) => this.#pressed(event));
    document.addEventListener("multichat:refused", ({ detail }) => this.#refused(detail.clientId), { signal });
    this.#open();
  }

  disconnectedCallback() {
    this.#gone.abort();
  }

  #open() {
    this.#followLabel();
    this.#write(sessionStorage.getItem(this.#draft) ?? this.#text.value);
    this.#outbox.tell();
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
    const level = this.#form.elements.level?.value;
    if (!body || this.#tooLong) return;
    this.#outbox.post({ client_id: uuid(), body, ...(level && { level }) });
    this.#form.reset();
    this.#returned = "";
    this.#typedAt = 0;
    this.#typing = false;
    this.#write("");
    this.closest(".pane").dispatchEvent(new CustomEvent("multichat:sent"));
  }

  /**
   * Back into the field, below what came back before it and above what was written since; whoever writes on does so on a
   * line of its own.
   */
  #refused(clientId) {
    const message = this.#outbox.take(clientId);
    if (!message) return;
    const text = this.#text.value;
    const returned = text.startsWith(this.#returned) ? this.#returned : "";
    this.#returned = `${returned}${message.body}\n`;
    this.#write(this.#returned + text.slice(returned.length));
    if (message.level) this.#form.elements.level.value = message.level;
    this.#text.focus();
  }

  #changed() {
    this.#write(this.#text.value);
    const typing = this.#text.value.trim() !== "";
    if (typing ? Date.now() - this.#typedAt < TYPING_EVERY_MS : !this.#typing) return;
    // Emptying the field does not reset the clock: whoever writes and deletes in turn is told of as seldom.
    if (typing) this.#typedAt = Date.now();
    this.#typing = typing;
    command(this, { command: "typing", room: this.dataset.room, stopped: !typing });
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

  get #tooLong() {
    return this.#body.length > BODY_LIMIT && [...this.#body].length > BODY_LIMIT;
  }

  #write(text) {
    if (this.#text.value !== text) this.#text.value = text;
    if (text) sessionStorage.setItem(this.#draft, text);
    else sessionStorage.removeItem(this.#draft);
    this.#form.classList.toggle("composer__field--too-long", this.#tooLong);
    if (!CSS.supports("field-sizing", "content")) this.#grow();
  }

  #grow() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight}px`;
  }
}

customElements.define("message-composer", MessageComposer);
