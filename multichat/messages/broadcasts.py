"""Messages, rendered once and published to whoever is in the room."""

from multichat.extensions import realtime
from multichat.fragments import render_fragment
from multichat.models import Message
from multichat.realtime.frame import Frame, room_topic


def message_created(message: Message) -> None:
    _publish("frames/message_created.html", message)


def message_changed(message: Message) -> None:
    _publish("frames/message_upsert.html", message)


def upsert(message: Message) -> Frame:
    """The message whole, in its present state: it may be new to the page or not."""
    return _frame("frames/message_upsert.html", message)


def _publish(template: str, message: Message) -> None:
    realtime.publish(_frame(template, message))


def _frame(template: str, message: Message) -> Frame:
    return Frame(room_topic(message.room_id), render_fragment(template, message=message), message.revision)
