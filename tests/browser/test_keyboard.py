"""By keyboard alone, and always seeing where one is."""

from playwright.sync_api import Locator, Page, expect

from multichat.models import Room
from tests.browser.pane import Pane
from tests.browser.person import Person
from tests.browser.site import Site
from tests.support.person import PASSWORD

# Whether what has the focus, or its label, is in view, and one sees on it or around it that it has.
SHOWS_FOCUS = """
() => {
  const focused = document.activeElement;
  const shown = focused.labels?.[0]?.checkVisibility() && focused.matches("[type=radio]") ? focused.labels[0] : focused;
  const around = (element) => (element ? [element, ...around(element.parentElement)] : []);
  const looks = () => around(shown).map((element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return element.clientHeight > 1 && `${outlineStyle} ${outlineWidth} ${boxShadow}`;
  });
  const { top, bottom } = shown.getBoundingClientRect();
  const during = looks();
  focused.blur();
  const after = looks();
  focused.focus();
  return bottom > 0 && top < innerHeight && during.some((look, index) => look && look !== after[index]);
}
"""
# Nobody should need more to reach anything on a page of ours.
TABS_LIMIT = 40


class Keyboard:
    """Only this touches the page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, key: str) -> None:
        self._page.keyboard.press(key)

    def write(self, text: str) -> None:
        self._page.keyboard.type(text)

    def tab_to(self, goal: Locator) -> None:
        """Seeing the focus at each step."""
        for _ in range(TABS_LIMIT):
            self._page.keyboard.press("Tab")
            focused = self._page.locator(":focus")
            if focused.count() == 0:
                continue  # beyond the last one is the browser's own
            assert self._page.evaluate(SHOWS_FOCUS), focused.evaluate("element => element.outerHTML")
            if focused.and_(goal).count():
                return
        raise AssertionError(f"no way to {goal} in {TABS_LIMIT} steps")


def test_one_signs_in_opens_a_room_talks_and_signs_out(alice: Person, stranger: Page, lobby: Room) -> None:
    page, keyboard, here = stranger, Keyboard(stranger), Pane(stranger, lobby)
    page.goto("/")
    expect(page.get_by_label("Username")).to_be_focused()
    keyboard.write("alice")
    keyboard.tab_to(page.get_by_label("Password"))
    keyboard.write(PASSWORD)
    keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Rooms")).to_be_visible()
    skip = page.get_by_role("link", name="Skip to the page")
    keyboard.tab_to(skip)
    expect(skip).to_be_in_viewport()
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link", name="Lobby")).to_be_focused()
    keyboard.press("Enter")

    expect(here.field).to_be_focused()
    keyboard.write("Without a mouse")
    keyboard.press("Enter")
    expect(here.message("Without a mouse")).to_be_visible()
    expect(here.field).to_be_focused()

    keyboard.tab_to(page.get_by_role("button", name="alice"))
    keyboard.press("Enter")
    keyboard.tab_to(page.get_by_role("button", name="Sign out"))
    keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(page.get_by_role("button", name="alice")).to_be_focused()
    keyboard.press("Enter")
    keyboard.tab_to(page.get_by_role("button", name="Sign out"))
    keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_staff_choose_a_level(sam: Person, lobby: Room) -> None:
    here = sam.open(lobby)
    keyboard = Keyboard(here.page)
    expect(here.field).to_be_focused()
    keyboard.write("Beware")
    keyboard.tab_to(here.element.get_by_role("button", name="Level: message"))
    keyboard.press("Enter")
    keyboard.tab_to(here.element.get_by_role("radio", name="Message"))
    keyboard.press("ArrowDown")
    keyboard.press("Escape")
    expect(here.element.get_by_role("button", name="Level: warning")).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(here.field).to_be_focused()
    keyboard.press("Enter")
    expect(here.message("Beware").get_by_text("Warning", exact=True)).to_be_visible()


def test_the_focus_is_seen_everywhere_beside_an_empty_room(
    site: Site, ada: Person, bob: Person, lobby: Room, garden: Room
) -> None:
    site.fill(lobby, bob, [f"Number {number}." for number in range(60)])
    here = ada.open(lobby, garden)
    keyboard = Keyboard(here.page)
    keyboard.tab_to(here.beside(garden).send)
    keyboard.tab_to(here.send)


def test_rooms_are_a_few_letters_or_a_key_away(
    alice: Person, site: Site, lobby: Room, garden: Room, attic: Room
) -> None:
    # By itself the key would edit one's last message.
    site.fill(garden, alice, ["Mine"])
    page = alice.open(lobby).page
    heading = page.get_by_role("heading", level=1)
    page.keyboard.press("Control+k")
    rooms = page.get_by_role("dialog").get_by_role("option")
    expect(rooms).to_have_text(["Attic", "Garden", "Lobby"])
    page.keyboard.type("nowhere")
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("Nothing is called anything like this.")
    page.keyboard.press("Control+a")
    with page.expect_response("**/people?q=gdn"):  # one that goes on loading would be cut off by the next page
        page.keyboard.type("gdn")
    expect(rooms).to_have_text(["Garden"])
    expect(rooms).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(heading).to_contain_text("Garden")
    expect(page.get_by_role("textbox", name="Message Garden")).to_be_focused()

    page.keyboard.press("Alt+ArrowUp")
    expect(heading).to_contain_text("Attic")
    page.keyboard.press("Alt+ArrowUp")
    expect(heading).to_contain_text("Lobby")
    page.keyboard.press("Alt+ArrowDown")
    expect(heading).to_contain_text("Attic")


def test_somebody_is_written_to_by_a_few_letters(alice: Person, bob: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    here.field.fill("Hi ")
    here.page.keyboard.press("Control+k")
    here.page.keyboard.type("bo")
    found = here.page.get_by_role("dialog").get_by_role("option")
    expect(found.filter(has_text="@bob")).to_be_visible()
    here.page.keyboard.press("ArrowUp")
    here.page.keyboard.press("Enter")
    expect(here.field).to_be_focused()
    expect(here.field).to_have_value("Hi @bob ")


def test_the_keys_are_listed_and_no_letter_is_taken_from_a_text(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    page = here.page
    here.field.press_sequentially("Why? jk")
    expect(here.field).to_have_value("Why? jk")
    here.timeline.focus()
    page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(listed).to_be_visible()
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    page.get_by_role("button", name="alice").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(listed).to_be_visible()


def test_one_walks_through_the_messages(alice: Person, site: Site, lobby: Room) -> None:
    site.fill(lobby, alice, ["One", "Two", "Three"])
    here = alice.open(lobby)
    here.timeline.focus()
    for key, message in (("k", "Three"), ("k", "Two"), ("k", "One"), ("k", "One"), ("j", "Two")):
        here.page.keyboard.press(key)
        expect(here.messages.filter(has_text=message)).to_be_focused()
