"""Frames and pages, read by pattern, as fast as hundreds of clients need it: our templates alone write them."""

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from tests.faults.history import Shown

ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
ENVELOPE = re.compile(r"<div\b([^>]*\bdata-frame=[^>]*)>")
MESSAGE = re.compile(r'<article\b([^>]*\bid="message-(\d+)"[^>]*)>.*?</article>', re.DOTALL)
ROSTER = re.compile(r"#room-(\d+)-roster")
SOCKET = re.compile(r'\bws-connect="([^"]+)"')
TIMELINE = re.compile(r"<room-timeline\b([^>]*)>(.*?)</room-timeline>", re.DOTALL)


def attributes(tag: str) -> dict[str, str]:
    return dict(ATTRIBUTE.findall(tag))


# Hundreds of clients are shown the same.
@lru_cache(maxsize=256)
def messages(html: str) -> tuple[Shown, ...]:
    """Every message element in this piece of a page or frame."""
    return tuple(_shown(element) for element in MESSAGE.finditer(html))


@dataclass(frozen=True)
class Page:
    """A room as it is on a page, and where that page opens its socket."""

    room: int
    revision: int
    messages: tuple[Shown, ...]
    socket: str


def page(html: str, room: int) -> Page:
    socket = SOCKET.search(html)
    for timeline in TIMELINE.finditer(html):
        found = attributes(timeline[1])
        if found["data-room"] == str(room) and socket is not None:
            return Page(room, int(found["data-revision"]), messages(timeline[2]), unescape(socket[1]))
    raise LookupError(f"room {room} is not on this page")


def _shown(element: re.Match[str]) -> Shown:
    found = attributes(element[1])
    return Shown(
        id=int(element[2]),
        ordinal=int(found["data-ordinal"]),
        revision=int(found["data-revision"]),
        author_id=int(found["data-author-id"]),
        client_id=found["data-client-id"],
        digest=zlib.crc32(element[0].encode()),
    )
