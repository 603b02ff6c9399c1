"""Messages as HTML, rendered once for as long as they look the same."""

from collections.abc import Callable, Hashable

from multichat.models import Message

# Of a worker: some three thousand ordinary messages. Beyond it all of them go, and those that are read come back.
KEPT_CHARACTERS = 4_000_000


class RenderedMessages:
    """This worker's, by what makes their looks. Of a page of 50 they took two thirds of the time."""

    def __init__(self, render: Callable[[Message], str]) -> None:
        self._render = render
        self._kept: dict[Hashable, str] = {}
        self._characters = 0

    def html(self, message: Message) -> str:
        look = _look_of(message)
        html = self._kept.get(look)
        if html is None:
            html = self._render(message)
            if self._characters > KEPT_CHARACTERS:
                self._kept.clear()
                self._characters = 0
            self._kept[look] = html
            self._characters += len(html)
        return html


def _look_of(message: Message) -> Hashable:
    """Whatever of it can change: itself, the message that it answers, and what everybody in it is called."""
    original = message.original
    quoted = None if original is None else (original.revision, original.renderer, original.author.display_name)
    names = tuple(message.names.get(user_id) for user_id in message.people)
    # The client id, since another database may have another message under this id; the id, since anybody may send
    # under a client id that they have seen.
    itself = message.id, message.client_id, message.revision, message.renderer
    return itself, message.author.display_name, quoted, names
