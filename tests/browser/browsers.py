"""People's browsers: contexts of one Chromium, that share nothing."""

from collections import defaultdict
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.watch import Watch

# Where a tab waits for its next reader: a small page of ours, so that the process behind the tab is kept.
IDLE = "/healthz"
FORGET = "localStorage.clear(), sessionStorage.clear()"


def new_tab(context: BrowserContext) -> Page:
    return next((page for page in context.pages if page.url.endswith(IDLE)), None) or context.new_page()


class Browsers:
    """Lends browsers to tests. One that comes back is emptied of all but its cache and a tab.

    A new browser and a new tab take Chromium more time than most tests.
    """

    def __init__(self, chrome: Browser, watch: Watch) -> None:
        self._chrome = chrome
        self._watch = watch
        self._idle: defaultdict[str, list[BrowserContext]] = defaultdict(list)
        self._lent: list[tuple[str, BrowserContext]] = []
        self._made: list[BrowserContext] = []

    def lend(self, **options: Any) -> BrowserContext:
        """With the options of `Browser.new_context()`."""
        kind = repr(sorted(options.items()))
        context = self._idle[kind].pop() if self._idle[kind] else self._new(**options)
        self._lent.append((kind, context))
        return context

    def make(self, **options: Any) -> BrowserContext:
        """One that is not lent again, since it is to be changed for good."""
        context = self._new(**options)
        self._made.append(context)
        return context

    def take_back(self) -> None:
        """All that were lent or made."""
        for context in self._made:
            context.close()
        self._made.clear()
        for kind, context in self._lent:
            for page in context.pages[1:]:
                page.close()
            for page in context.pages:
                page.unroute_all()
                page.goto(IDLE)
                page.evaluate(FORGET)
            context.clear_cookies()
            self._idle[kind].append(context)
        self._lent.clear()

    def _new(self, **options: Any) -> BrowserContext:
        context = self._chrome.new_context(**options)
        self._watch.over(context)
        return context
