"""What a person would never see and a developer must: everything that pages complain of, and whom they talk to."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Dialog, Page, Request

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (violation) =>
  console.error(`CSP violation: ${violation.violatedDirective} ${violation.blockedURI} ${violation.sample}`));
"""


class Watch:
    """Over all pages, one test at a time. No troubles may be left at its end, but those that it provokes and allows."""

    def __init__(self) -> None:
        self._host = ""
        self._troubles: list[str] = []
        self._allowed: list[str] = []

    def begin(self, url: str) -> None:
        """A test that talks to the server at this address alone."""
        self._host = urlsplit(url).netloc
        self._troubles.clear()
        self._allowed.clear()

    def allow(self, pattern: str) -> None:
        """A regular expression, found in the trouble's text."""
        self._allowed.append(pattern)

    def over(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("page", lambda page: page.on("websocket", lambda socket: self._check_host(socket.url)))
        context.on(
            "console", lambda message: self._note(f"console {message.type}: {message.text} {message.location['url']}")
        )
        context.on("weberror", lambda error: self._note(f"page error: {error.error}"))
        context.on("dialog", self._asked)
        context.on("request", lambda request: self._check_host(request.url))
        context.on("requestfailed", self._failed)

    def troubles(self, pages: list[Page]) -> list[str]:
        """Whatever is not allowed."""
        for page in pages:
            page.evaluate("1")  # events come in order: whatever happened before this answer has been heard of
        return [text for text in self._troubles if not any(re.search(pattern, text) for pattern in self._allowed)]

    def _note(self, trouble: str) -> None:
        self._troubles.append(trouble)

    def _asked(self, dialog: Dialog) -> None:
        self._note(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _failed(self, request: Request) -> None:
        if request.resource_type == "other" and request.failure == "net::ERR_ABORTED":
            return  # the icon of a page that was left before it was there
        self._note(f"failed: {request.method} {request.url} {request.failure}")

    def _check_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "data" and parts.netloc != self._host:
            self._note(f"another host: {url}")
