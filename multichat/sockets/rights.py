"""Rights are state: when they moved, every connection of this worker is looked at again."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from multichat.database import db
from multichat.extensions import realtime
from multichat.fragments import render_fragment
from multichat.models import Rights, Room, Standing
from multichat.presence.attendance import Attendance
from multichat.realtime.connection import SIGNED_OUT, Connection
from multichat.realtime.frame import text_frame
from multichat.realtime.hub import Hub
from multichat.realtime.log import LogUnavailable
from multichat.sockets.errors import signed_out

CLOSED = "This room is not open to you any more, or it is gone."


def check_rights(app: Flask, hub: Hub) -> None:
    """Let go of whoever lost a right, and show everybody the rooms that they may see now. Raises `LogUnavailable`.

    A fixed number of statements, however many connections.
    """
    try:
        with app.app_context():
            connections = [connection for connection in hub.connections() if connection.sign_in_id]
            standings = Rights.standings({connection.sign_in_id for connection in connections})
            evicted: list[tuple[Connection, int]] = []
            for connection in connections:
                standing = standings.get(connection.sign_in_id)
                if standing is None or standing.user_id != connection.user_id:
                    connection.deliver(text_frame(signed_out()))
                    connection.shut(SIGNED_OUT, "signed out")
                else:
                    for room_id in connection.rooms - standing.rooms:
                        hub.leave(connection, room_id)
                        evicted.append((connection, room_id))
                    hub.listen(connection, standing.user_id, standing.rooms)
            _tell(evicted)
            show_room_list(connections, standings)
            attendance: Attendance = app.extensions["attendance"]
            attendance.recognise()
            # Last, since it asks the roster for each of them.
            for connection, room_id in evicted:
                attendance.leave(connection, room_id)
    except SQLAlchemyError as error:
        raise LogUnavailable(str(error)) from error


def show_room_list(connections: Iterable[Connection], standings: Mapping[int, Standing]) -> None:
    """Send the list of rooms to those whose page shows another, and what became of the rooms that they have open.

    Rendered once for all who see the same.
    """
    rooms = list(db.session.scalars(select(Room).order_by(Room.name_key, Room.id)))
    present = realtime.here.counts([room.id for room in rooms])
    lists: dict[frozenset[int], tuple[bytes, bytes]] = {}
    changed: dict[int, bytes] = {}
    for connection in connections:
        standing = standings.get(connection.sign_in_id)
        if standing is None:
            continue
        if standing.rooms not in lists:
            lists[standing.rooms] = _room_list([room for room in rooms if room.id in standing.rooms], present)
        signature, data = lists[standing.rooms]
        if connection.room_list != signature:
            connection.room_list = signature
            connection.deliver(data)
            for room in rooms:
                if room.id in connection.rooms:
                    if room.id not in changed:
                        changed[room.id] = text_frame(render_fragment("frames/room_changed.html", room=room))
                    connection.deliver(changed[room.id])


def _tell(evicted: Iterable[tuple[Connection, int]]) -> None:
    frames: dict[int, bytes] = {}
    for connection, room_id in evicted:
        if room_id not in frames:
            html = render_fragment("frames/room_closed.html", room_id=room_id, text=CLOSED)
            frames[room_id] = text_frame(html)
        connection.deliver(frames[room_id])


def _room_list(rooms: list[Room], present: dict[int, int]) -> tuple[bytes, bytes]:
    signature = tuple((room.id, room.name, room.topic, room.access, room.archived) for room in rooms)
    html = render_fragment(
        "frames/room_list.html",
        rooms=[room for room in rooms if not room.archived],
        archived=[room for room in rooms if room.archived],
        present=present,
    )
    # Each socket keeps it: of forty rooms the thing itself would be 5 KB.
    return sha256(repr(signature).encode()).digest(), text_frame(html)
