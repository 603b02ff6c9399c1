"""A person in front of a screen, and their words for what they do there."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from multichat.models import Role, Room
from tests.browser.browsers import new_tab
from tests.browser.pane import Pane
from tests.browser.site import Site
from tests.support import person

# Opens a browser of somebody's own, with the options of Playwright's `Browser.new_context()`, and `own_clock` for a
# clock that the test may put forward.
OpenBrowser = Callable[..., BrowserContext]


class Person(person.Person):
    """Signed in from the start. Their first page opens their browser."""

    def __init__(self, site: Site, username: str, open_browser: OpenBrowser, role: Role = Role.member) -> None:
        super().__init__(site.app, username, role)
        self._site = site
        self._open_browser = open_browser
        self._context: BrowserContext | None = None

    @property
    def browser(self) -> BrowserContext:
        if self._context is None:
            self._context = self.other_browser()
        return self._context

    def other_browser(self, **options: Any) -> BrowserContext:
        """One more, such as a phone's, that they are signed in on too."""
        context = self._open_browser(**options)
        cookie = self.client.get_cookie("multichat")
        assert cookie is not None
        context.add_cookies([{"name": "multichat", "value": cookie.value, "url": self._site.server.url}])
        return context

    def use(self, **options: Any) -> None:
        """Have their pages open in a browser with these options from now on."""
        self._context = self.other_browser(**options)

    def page(self, path: str = "/") -> Page:
        """A new tab."""
        page = new_tab(self.browser)
        page.goto(path)
        return page

    def open(self, room: Room, *beside: Room) -> Pane:
        """The room in a new tab, with others beside it; they have come in when this returns."""
        query = "?" * bool(beside) + "&".join(f"beside={other.id}" for other in beside)
        pane = Pane(self.page(f"/rooms/{room.id}{query}"), room)
        for each in (room, *beside):
            self.expect_in(pane.beside(each))
        return pane

    def expect_in(self, pane: Pane) -> None:
        expect(pane.roster.locator(f'[data-person="{self.id}"]')).to_be_attached()

    def expect_fresh(self, pane: Pane) -> None:
        """Once it has come up with the log, the pane holds the messages that it would had it just been opened."""
        expect(pane.timeline).to_have_attribute("data-revision", str(self._site.revision(pane.room)))
        held = pane.read()
        ordinals = [int(message["ordinal"]) for message in held]
        if pane.at_newest:
            assert ordinals[-1:] == [self._site.last_ordinal(pane.room)][: len(held)]
        assert held == (pane.read_anew(ordinals[0], ordinals[-1]) if held else [])
