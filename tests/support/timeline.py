"""A timeline without a screen: it applies the frames of a room's log as `<room-timeline>` does.

The measure of the whole path: after any history it equals that of a fresh page.
"""

from dataclasses import dataclass, field, replace

from tests.support.markup import Element, parse


@dataclass(frozen=True)
class Content:
    """What a message says. `edited` is whether it says that it was; of a deleted one there is no body."""

    body: str
    edited: bool


# Each emoji with the ids of who put it there.
Reactions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Seen:
    """A message as the page has it."""

    id: str
    revision: int
    author: str
    content: Content
    reactions: Reactions
    # The line of the message that it answers.
    quote: str | None = None
    reply_to: int | None = None

    @property
    def body(self) -> str:
        return self.content.body


@dataclass
class Timeline:
    """One room's messages by ordinal, and the cursor: the last revision that came."""

    room_id: int
    cursor: int | None = None
    messages: dict[int, Seen] = field(default_factory=dict)
    resets: int = 0
    # Revisions before parts that came and did not fit: it has to join again from the first of them.
    owed: set[int] = field(default_factory=set)

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
            if element["data-frame"] in ("content", "reactions"):
                self._change(element, revision)
            for ordinal, message in messages.items():
                if ordinal not in self.messages or self.messages[ordinal].revision < message.revision:
                    self.messages[ordinal] = message
            self._quote(element)
            self.cursor = max(self.cursor or 0, revision)

    def _change(self, element: Element, revision: int) -> None:
        """A part alone: it goes into the message as it was before, or the message is owed."""
        ordinal, previous = int(element["data-ordinal"] or 0), int(element["data-previous"] or 0)
        message = self.messages.get(ordinal)
        if message is None or message.revision < previous:
            self.owed.add(previous)
        elif message.revision == previous and element["data-frame"] == "content":
            self.messages[ordinal] = replace(message, revision=revision, content=_content(element))
        elif message.revision == previous:
            self.messages[ordinal] = replace(message, revision=revision, reactions=_reactions(element))

    def _quote(self, element: Element) -> None:
        """Have those that answer a message quote it as it is now."""
        for quoted in element.all(class_="message__quoted"):
            for ordinal, message in self.messages.items():
                if message.quote is not None and str(message.reply_to) == quoted["data-ordinal"]:
                    self.messages[ordinal] = replace(message, quote=_line(quoted))


def _messages(element: Element) -> dict[int, Seen]:
    return {int(message["data-ordinal"] or 0): _seen(message) for message in element.all("article", data_ordinal=None)}


def _seen(message: Element) -> Seen:
    quotes = message.all(class_="message__quote")
    reply_to = message.attributes.get("data-reply-to")
    return Seen(
        id=message["id"] or "",
        revision=int(message["data-revision"] or 0),
        author=message.one(class_="message__author").text,
        content=_content(message),
        reactions=_reactions(message),
        quote=_line(quotes[0]) if quotes else None,
        reply_to=None if reply_to is None else int(reply_to),
    )


def _content(element: Element) -> Content:
    body = "".join(body.text for body in element.all(class_="message__body"))
    return Content(body, edited=bool(element.all(class_="message__edited")))


def _reactions(element: Element) -> Reactions:
    return tuple((one["value"] or "", one["data-people"] or "") for one in element.all("button", class_="reaction"))


def _line(element: Element) -> str:
    return " ".join(element.text.split())
