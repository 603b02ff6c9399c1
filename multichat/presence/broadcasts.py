"""Coming, going, being there and typing: told beside the log, and not missed when lost."""

from typing import Any

from multichat.extensions import realtime
from multichat.fragments import render_fragment
from multichat.models import People, User
from multichat.realtime.connection import Connection
from multichat.realtime.frame import Frame, list_topic, room_topic


def entered(room_id: int, person: User, connection: Connection) -> None:
    """Told to everybody but the one who came in."""
    _to_room(room_id, "frames/notice.html", connection, level="enter", person=person)


def left(room_id: int, person: User) -> None:
    _to_room(room_id, "frames/notice.html", None, level="leave", person=person)


def typing(room_id: int, person: User, connection: Connection) -> None:
    _to_room(room_id, "frames/typing.html", connection, person=person)


def stopped_typing(room_id: int, connection: Connection) -> None:
    _to_room(room_id, "frames/typing_stopped.html", connection, person_id=connection.user_id)


def roster(room_id: int, html: str, count: int) -> None:
    """Who is there to the room's people, how many to whoever may see it."""
    realtime.publish(Frame(room_topic(room_id), html))
    presence = render_fragment("frames/room_presence.html", room_id=room_id, count=count)
    realtime.publish(Frame(list_topic(room_id), presence))


def roster_html(room_id: int, people: People) -> str:
    return render_fragment("frames/roster.html", room_id=room_id, people=people)


def _to_room(room_id: int, template: str, but: Connection | None, **context: Any) -> None:
    realtime.publish(Frame(room_topic(room_id), render_fragment(template, room_id=room_id, **context)), but)
