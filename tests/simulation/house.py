"""Workers: the real hub, keeper and connections, and the handler that stands in for the sockets' commands."""

import contextlib
import itertools
import json
from functools import partial
from typing import Any

from multichat.realtime import Realtime
from multichat.realtime.connection import SLOW, STOPPING, Connection, ConnectionLost
from multichat.realtime.frame import RIGHTS_TOPIC, Frame, room_topic, text_frame
from multichat.realtime.hub import Hub, NotJoined
from multichat.realtime.keeper import Keeper
from multichat.realtime.log import LogUnavailable
from multichat.realtime.roster import MemoryRoster
from tests.simulation.bus import Bus, Redis
from tests.simulation.log import Log, Message
from tests.simulation.socket import Socket, frames_in
from tests.simulation.world import Process, Violation, World

LOG_KINDS = ("append", "upsert", "answer", "content", "reactions", "reset")
# The promise is a second; what comes on top is the check itself, which reads the database.
RIGHTS_SECONDS = 1.0 + 0.3


class WatchedHub(Hub):
    """Sees to it that whatever may not wait does not."""

    def __init__(self, bus: Bus, world: World, process: Process) -> None:
        super().__init__(bus, world)
        self.process = process
        self._world = world

    def receive(self, frame: Frame, but: Connection | None = None) -> None:
        with self._world.hurried():
            super().receive(frame, but)

    def fan_out(self) -> None:
        with self._world.hurried():
            super().fan_out()

    def sweep(self) -> None:
        with self._world.hurried():
            super().sweep()


class WatchedConnection(Connection):
    """Looks at everything that is sent to somebody who may not see a room any more."""

    def __init__(self, sock: Socket, world: World, log: Log, number: int) -> None:
        super().__init__(sock, world)  # type: ignore[arg-type]
        self.id = str(number)
        self._number = number
        self._log = log
        self._world = world

    def __hash__(self) -> int:
        return self._number  # sets of connections are to be in the same order each time

    def deliver(self, data: bytes) -> None:
        self._watch(data)
        super().deliver(data)

    def write(self, data: bytes) -> None:
        self._watch(data)
        super().write(data)

    def _watch(self, data: bytes) -> None:
        denied = {room_id: since for (user_id, room_id), since in self._log.denied.items() if user_id == self.user_id}
        if not denied:
            return
        for frame in frames_in(bytearray(data)):
            kind, room_id, *rest = json.loads(frame) if frame[:1] == b"[" else ("", 0)
            if kind in LOG_KINDS and room_id in denied:
                revision = rest[0]
                lost_at = max(denied[room_id], self._log.excused_until)
                late = self._log.committed_at[room_id, revision] - lost_at
                if late > RIGHTS_SECONDS:
                    raise Violation(f"revision {revision} went to somebody who had lost the room {late:.2f} s before")


class Worker:
    def __init__(self, house: "House") -> None:
        world = house.world
        self.process = Process()
        self.bus = Bus(world, house.redis)
        self.hub = WatchedHub(self.bus, world, self.process)
        keeper = Keeper(self.hub, house.log, self.bus, self._check_rights, world)
        self.realtime = Realtime(self.hub, keeper, self.bus, MemoryRoster(), {}, world)
        self.sockets: list[Socket] = []
        self._house = house
        self._log = house.log
        self._world = world
        with world.inside(self.process):
            self.realtime.start()

    def accept(self, user_id: int) -> Socket:
        sock = Socket(self._world)
        self.sockets.append(sock)
        connection = WatchedConnection(sock, self._world, self._log, next(self._house.numbers))
        connection.user_id, sock.connection_id = user_id, connection.id
        self._world.spawn(partial(self._handle, connection, sock), self.process)
        return sock

    def kill(self) -> None:
        """As `kill -9` does: nothing of it runs any more, and the kernel ends its sockets."""
        self.process.dead = True
        self.bus.close()
        for sock in self.sockets:
            sock.cut() if self._world.chance.random() < 0.5 else sock.shutdown(2)

    def stop(self) -> None:
        """As SIGTERM does: everybody is told to come back, and it ends."""

        def stop() -> None:
            self.realtime.drain()
            self._world.sleep(1.0)
            self.kill()

        self._world.spawn(stop, self.process)

    # What `multichat.sockets` does

    def _handle(self, connection: WatchedConnection, sock: Socket) -> None:
        try:
            self.hub.add(connection)
            if self.hub.stopping:
                connection.shut(STOPPING)
            while connection.recv(1):
                command = sock.commands.popleft()
                if not connection.dismissed and command["command"] != "pong":
                    try:
                        self._do(connection, **command)
                    except LogUnavailable:
                        connection.shut(SLOW, "try again")
        except ConnectionLost:
            pass
        finally:
            self._house.dismissed += connection.dismissed
            if not self._world.over:
                self.hub.remove(connection)
                connection.close()
                connection.finish()
                self.sockets.remove(sock)

    def _do(self, connection: WatchedConnection, command: str, room: int, **fields: Any) -> None:
        if command == "join":
            self._join(connection, room, **fields)
        elif not self._log.may_see(connection.user_id, room):
            self._refuse(connection, room)
        elif command == "leave":
            self.hub.leave(connection, room)
        elif room not in connection.rooms:
            self._refuse(connection, room)
        elif command == "typing":
            self._publish(Frame(room_topic(room), json.dumps(["typing", room, connection.id])), connection)
        else:
            message, repeated = self._log.post(room, **fields)
            if repeated:
                self.hub.answer(connection, frame_of("answer", message), room)
            else:
                self._tell("append", message)

    def _join(self, connection: WatchedConnection, room: int, after: int) -> None:
        self.hub.join(connection, room)
        if not self._log.may_see(connection.user_id, room):
            self.hub.leave(connection, room)
            self._refuse(connection, room)
            return
        with contextlib.suppress(NotJoined):
            self.realtime.keeper.catch_up(connection, room, after)

    def edit(self, room: int, ordinal: int, body: str) -> None:
        with contextlib.suppress(LogUnavailable):
            self._tell_part("content", self._log.edit(room, ordinal, body))

    def react(self, room: int, ordinal: int, user_id: int, emoji: str) -> None:
        with contextlib.suppress(LogUnavailable):
            self._tell_part("reactions", self._log.react(room, ordinal, user_id, emoji))

    def delete(self, room: int, ordinal: int) -> None:
        with contextlib.suppress(LogUnavailable):
            self._tell("upsert", self._log.delete(room, ordinal))

    def _tell(self, kind: str, message: Message) -> None:
        frame = frame_of(kind, message)
        self._world.let_others()  # it is committed, and may be killed here
        self._publish(frame)

    def _tell_part(self, kind: str, changed: tuple[Message, int] | None) -> None:
        if changed is not None:
            message, before = changed
            frame = Frame(room_topic(message.room_id), message.part(kind, before), message.revision)
            self._world.let_others()
            self._publish(frame)

    def _publish(self, frame: Frame, but: Connection | None = None) -> None:
        with self._world.hurried():
            self.realtime.publish(frame, but)

    def rights_changed(self) -> None:
        self._publish(Frame(RIGHTS_TOPIC, ""))

    def _check_rights(self, hub: Hub) -> None:
        for connection in hub.connections():
            for room in sorted(connection.rooms):
                if not self._log.may_see(connection.user_id, room):
                    hub.leave(connection, room)
                    self._refuse(connection, room)

    def _refuse(self, connection: Connection, room: int) -> None:
        connection.deliver(text_frame(json.dumps(["refused", room])))


class House:
    """The workers of one server, and what they share."""

    def __init__(self, world: World, room_ids: list[int], workers: int) -> None:
        self.world = world
        self.log = Log(world, room_ids)
        self.redis = Redis(world)
        self.numbers = itertools.count()
        self.dismissed = 0
        self.workers = [Worker(self) for _ in range(workers)]

    def replace(self, worker: Worker) -> None:
        """The master starts another for each that ended."""
        self.workers[self.workers.index(worker)] = Worker(self)

    def accept(self, user_id: int) -> Socket:
        """Whichever worker is first at the door."""
        awake = [worker for worker in self.workers if worker.process.frozen_until <= self.world.now]
        return self.world.chance.choice(awake or self.workers).accept(user_id)


def frame_of(kind: str, message: Message) -> Frame:
    return Frame(room_topic(message.room_id), message.frame(kind), message.revision)
