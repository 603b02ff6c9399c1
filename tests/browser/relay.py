"""A connection that a test can hold what is sent on."""

import json
import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, WebSocketRoute


class Relay:
    """Between a person's pages and the server. While it holds, nothing that they say arrives."""

    def __init__(self, browser: BrowserContext) -> None:
        self.holds = False
        self.held: list[Callable[[], None]] = []
        browser.route_web_socket(re.compile("/ws"), self._connect)

    def release(self) -> None:
        """Let it all arrive."""
        self.holds = False
        while self.held:
            self.held.pop(0)()

    def _connect(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def pass_on(data: str | bytes) -> None:
            if self.holds and json.loads(data)["command"] == "send":
                self.held.append(lambda: server.send(data))
            else:
                server.send(data)

        page.on_message(pass_on)
