"""A room on a page, as its reader sees and uses it."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from multichat.models import Room

# A script has put the reader's own clock into the times, and a button to the code that one points at.
READ_MESSAGES = """
timeline => [...timeline.querySelectorAll(":scope > [data-ordinal]")].map((message) => {
  const copy = message.cloneNode(true);
  for (const time of copy.querySelectorAll("time")) time.replaceWith(time.dateTime);
  copy.querySelector("code-copy")?.remove();
  const kind = [...copy.classList].filter((name) => name !== "message--following").join(" ");
  return { id: copy.id, ...copy.dataset, kind, html: copy.innerHTML };
})
"""
READ_ANSWER = f"""
async (timeline, url) => {{
  const answer = new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html");
  return ({READ_MESSAGES})(answer.getElementById(timeline.id));
}}
"""
READ_GROUPS = """
timeline => [...timeline.children].map((element) =>
  element.matches("[data-ordinal]") ? `${element.id} ${element.className}` : element.textContent)
"""

COMMAND = """
(timeline, detail) =>
  timeline.dispatchEvent(new CustomEvent("multichat:command", { bubbles: true, cancelable: true, detail }))
"""
SCROLLER = """
timeline => {
  let scroller = timeline;
  while (getComputedStyle(scroller).overflowY !== "auto") scroller = scroller.parentElement;
  return scroller;
}
"""
LOOKED_AT = """
(scroller, timeline) => {
  const { top } = scroller.getBoundingClientRect();
  const first = [...timeline.children].find((element) =>
    element.matches("[data-ordinal]") && element.getBoundingClientRect().top >= top);
  return [first.dataset.ordinal, first.getBoundingClientRect().top];
}
"""
# As far as 1,000 px from what is in view.
SETTLED = """
pane => {
  const { top, bottom } = pane.querySelector(".timeline__scroller").getBoundingClientRect();
  return [...pane.querySelectorAll(".timeline__way")].every((way) => {
    const place = way.getBoundingClientRect();
    const near = place.bottom > top - 1000 && place.top < bottom + 1000;
    return way.hidden || (!near && !way.matches(".htmx-request"));
  });
}
"""


def sidebar_link(page: Page, name: str) -> Locator:
    """A room in the list of rooms; how many are there stands after its name."""
    return page.get_by_role("navigation", name="Rooms").get_by_role(
        "link", name=re.compile(rf"^{re.escape(name)}(?!\S)")
    )


class Pane:
    """One of the rooms on its page."""

    def __init__(self, page: Page, room: Room) -> None:
        self.page = page
        self.room = room
        self.element = page.locator(f"#room-{room.id}")
        self.timeline = page.locator(f"#room-{room.id}-messages")
        self.messages = self.timeline.locator("> [data-ordinal]")
        self.pending = self.element.locator("[data-pending]")
        self.unsent = self.pending.filter(has=page.get_by_role("button", name="Retry"))
        self.notices = self.timeline.locator("> [data-level]")
        self.people = page.locator(f"#room-{room.id}-roster")
        self.roster = self.people.get_by_role("list", name="Here now", include_hidden=True)
        self.away = self.people.get_by_role("list", name="Away", include_hidden=True)
        self.typing = page.locator(f"#room-{room.id}-typing")
        self.field = self.element.get_by_role("textbox", name=f"Message {room.name}")
        self.send = self.element.get_by_role("button", name="Send")
        self.tools = self.element.get_by_role("toolbar", name="Message")
        self.picker = page.locator("emoji-picker")
        self.answered = self.element.locator("reply-line")
        self.editor = self.element.get_by_role("textbox", name="Edit message")
        self.earlier = self.element.get_by_role("link", name="Earlier messages")
        self.later = self.element.get_by_role("link", name="Later messages")
        self.newest = self.element.get_by_role("link", name="Jump to newest")
        self.connection = page.locator("connection-state")
        self.errors = page.locator("#errors [role=alert]")

    def beside(self, room: Room) -> "Pane":
        """Another room of the same page."""
        return Pane(self.page, room)

    def say(self, body: str) -> None:
        self.field.fill(body)
        self.field.press("Enter")

    def command(self, name: str, **fields: Any) -> None:
        """Have the page send a command, such as it would not by itself."""
        self.timeline.evaluate(COMMAND, {"command": name, **fields})

    def message(self, text: str) -> Locator:
        return self.messages.filter(has_text=text)

    def act(self, text: str, name: str) -> None:
        """Press the button of this name, or what is behind "More", of the message with this text."""
        self.message(text).hover()
        button = self.tools.get_by_role("button", name=name)
        if not button.count():
            self.tools.get_by_role("button", name="More").click()
            button = self.element.locator(".tools__menu").get_by_text(name)
        button.click()

    def reactions(self, text: str) -> Locator:
        return self.message(text).locator(".reaction")

    def read(self) -> list[dict[str, Any]]:
        """Its messages with all that is in them."""
        messages: list[dict[str, Any]] = self.timeline.evaluate(READ_MESSAGES)
        return messages

    def read_anew(self, first: int, last: int) -> list[dict[str, Any]]:
        """The messages from one ordinal to another, as they are on pages that are loaded now."""
        messages: list[dict[str, Any]] = []
        while last >= first:
            page = self.timeline.evaluate(READ_ANSWER, f"/rooms/{self.room.id}?before={last + 1}")
            messages = page + messages
            last = int(page[0]["ordinal"]) - 1
        return [message for message in messages if int(message["ordinal"]) >= first]

    def groups(self) -> list[str]:
        """How its messages go on with each other, and what stands between them."""
        groups: list[str] = self.timeline.evaluate(READ_GROUPS)
        return groups

    @property
    def at_newest(self) -> bool:
        return self.timeline.get_attribute("data-newest") == "true"

    @property
    def ordinals(self) -> list[int]:
        return [int(message["ordinal"]) for message in self.read()]

    def looked_at(self) -> tuple[str, float]:
        """The first message in view, and where it is."""
        ordinal, top = self.timeline.evaluate(f"timeline => ({LOOKED_AT})(({SCROLLER})(timeline), timeline)")
        return str(ordinal), float(top)

    def place_of(self, ordinal: str) -> float:
        return float(
            self.timeline.locator(f'> [data-ordinal="{ordinal}"]').evaluate(
                "message => message.getBoundingClientRect().top"
            )
        )

    def expect_settled(self) -> None:
        """Whatever is loaded while one scrolls has come."""
        self.page.wait_for_function(SETTLED, arg=self.element.element_handle())

    def scroll(self, pixels: float) -> None:
        """Up is negative; from the end it is as far as the first message."""
        before = self.scrolled
        self.timeline.evaluate(f"(timeline, pixels) => ({SCROLLER})(timeline).scrollBy(0, pixels)", pixels)
        assert self.scrolled != before

    @property
    def scrolled(self) -> float:
        """How far from the end, which is 0."""
        return float(self.timeline.evaluate(f"timeline => ({SCROLLER})(timeline).scrollTop"))

    def expect_state(self, words: str) -> None:
        """What the bar over the timeline says."""
        expect(self.connection.get_by_text(words)).to_be_visible()

    def expect_no_bar(self) -> None:
        expect(self.connection.locator("[data-state]:visible")).to_have_count(0)
