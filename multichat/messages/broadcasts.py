"""Messages, rendered once and published to whoever is in the room; and the small signals for whoever is elsewhere."""

from collections.abc import Collection, Sequence
from typing import Any

from multichat.extensions import realtime
from multichat.fragments import render_fragment, unrenderable
from multichat.models import Membership, Message, Place
from multichat.realtime.frame import Frame, list_topic, room_topic, user_topic


def message_created(message: Message) -> None:
    _publish("frames/message_created.html", message)
    signal = room_state(message.room_id, last_ordinal=message.ordinal)
    realtime.publish(Frame(list_topic(message.room_id), signal, about="ordinal"))
    # Whatever else the author has open.
    own = room_state(message.room_id, last_read=message.ordinal)
    realtime.publish(Frame(user_topic(message.author_id), own))


def message_edited(message: Message, before: int) -> None:
    """What it says now; `before` is the revision that a page must have of it to need no more than that."""
    _publish("frames/message_content.html", message, before=before)


def reactions_changed(message: Message, before: int) -> None:
    _publish("frames/message_reactions.html", message, before=before)


def message_changed(message: Message) -> None:
    _publish("frames/message_upsert.html", message)


def concerned(message: Message, user_ids: Collection[int]) -> None:
    """Tell these people that the message concerns them: everybody hears it, and their pages know them."""
    if user_ids:
        signal = room_state(message.room_id, last_mention=message.ordinal, people=" ".join(map(str, sorted(user_ids))))
        realtime.publish(Frame(list_topic(message.room_id), signal, about=f"mention {message.ordinal}"))


def membership_changed(membership: Membership, activity: bool) -> None:
    """Tell the person's own tabs; `activity` is whether anything that concerns them is unread."""
    state = room_state(
        membership.room_id,
        last_read=membership.last_read,
        last_mention=membership.last_mention,
        mark=membership.mark,
        notify=membership.notify.value,
        activity=str(activity).lower(),
    )
    realtime.publish(Frame(user_topic(membership.user_id), state))


def upsert(message: Message) -> Frame:
    """The message whole, in its present state: it may be new to the page or not."""
    return _frame("frames/message_upsert.html", message)


def room_state(room_id: int, **state: object) -> str:
    """What is said of a room in the sidebar; only what is given."""
    attributes = {name.replace("_", "-"): value for name, value in state.items()}
    return render_fragment("frames/room_state.html", room_id=room_id, state=attributes)


def room_states(places: Sequence[Place]) -> str:
    """How far each of somebody's rooms has come, and how far they have."""
    return render_fragment("frames/room_states.html", places=places)


def _publish(template: str, message: Message, **context: Any) -> None:
    realtime.publish(_frame(template, message, **context))


def _frame(template: str, message: Message, **context: Any) -> Frame:
    try:
        html = render_fragment(template, message=message, **context)
    except Exception:  # whatever a template stumbles over
        html = unrenderable("frames/message_unrenderable.html", message)
    return Frame(room_topic(message.room_id), html, message.revision)
