"""One client of a driver: a socket, a place in a room, and a count of what came."""

from __future__ import annotations

import errno
import select
import socket
import time
from typing import TYPE_CHECKING

from bench import wire
from bench.dialects import MARK, Seat

if TYPE_CHECKING:
    from bench.driver import Driver

RECEIVE_BYTES = 256 * 1024
COMING, IN, GONE = "coming", "in", "gone"


class Client:
    """The driver calls `turn` when there is something to read."""

    def __init__(self, driver: Driver, seat: Seat) -> None:
        self.driver = driver
        self.seat = seat
        self.state = GONE
        self.connected_at = self.opened_at = self.lost_at = 0.0
        self.close_code: int | None = None
        # Of the messages since the driver began to listen: how many, and the sum of their numbers.
        self.count = self.sum = 0
        # Its own message, when it is to say when that has come.
        self.awaits = -1
        self.reads = True

    def connect(self) -> None:
        self.state, self.connected_at, self.close_code = COMING, time.monotonic(), None
        self._wire = wire.Wire()
        self._shaken = False
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        error = self.socket.connect_ex(self.driver.address)
        if error not in (0, errno.EINPROGRESS):
            self._lose()
            return
        self.driver.watch(self, select.EPOLLOUT)  # writable: connected, or refused

    def turn(self) -> None:
        if not self._shaken:
            self._shake_hands()
            return
        try:
            data = self.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lose()
            return
        now = time.monotonic_ns()
        try:
            for kind, payload in self._wire.feed(data):
                if kind == wire.TEXT:
                    self._hear(payload, now)
                elif kind == wire.PING:
                    self._send(wire.PONG, payload)
                elif kind == wire.CLOSE:
                    self.close_code = int.from_bytes(payload[:2]) if payload else 1005
                    self._send(wire.CLOSE, payload[:2])
                    self._lose()
                    return
        except (wire.Refused, wire.Broken) as error:
            self.driver.complain(str(error))
            self._lose()
            return
        if self.state is COMING and self._wire.is_open and not self.opened_at:
            self._open()

    def say(self, number: int) -> None:
        self._send(wire.TEXT, self.driver.dialect.say(self.seat, number).encode())

    @property
    def is_compressed(self) -> bool:
        return self._wire.is_compressed

    def leave(self) -> None:
        if self.state is not GONE:
            self._send(wire.CLOSE, (1001).to_bytes(2))
            self.driver.unwatch(self)
            self.socket.close()
            self.state = GONE

    # Inside

    def _shake_hands(self) -> None:
        if self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._lose()
            return
        self._shaken, self.opened_at = True, 0.0
        self.driver.expect_input(self)
        self.socket.send(wire.handshake(self.driver.host, self.driver.path, self.seat.cookie))

    def _open(self) -> None:
        self.opened_at = time.monotonic()
        opening = self.driver.dialect.opening(self.seat)
        for text in opening:
            self._send(wire.TEXT, text.encode())
        if not opening:
            self._come_in()

    def _hear(self, payload: bytes, now: int) -> None:
        driver = self.driver
        marks = MARK.findall(payload)
        if marks and self.state is IN and driver.is_listening:
            for digits, sent_at in marks:
                number = int(digits)
                if number < driver.first:
                    continue
                self.count += 1
                self.sum += number
                driver.heard(now - int(sent_at))
                if number == self.awaits:
                    driver.came_back(self)
        elif self.state is COMING and self.opened_at and driver.dialect.is_in(payload):
            self._come_in()
        else:
            if b"data-code=" in payload:
                driver.complain(payload.decode(errors="replace"))
            answer = driver.dialect.answer(payload)
            if answer is not None:
                self._send(wire.TEXT, answer.encode())

    def _come_in(self) -> None:
        self.state = IN
        self.driver.came_in(self)

    def _send(self, kind: int, payload: bytes) -> None:
        try:
            data = wire.encode(kind, payload)
            sent = self.socket.send(data)
            if sent < len(data):
                self.driver.complain("the server took a part of a message alone")
                self._lose()
        except BlockingIOError:
            self.driver.complain("the server does not read")
        except OSError:
            self._lose()

    def _lose(self) -> None:
        if self.state is GONE:
            return
        self.driver.unwatch(self)
        self.socket.close()
        was, self.state = self.state, GONE
        if was is IN:
            self.lost_at = time.monotonic()
        self.driver.lost(self, was)
