"""A person at a real server: an account in its database, pages and sockets over the wire."""

import http.client
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from multichat.models import Role
from tests.support.person import Person
from tests.support.server import Server
from tests.support.socket import HANDSHAKE_SECONDS, Tab
from tests.support.timeline import Timeline


@dataclass(frozen=True)
class Answer:
    """What came back for a request; redirects are not followed."""

    status_code: int
    headers: Mapping[str, str]
    text: str


class Visitor(Person):
    """Signed in. `app` is this process's own, on the server's database and bus, as a `flask` command has it."""

    def __init__(self, app: Flask, server: Server, username: str, role: Role = Role.member) -> None:
        super().__init__(app, username, role)
        self.server = server
        self.tabs: list[Tab] = []

    def on_another_device(self) -> "Visitor":
        """The same person, signed in a second time."""
        other = copy(self)
        other.take_device()
        return other

    @property
    def cookie(self) -> str:
        cookie = self.client.get_cookie("multichat")
        assert cookie is not None
        return f"multichat={cookie.value}"

    def get(self, path: str, **headers: str) -> Answer:
        return fetch(self.server, "GET", path, Cookie=self.cookie, **headers)

    def post(self, path: str, data: dict[str, Any] | None = None, **_: Any) -> Answer:
        form = urlencode({"csrf_token": self.csrf_token()} | (data or {}), doseq=True)
        form_type = {"Content-Type": "application/x-www-form-urlencoded"}
        return fetch(self.server, "POST", path, form, Cookie=self.cookie, **form_type)

    def open(self, query: str = "", on: int | None = None, **options: Any) -> Tab:
        """A tab that has not entered a room yet; on this worker, or on any."""
        if on is not None:
            options["socket"] = self.server.connect_to(on)
        tab = Tab(f"{self.server.url}/ws{query}", self.cookie, **options)
        self.tabs.append(tab)
        return tab

    def enter(self, room_id: int, **options: Any) -> Tab:
        """A tab that shows the room: its page is loaded, its socket is open and has joined."""
        tab = self.open(**options)
        tab.timelines[room_id] = self.timeline(room_id)
        tab.join(room_id)
        return tab

    def timeline(self, room_id: int) -> Timeline:
        """The room on a fresh page."""
        return Timeline.of_page(room_id, self.get(f"/rooms/{room_id}").text)

    def leave(self) -> None:
        """Close every tab."""
        while self.tabs:
            self.tabs.pop().close()


def fetch(server: Server, method: str, path: str, body: str = "", **headers: str) -> Answer:
    """One request, by anybody."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=HANDSHAKE_SECONDS)
    try:
        connection.request(method, path, body.encode(), headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode())
    finally:
        connection.close()
