"""A running server, and the same application in this process: by it a test arranges what people then see."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from uuid import uuid4

import sqlalchemy as sa

from multichat import config
from multichat.app import create_app
from multichat.database import db, now, writing
from multichat.messages import changes as message_changes
from multichat.messages.markdown import render
from multichat.models import Level, Message, Rights, Room, SignIn, User
from tests.support.person import Person
from tests.support.server import Server


class Site:
    """Shared by many tests; each of them finds it empty."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.app = create_app(config.load(server.settings))

    def close(self) -> None:
        self.app.extensions["realtime"].close()
        with self.app.app_context():
            db.engine.dispose()

    def clear(self) -> None:
        """Rooms are deleted. People never are, so whoever was here is gone by another name."""
        if self.server.process.poll() is not None:
            self.server.start()  # a test failed while it was stopped
        with self.app.app_context(), writing() as session:
            Rights.bump()
            session.execute(sa.delete(SignIn))
            session.execute(sa.delete(Room))
            name = sa.literal("gone-") + sa.cast(User.id, sa.String)
            session.execute(sa.update(User).values(username=name, username_key=name, display_name=name, active=False))

    def fill(
        self,
        room: Room,
        author: Person,
        bodies: list[str],
        level: Level = Level.message,
        client_ids: Sequence[str] = (),
    ) -> None:
        """Have it all said at once, a minute ago, and tell nobody: pages hear of it as of a lost publish.

        The first so many have these client ids.
        """
        with self.app.app_context(), writing() as session:
            for body, client_id in zip_longest(bodies, client_ids):
                revision, ordinal = room.take_ordinal()
                session.add(
                    Message(
                        room_id=room.id,
                        ordinal=ordinal,
                        revision=revision,
                        author_id=author.id,
                        level=level,
                        body=body,
                        body_html=render(body).html,
                        client_id=client_id or str(uuid4()),
                        created_at=now() - timedelta(minutes=1),
                    )
                )

    def delete_message(self, room: Room, ordinal: int) -> None:
        with self.app.app_context():
            message = Message.at(room.id, ordinal)
            message_changes.delete(room, message.author, ordinal)

    def edit_message(self, room: Room, ordinal: int, body: str) -> None:
        with self.app.app_context():
            message_changes.edit(room, Message.at(room.id, ordinal).author, ordinal, body)

    def date(self, room: Room, ordinal: int, moment: datetime) -> None:
        """Have it said then."""
        with self.app.app_context(), writing() as session:
            session.execute(
                sa.update(Message)
                .where(Message.room_id == room.id, Message.ordinal == ordinal)
                .values(created_at=moment)
            )

    def message_id(self, room: Room, ordinal: int) -> int:
        with self.app.app_context():
            query = sa.select(Message.id).where(Message.room_id == room.id, Message.ordinal == ordinal)
            return db.session.scalars(query).one()

    def revision(self, room: Room) -> int:
        with self.app.app_context():
            return Room.revisions([room.id])[room.id]

    def last_ordinal(self, room: Room) -> int:
        with self.app.app_context():
            return db.session.scalars(sa.select(Room.last_ordinal).where(Room.id == room.id)).one()
