"""The client that docs/protocol.md shows."""

import re
import subprocess
import sys

from multichat.config import PROJECT
from multichat.models import Room
from tests.support.person import PASSWORD
from tests.support.visitor import Visitor
from tests.system.conftest import House

CLIENT = PROJECT / "docs" / "protocol_client.py"


def test_the_client_signs_in_and_talks(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    tab = alice.enter(lobby.id)
    arguments = [house.url, bob.username, PASSWORD, str(lobby.id), "hi from a script"]
    with subprocess.Popen([sys.executable, CLIENT, *arguments], stdout=subprocess.PIPE, text=True) as client:
        try:
            assert f">{bob.username}<" in tab.until("hi from a script")
            tab.say(lobby.id, "hi script")
            assert client.stdout is not None
            heard = ""
            while "hi script" not in heard:
                line = client.stdout.readline()
                assert line, heard
                heard += line
            assert "hi from a script" in heard
        finally:
            client.terminate()


def test_the_page_shows_the_client_as_it_is() -> None:
    page = (PROJECT / "docs" / "protocol.md").read_text()
    (shown,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert shown == CLIENT.read_text()
