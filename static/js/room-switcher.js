// More than one looks through.
const SHOWN = 12;

/**
 * Ctrl-K: a room by a few of its letters, or a person of the one that is open. The rooms are those of the sidebar, those
 * with something new first.
 */
class RoomSwitcher extends HTMLElement {
  #input;
  #rooms;
  #people;

  connectedCallback() {
    this.#input = this.querySelector("input");
    this.#rooms = this.querySelector(".switcher__rooms");
    this.#people = this.querySelector("switcher-people");
    const dialog = this.closest("dialog");
    new MutationObserver(() => dialog.open && this.#start()).observe(dialog, { attributeFilter: ["open"] });
    this.#input.addEventListener("input", () => this.#show());
    this.addEventListener("keydown", (event) => this.#pressed(event));
    this.addEventListener("multichat:offers", () => this.#look());
  }

  #start() {
    this.#input.value = "";
    this.#input.focus();
    this.#show();
  }

  #show() {
    const typed = fold(this.#input.value.trim());
    const links = [...document.querySelectorAll("#room-list .room-list__link")];
    const found = links
      .map((link) => ({ link, rank: rankOf(link, typed) }))
      .filter(({ rank }) => rank >= 0)
      .sort((one, other) => one.rank - other.rank)
      .slice(0, SHOWN);
    this.#rooms.replaceChildren(...found.map(({ link }) => entry(link)));
    this.#people.ask(this.#input.value.trim());
    this.#look();
  }

  get #entries() {
    return [...this.querySelectorAll("[role=option]")];
  }

  #look() {
    this.#entries.forEach((each, index) => (each.id = `switcher-${index}`));
    this.querySelector(".switcher__none").hidden = this.#entries.length > 0;
    this.#choose(0);
  }

  #choose(index) {
    const entries = this.#entries;
    entries.forEach((each, place) => each.setAttribute("aria-selected", place === index));
    const chosen = entries[index];
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) this.#input.setAttribute("aria-activedescendant", chosen.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #pressed(event) {
    const entries = this.#entries;
    const chosen = entries.findIndex((each) => each.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && entries.length) this.#choose((chosen + step + entries.length) % entries.length);
    else if (event.key === "Enter" && !event.isComposing) entries[chosen]?.click();
    else return;
    event.preventDefault();
  }
}

/** Lower is better; below zero it does not fit: the beginning, then a word's, then anywhere, then letters in order. */
function rankOf(link, typed) {
  const name = fold(link.querySelector(".room-list__name").textContent);
  const unread = link.matches(".room-list__link--unread") ? 0 : 1;
  const place = name.indexOf(typed);
  if (place === 0) return unread;
  if (place > 0) return (/[^\p{L}\p{N}]/u.test(name[place - 1]) ? 2 : 4) + unread;
  let from = 0;
  for (const letter of typed) {
    from = name.indexOf(letter, from) + 1;
    if (from === 0) return -1;
  }
  return 6 + unread;
}

function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function entry(link) {
  const option = document.createElement("a");
  option.href = link.href;
  option.className = "switcher__room";
  option.role = "option";
  option.tabIndex = -1;
  option.append(...[".icon", ".room-list__name"].map((part) => link.querySelector(part).cloneNode(true)));
  option.classList.toggle("switcher__room--unread", link.matches(".room-list__link--unread"));
  return option;
}

customElements.define("room-switcher", RoomSwitcher);
