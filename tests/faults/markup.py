"""Frames and pages, read by pattern, as fast as hundreds of clients need it: our templates alone write them."""

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from tests.faults.history import Part, Shown

ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
ENVELOPE = re.compile(r"<div\b([^>]*\bdata-frame=[^>]*)>")
MESSAGE = re.compile(r'<article\b([^>]*\bid="message-(\d+)"[^>]*)>.*?</article>', re.DOTALL)
ROSTER = re.compile(r"#room-(\d+)-roster")
SOCKET = re.compile(r'\bws-connect="([^"]+)"')
CONTENT = '<div class="message__content">'
REACTIONS = '<div class="message__reactions">'
# What an edit changes of the element itself.
CHANGING = re.compile(r'\bdata-(?:revision|mentions)="[^"]*"')
CLOSED = re.compile(r"(?:</div>\s*)+$")
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


@lru_cache(maxsize=256)
def part(html: str) -> Part:
    """The part of a message that this frame has."""
    envelope = ENVELOPE.search(html)
    assert envelope is not None
    found = attributes(envelope[1])
    inner = html.partition(CONTENT if found["data-frame"] == "content" else REACTIONS)[2]
    mentions = found.get("data-mentions", "")
    return Part(int(found["data-ordinal"]), int(found["data-previous"]), _digest(mentions, CLOSED.sub("", inner)))


def _shown(element: re.Match[str]) -> Shown:
    found = attributes(element[1])
    head, _, inner = element[0].partition(CONTENT)
    content, _, reactions = inner.removesuffix("</article>").partition(REACTIONS)
    return Shown(
        id=int(element[2]),
        ordinal=int(found["data-ordinal"]),
        revision=int(found["data-revision"]),
        author_id=int(found["data-author-id"]),
        client_id=found["data-client-id"],
        digest=_digest("", CHANGING.sub("", head)),
        content=_digest(found["data-mentions"], CLOSED.sub("", content.rstrip())),
        reactions=_digest("", CLOSED.sub("", reactions.rstrip())),
        deleted="message--deleted" in found["class"],
    )


def _digest(mentions: str, html: str) -> int:
    return zlib.crc32(f"{mentions} {' '.join(html.split())}".encode())
