"""The commands of one connection: authorised afresh each time, each in an application context of its own."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

from flask import Flask

from multichat.database import Busy, writing
from multichat.extensions import realtime
from multichat.messages import broadcasts as message_broadcasts
from multichat.messages import changes, reading
from multichat.messages.changes import TooFast
from multichat.models import Invalid, NoMessage, NotFound, Refused, Visit
from multichat.models.room import ID_LIMIT
from multichat.pace import Pace
from multichat.presence.attendance import Attendance
from multichat.realtime.connection import SIGNED_OUT, SLOW, Connection
from multichat.realtime.frame import text_frame
from multichat.realtime.hub import NotJoined
from multichat.realtime.log import LogUnavailable
from multichat.sockets.errors import Code, CommandError, error_fragment, signed_out
from multichat.sockets.fields import Fields, read_command

COMMANDS_LIMIT = 60
COMMANDS_SECONDS = 10.0
# Whoever goes on faster than that is read this slowly: what they send waits in the kernel, theirs in the end.
TOO_FAST_SECONDS = 0.02
ROOMS_LIMIT = 100


class Commands:
    """What one client asks for; each command is answered with frames, or with an error fragment."""

    def __init__(self, app: Flask, connection: Connection, token: str) -> None:
        self._app = app
        self._connection = connection
        self._token = token
        self._pace = Pace(COMMANDS_LIMIT, COMMANDS_SECONDS)
        self._given: dict[str, Any] = {}

    def handle(self, data: str | bytes) -> None:
        """Do one command. The socket stays open, whatever it was."""
        self._given = {}
        try:
            try:
                self._given = read_command(data)
            finally:
                # Whatever it was; but after it is read, since the error names what was refused.
                self._count()
            self._do(self._given.get("command"), Fields(self._given))
        except CommandError as error:
            self._answer(error)
        except NoMessage:
            self._answer(CommandError(Code.MESSAGE_INVALID, "There is no such message."))
        except NotFound:
            self._answer(CommandError(Code.ROOM_INVALID, "There is no such room."))
        except Refused as error:
            self._answer(CommandError(Code.ROOM_ACCESS_DENIED, str(error)))
        except Invalid as error:
            self._answer(CommandError(Code.MESSAGE_INVALID, str(error)))
        except TooFast as error:
            self._answer(CommandError(Code.RATE_LIMITED, str(error)))
        except Busy:
            self.failed()

    def failed(self) -> None:
        """The server's own trouble: the page is to come back and send again what was not acknowledged."""
        self._connection.shut(SLOW, "try again")

    def leave_all(self) -> None:
        """The connection is gone: so is its part in every room."""
        self._attendance.leave_all(self._connection)

    def _do(self, command: object, fields: Fields) -> None:
        verbs: dict[object, Callable[[Fields], None]] = {
            "join": self._join,
            "leave": self._leave,
            "send": self._send,
            "edit": self._edit,
            "delete": self._delete,
            "react": self._react,
            "typing": self._typing,
            "read": self._read,
        }
        verb = verbs.get(command) if isinstance(command, str) else None
        if verb is None:
            raise CommandError(Code.COMMAND_INVALID, "There is no such command.")
        verb(fields)

    def _join(self, fields: Fields) -> None:
        room_id, after = fields.number("room"), fields.cursor()
        connection = self._connection
        if not 0 < room_id < ID_LIMIT:
            raise NotFound  # the keeper would ask for it together with all rooms, and that query would fail
        if len(connection.rooms) >= ROOMS_LIMIT and room_id not in connection.rooms:
            raise CommandError(Code.ROOM_ACCESS_DENIED, f"{ROOMS_LIMIT} rooms are the most that one page can open.")
        new = realtime.hub.join(connection, room_id)
        try:
            with self._app.app_context():
                visit = self._authorise(room_id)
                if visit.membership is None:
                    reading.read_all(visit.room, visit.person)
        except (CommandError, NotFound):
            realtime.hub.leave(connection, room_id)
            self._attendance.leave(connection, room_id)  # it may have been in the room before
            raise
        try:
            # Outside of the context above: a slow reader must not hold a database connection while it is written to.
            realtime.keeper.catch_up(connection, room_id, after)
        except LogUnavailable:
            self.failed()
            return
        except NotJoined:
            return
        with self._app.app_context():
            if new:
                self._attendance.enter(connection, room_id, visit.person)
            else:
                self._attendance.show(connection, room_id)

    def _leave(self, fields: Fields) -> None:
        with self._app.app_context():
            room = self._authorise(fields.number("room"), joined=True).room
            realtime.hub.leave(self._connection, room.id)
            self._attendance.leave(self._connection, room.id)

    def _send(self, fields: Fields) -> None:
        body, client_id, level, reply_to = fields.text("body"), fields.client_id(), fields.level(), fields.reply_to()
        with self._app.app_context():
            visit = self._authorise(fields.number("room"), joined=True)
            posted = changes.post(visit.room, visit.person, body, client_id, level, reply_to)
            self._attendance.said(self._connection, visit.room.id)
            if posted.repeated:
                realtime.hub.answer(self._connection, message_broadcasts.upsert(posted.message), visit.room.id)

    def _typing(self, fields: Fields) -> None:
        stopped = fields.flag("stopped")
        with self._app.app_context():
            visit = self._authorise(fields.number("room"), joined=True)
            if visit.room.archived:
                raise Refused("This room is archived: it can be read, not written to.")
            if stopped:
                self._attendance.stops_typing(self._connection, visit.room.id)
            else:
                self._attendance.types(self._connection, visit.room.id, visit.person)

    def _edit(self, fields: Fields) -> None:
        body, ordinal = fields.text("body"), fields.number("ordinal")
        with self._app.app_context():
            visit = self._authorise(fields.number("room"), joined=True)
            changes.edit(visit.room, visit.person, ordinal, body)

    def _delete(self, fields: Fields) -> None:
        ordinal = fields.number("ordinal")
        with self._app.app_context():
            visit = self._authorise(fields.number("room"), joined=True)
            changes.delete(visit.room, visit.person, ordinal)

    def _react(self, fields: Fields) -> None:
        emoji, ordinal, off = fields.text("emoji"), fields.number("ordinal"), fields.flag("off")
        with self._app.app_context():
            visit = self._authorise(fields.number("room"), joined=True)
            changes.react(visit.room, visit.person, ordinal, emoji, on=not off)

    def _read(self, fields: Fields) -> None:
        ordinal, mark = fields.number("ordinal"), fields.mark()
        with self._app.app_context():
            visit = self._authorise(fields.number("room"))
            if visit.membership is not None:
                with contextlib.suppress(Busy):  # whoever reads on says so again
                    reading.read(visit.room, visit.membership, ordinal, mark)

    def _authorise(self, room_id: int, joined: bool = False) -> Visit:
        """Who this connection speaks for at this moment, and the room that they mean.

        Raises `NotFound` for a room that they may not see, and `CommandError`, when they are signed out also closing
        the connection; with `joined`, when they see the room and have not joined it.
        """
        visit = Visit.find(self._token, room_id)
        if visit is None:
            self._connection.deliver(text_frame(signed_out()))
            self._connection.shut(SIGNED_OUT, "signed out")
            raise CommandError(Code.USER_HAS_TO_LOGIN, "You are signed out.")
        if visit.sign_in.wants_renewal:
            with contextlib.suppress(Busy), writing():  # a page that is open all day asks for no other
                visit.sign_in.renew()
        if joined and room_id not in self._connection.rooms:
            raise CommandError(Code.ROOM_ACCESS_DENIED, "Enter the room first.")
        return visit

    def _count(self) -> None:
        if not self._pace.allows():
            time.sleep(TOO_FAST_SECONDS)
            raise CommandError(Code.RATE_LIMITED, "That was too fast. Wait a moment and try again.")

    def _answer(self, error: CommandError) -> None:
        with self._app.app_context():
            html = error_fragment(error, self._given.get("room"), self._given.get("client_id"))
        self._connection.deliver(text_frame(html))

    @property
    def _attendance(self) -> Attendance:
        attendance: Attendance = self._app.extensions["attendance"]
        return attendance
