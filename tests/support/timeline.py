"""A timeline without a screen: it applies the frames of a room's log as `<room-timeline>` does.

The measure of the whole path: after any history it equals that of a fresh page.
"""

from dataclasses import dataclass, field

from tests.support.markup import Element, parse


@dataclass(frozen=True)
class Seen:
    """A message as the page has it."""

    id: str
    revision: int
    author: str
    body: str


@dataclass
class Timeline:
    """One room's messages by ordinal, and the cursor: the last revision that came."""

    room_id: int
    cursor: int | None = None
    messages: dict[int, Seen] = field(default_factory=dict)
    resets: int = 0

    @classmethod
    def of_page(cls, room_id: int, html: str) -> "Timeline":
        """The timeline of a page that was just loaded."""
        element = parse(html).one("room-timeline", data_room=str(room_id))
        return cls(room_id, int(element["data-revision"] or 0), _messages(element))

    @property
    def bodies(self) -> list[str]:
        return [self.messages[ordinal].body for ordinal in sorted(self.messages)]

    def apply(self, html: str) -> None:
        """Take a frame, whatever it is."""
        for element in parse(html).elements:
            if "data-revision" in element.attributes and element["data-room"] == str(self.room_id):
                self._apply(element, int(element["data-revision"] or 0))

    def _apply(self, element: Element, revision: int) -> None:
        messages = _messages(element)
        if element["data-frame"] == "reset":
            self.resets += 1
            self.messages = messages
            self.cursor = revision
        else:
            for ordinal, message in messages.items():
                if ordinal not in self.messages or self.messages[ordinal].revision < message.revision:
                    self.messages[ordinal] = message
            self.cursor = max(self.cursor or 0, revision)


def _messages(element: Element) -> dict[int, Seen]:
    return {
        int(message["data-ordinal"] or 0): Seen(
            id=message["id"] or "",
            revision=int(message["data-revision"] or 0),
            author=message.one(class_="message__author").text,
            body="".join(body.text for body in message.all(class_="message__body")),
        )
        for message in element.all(data_ordinal=None)
    }
