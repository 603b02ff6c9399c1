"""Rooms, told to whoever may see them."""

from multichat.extensions import realtime
from multichat.fragments import render_fragment
from multichat.models import Room
from multichat.realtime.frame import Frame, list_topic


def room_changed(room: Room) -> None:
    realtime.publish(Frame(list_topic(room.id), render_fragment("frames/room_changed.html", room=room)))
