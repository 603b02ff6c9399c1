"""What administrators look after: rooms, of which two are none of their business to read, and what was said in them."""

import html
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from multichat.database import writing
from multichat.messages import changes as messages
from multichat.models import Access, Message, Role, Room
from multichat.rooms import changes as rooms
from tests.support.person import Person

Say = Callable[[Room, Person, str], Message]


@pytest.fixture
def grace(app: Flask) -> Person:
    """A second administrator."""
    return Person(app, "grace", Role.admin)


@pytest.fixture
def launch(app: Flask) -> Room:
    """A private room."""
    with app.app_context():
        return rooms.create("Launch", Access.private)


@pytest.fixture
def together(app: Flask) -> Room:
    """A direct room."""
    with app.app_context(), writing():
        return Room.create("alice and bob", Access.direct)


@pytest.fixture
def say(app: Flask) -> Say:
    def say(room: Room, person: Person, body: str) -> Message:
        with app.app_context():
            return messages.post(room, person.user, body, uuid4()).message

    return say


def targets(page: TestResponse) -> list[str]:
    """Where the page's links and forms lead."""
    return [html.unescape(found) for found in re.findall(r'(?:href|action)="([^"]*)"', page.text)]


def column(page: TestResponse, name: str) -> list[str]:
    """What a list shows in the cells of that class, as text."""
    cells = re.findall(rf'<td class="table__{name}".*?</td>', page.text, re.DOTALL)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in cells]
