"""A connection, over real blocking sockets."""

import contextlib
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from simple_websocket import Server

from multichat.config import PROJECT
from multichat.realtime import connection as connection_module
from multichat.realtime.connection import (
    CLOSING_SECONDS,
    OUTBOX_LIMIT_BYTES,
    SILENCE_SECONDS,
    Connection,
    ConnectionLost,
)
from multichat.realtime.frame import HEARTBEAT, text_frame
from multichat.sockets.own_thread import OwnThread
from tests.realtime.doubles import CLOSE, PING, PONG, TEXT, Client, Clock, Threads


@contextlib.contextmanager
def background(target: Callable[[], object]) -> Iterator[threading.Thread]:
    """Run it beside the test; it must have ended by the end."""
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    yield thread
    thread.join(10)
    assert not thread.is_alive()


def stuff(connection: Connection) -> int:
    """Fill the kernel's buffer, so that the next frames have to wait; how many frames it took."""
    number = 0
    while not connection._outbox:
        connection.deliver(text_frame("stuffing" * 1000))
        number += 1
    return number


# Delivering


def test_a_frame_arrives(connection: Connection, client: Client) -> None:
    connection.deliver(text_frame("hi"))
    assert client.text() == "hi"


@pytest.mark.parametrize(("size", "before"), [(50_000, True), (2_000_000, False)])
def test_a_long_message_to_a_slow_reader_arrives_whole_with_pings_in_between(
    connection: Connection, client: Client, size: int, before: bool
) -> None:
    stuffing = stuff(connection) if before else 0
    message = "x" * size
    connection.deliver(text_frame(message))
    for _ in range(3):
        connection.deliver(HEARTBEAT)
    connection.deliver(text_frame("and on"))
    for _ in range(stuffing):
        assert client.read() == (TEXT, b"stuffing" * 1000)
    assert client.read() == (TEXT, message.encode())
    for _ in range(3):
        assert client.read() == (PING, b"")
        assert client.read() == (TEXT, b"<!-- -->")
    assert client.read() == (TEXT, b"and on")


def test_a_reader_of_a_few_bytes_at_a_time_gets_them_all(connection: Connection, client: Client) -> None:
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sent = b"".join(text_frame(f"{number} " * 500) for number in range(200))
    for number in range(200):
        connection.deliver(text_frame(f"{number} " * 500))
    got = bytearray()
    while len(got) < len(sent):
        got += client.sock.recv(4097)
    assert bytes(got) == sent


def test_two_threads_that_deliver_at_once_interleave_no_frames(connection: Connection, client: Client) -> None:
    def speak(name: str) -> None:
        for number in range(300):
            connection.deliver(text_frame(f"{name} {number} " + "." * (number * 37 % 2000)))

    heard: dict[str, list[int]] = {"alice": [], "bob": []}

    def read() -> None:
        for _ in range(600):
            name, number, _ = client.text().split(" ", 2)
            heard[name].append(int(number))

    with background(read), background(lambda: speak("alice")), background(lambda: speak("bob")):
        pass
    assert heard == {"alice": list(range(300)), "bob": list(range(300))}


def test_a_writer_exists_only_as_long_as_something_waits(sockets: tuple[socket.socket, socket.socket]) -> None:
    threads = Threads()
    connection, client = Connection(sockets[0], threads), Client(sockets[1])
    connection.deliver(text_frame("hi"))
    assert client.text() == "hi"
    assert threads.started == []
    for number in (1, 2):
        stuffing = stuff(connection)
        assert len(threads.started) == number
        for _ in range(stuffing):
            client.read()
        threads.started[-1].join(5)
        assert not threads.started[-1].is_alive()


def test_delivering_waits_for_nobody_under_gevent() -> None:
    """In a process of its own, since gevent patches all of it."""
    script = """
from gevent import monkey
monkey.patch_all()
import os, socket, time
import gevent
from multichat.realtime.connection import Connection
from multichat.realtime.frame import text_frame

def work():
    while True:
        until = time.process_time() + 0.02
        while time.process_time() < until:
            pass
        gevent.sleep(0)

worker = gevent.spawn(work)
gevent.sleep(0)
pairs = [socket.socketpair() for _ in range(30)]
connections = [Connection(ours) for ours, _ in pairs]

def deliver():
    began = time.process_time()  # however busy the machine is
    for connection in connections:
        connection.deliver(text_frame("x" * 500_000))
    return time.process_time() - began

to_the_kernel = deliver()
gevent.sleep(0)
worker.kill()
gevent.sleep(0.05)  # the writers have begun, and wait for their readers
with gevent.Timeout(5):
    to_the_outbox = deliver()
print(to_the_kernel, to_the_outbox, flush=True)
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(float(seconds) < 30 * 0.02 / 2 for seconds in done.stdout.split())


def test_a_writer_that_cannot_be_had_costs_this_connection_alone(sockets: tuple[socket.socket, socket.socket]) -> None:
    class Exhausted(Clock):
        def spawn(self, target: Callable[[], None]) -> None:
            raise RuntimeError("can't start new thread")

    clock = Exhausted()
    connection, client = Connection(sockets[0], clock), Client(sockets[1])
    for _ in range(100):
        connection.deliver(text_frame("stuffing" * 1000))
    connection.tend(clock.now)
    assert connection.recv(1) == b""
    with pytest.raises(EOFError):
        while True:
            client.read()


def test_to_somebody_who_is_gone_nothing_is_sent(connection: Connection, client: Client) -> None:
    client.close()
    for _ in range(3):
        connection.deliver(text_frame("x" * 100_000))
    connection.shut(1012)
    assert connection._outbox_bytes == 0
    with pytest.raises(ConnectionLost):
        connection.write(text_frame("x"))


# Slow readers


def test_a_reader_that_stops_is_closed_to_come_back_and_costs_no_more_than_its_outbox(
    connection: Connection, client: Client
) -> None:
    stuffing = stuff(connection)
    number = 0
    while connection.closing is None:
        connection.deliver(text_frame("x" * 10_000))
        number += 1
        assert connection._outbox_bytes < OUTBOX_LIMIT_BYTES + 20_000
    assert connection.closing == 1013
    assert number > OUTBOX_LIMIT_BYTES // 20_000
    assert connection._outbox_bytes < 20_000, "what waited is let go"
    # The frame that the client had a part of ends; then it is told, and nothing comes after it.
    frames: list[tuple[int, bytes]] = []
    while not frames or frames[-1][0] != CLOSE:
        frames.append(client.read())
    assert [payload for _, payload in frames[:-1]] == [b"stuffing" * 1000] * stuffing
    assert frames[-1][1][:2] == (1013).to_bytes(2, "big")


def test_a_long_history_does_not_raise_the_limit_for_ever(connection: Connection, client: Client) -> None:
    with background(lambda: connection.write(text_frame("history" * 500_000))):
        assert client.text() == "history" * 500_000
    stuff(connection)
    while connection.closing is None:
        connection.deliver(text_frame("x" * 10_000))
        assert connection._outbox_bytes < OUTBOX_LIMIT_BYTES + 20_000


def test_a_socket_that_takes_not_a_byte_is_cut_off(
    connection: Connection, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "STALLED_SECONDS", 0.1)
    stuff(connection)
    assert connection.recv(1) == b"", "its reader wakes up"
    assert connection._lost
    assert connection._outbox_bytes == 0


def test_a_socket_that_takes_some_bytes_now_and_then_is_not(
    connection: Connection, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "STALLED_SECONDS", 1.0)
    stuffing = stuff(connection)
    connection.deliver(text_frame("x" * 600_000))
    left = stuffing
    began = time.monotonic()
    while time.monotonic() - began < 1.5 and left:
        client.read()
        left -= 1
        threading.Event().wait(1.5 / stuffing)
    for _ in range(left):
        client.read()
    assert len(client.text()) == 600_000


# Catching up


def test_writing_waits_for_the_reader_and_delivering_does_not(connection: Connection, client: Client) -> None:
    slices = [text_frame(f"{number} " + "x" * 100_000) for number in range(30)]
    written = threading.Event()

    def write() -> None:
        for part in slices:
            connection.write(part)
        written.set()

    with background(write):
        assert client.text().startswith("0 ")
        assert not written.wait(0.05), "three megabytes do not fit anywhere"
        began = time.monotonic()
        connection.deliver(HEARTBEAT)
        assert time.monotonic() - began < 1.0
        for number in range(1, 30):
            text = client.text()
            while text == "<!-- -->":
                text = client.text()
            assert text.startswith(f"{number} ")
        assert written.wait(5)


def test_who_catches_up_learns_that_the_connection_closed(connection: Connection, client: Client) -> None:
    stuff(connection)
    closed = threading.Event()

    def write() -> None:
        with pytest.raises(ConnectionLost):
            connection.write(text_frame("x"))
        closed.set()

    with background(write):
        connection.shut(1012)
        assert closed.wait(5)


# Closing


@pytest.mark.parametrize("code", [1011, 1012, 1013, 4401, 4429])
def test_a_close_comes_with_its_code_after_what_was_said(connection: Connection, client: Client, code: int) -> None:
    connection.deliver(text_frame("last words"))
    connection.shut(code, "why")
    assert client.read() == (TEXT, b"last words")
    assert client.read() == (CLOSE, code.to_bytes(2, "big") + b"why")


def test_nothing_follows_a_close_frame_and_the_first_code_stands(connection: Connection, client: Client) -> None:
    connection.shut(4401)
    connection.deliver(text_frame("too late"))
    connection.send(text_frame("too late"))
    connection.shut(1012)
    with pytest.raises(ConnectionLost):
        connection.write(text_frame("too late"))
    with background(connection.finish):
        assert client.close_code() == 4401
        assert client.at_end()
        client.close()
    assert connection.closing == 4401


def test_nothing_follows_a_close_frame_whoever_speaks_at_the_same_time(connection: Connection, client: Client) -> None:
    def speak() -> None:
        for _ in range(2000):
            connection.deliver(text_frame("x" * 50))

    frames: list[tuple[int, bytes]] = []

    def read() -> None:
        with contextlib.suppress(EOFError):
            while True:
                frames.append(client.read())
        client.close()

    with background(read):
        with background(speak), background(speak):
            connection.shut(1012)
        connection.finish()
    assert [opcode for opcode, _ in frames].index(CLOSE) == len(frames) - 1


def test_a_close_waits_its_turn_behind_what_waits(connection: Connection, client: Client) -> None:
    stuffing = stuff(connection)
    connection.deliver(text_frame("last words"))
    connection.shut(1012)
    for _ in range(stuffing):
        client.read()
    assert client.text() == "last words"
    assert client.close_code() == 1012


def test_finishing_gives_the_last_bytes_their_time(connection: Connection, client: Client) -> None:
    stuff(connection)
    connection.deliver(text_frame("x" * 500_000))
    connection.shut(1012)
    with background(connection.finish) as finishing:
        assert client.close_code() == 1012
        assert client.at_end()
        assert finishing.is_alive(), "it waits for the client's end, and not the client for it"
        client.close()


def test_finishing_reads_on_so_that_the_close_is_not_overtaken_by_a_reset(
    connection: Connection, client: Client
) -> None:
    client.sock.sendall(b"what nobody reads any more" * 1000)
    connection.shut(4401)
    with background(connection.finish):
        client.sock.sendall(b"more of it" * 1000)
        assert client.close_code() == 4401
        assert client.at_end()
        client.close()


def test_finishing_does_not_wait_for_a_client_that_never_ends(
    connection: Connection, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "CLOSING_SECONDS", 0.2)
    connection.shut(1012)
    began = time.monotonic()
    connection.finish()
    assert time.monotonic() - began < 2.0
    assert client.close_code() == 1012


def test_finishing_does_not_wait_for_a_reader_that_stopped(
    connection: Connection, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "CLOSING_SECONDS", 0.2)
    stuff(connection)
    connection.deliver(text_frame("x" * 500_000))
    began = time.monotonic()
    connection.finish()
    assert time.monotonic() - began < 2.0
    assert connection._outbox_bytes == 0


def test_finishing_leaves_the_socket_to_its_owner(
    connection: Connection, client: Client, sockets: tuple[socket.socket, socket.socket]
) -> None:
    client.close()
    connection.finish()
    connection.close()
    assert sockets[0].fileno() >= 0


# What the sweep asks


def test_who_does_not_answer_a_close_is_cut_off(sockets: tuple[socket.socket, socket.socket]) -> None:
    clock = Clock()
    connection, client = Connection(sockets[0], clock), Client(sockets[1])
    connection.shut(4401)
    connection.tend(clock.now)
    assert client.close_code() == 4401
    clock.sleep(CLOSING_SECONDS + 0.1)
    connection.tend(clock.now)
    assert client.at_end()
    assert connection.recv(1) == b""


def test_who_is_silent_is_closed_to_come_back(sockets: tuple[socket.socket, socket.socket]) -> None:
    clock = Clock()
    connection, client = Connection(sockets[0], clock), Client(sockets[1])
    clock.sleep(SILENCE_SECONDS - 1)
    client.sock.sendall(b"a pong, say")
    assert connection.recv(100) == b"a pong, say"
    clock.sleep(SILENCE_SECONDS - 1)
    connection.tend(clock.now)
    assert connection.closing is None
    clock.sleep(2)
    connection.tend(clock.now)
    assert client.close_code() == 1013


def test_who_takes_what_waits_is_there_however_slow_to_answer(sockets: tuple[socket.socket, socket.socket]) -> None:
    clock = Clock()
    connection, client = Connection(sockets[0], clock), Client(sockets[1])
    stuffing = stuff(connection)
    clock.sleep(SILENCE_SECONDS + 1)
    for _ in range(stuffing):
        client.text()
    connection.deliver(text_frame("after the writer"))
    connection.tend(clock.now)
    assert connection.closing is None


# Reading


def test_what_came_is_handled_before_more_is_read(connection: Connection, client: Client) -> None:
    handled: list[str] = []
    connection.handle_input = lambda: handled.append("what came before")
    client.sock.sendall(b"more")
    assert connection.recv(100) == b"more"
    assert handled == ["what came before"]


def test_who_is_lost_while_their_command_is_done_reads_no_more(connection: Connection, client: Client) -> None:
    connection.handle_input = connection._lose
    client.sock.sendall(b"meanwhile")
    assert connection.recv(100) == b""


# Below simple-websocket


@pytest.fixture
def ws(connection: Connection, client: Client) -> Server:
    """simple-websocket's server over the connection, after the handshake, as a handler runs it."""
    environ = {
        "werkzeug.socket": connection,
        "HTTP_HOST": "chat.example",
        "HTTP_UPGRADE": "websocket",
        "HTTP_CONNECTION": "Upgrade",
        "HTTP_SEC_WEBSOCKET_KEY": "AAAAAAAAAAAAAAAAAAAAAA==",
        "HTTP_SEC_WEBSOCKET_VERSION": "13",
    }
    ws = Server.accept(environ, max_message_size=1000, thread_class=OwnThread)
    ws.ws = ws.ws.connection
    assert client.sock.recv(1000).startswith(b"HTTP/1.1 101 ")
    return ws


def masked(opcode: int, payload: bytes) -> bytes:
    """A client's frame (RFC 6455, section 5.2), masked with zeros."""
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else struct.pack("!BH", 0x80 | 126, len(payload))
    return bytes([0x80 | opcode]) + size + b"\0\0\0\0" + payload


def test_a_ping_is_answered_among_messages(connection: Connection, client: Client, ws: Server) -> None:
    connection.deliver(text_frame("before"))
    client.sock.sendall(masked(PING, b"are you there"))
    with background(ws.thread.run):
        assert client.read() == (TEXT, b"before")
        assert client.read() == (PONG, b"are you there")
        connection.deliver(text_frame("after"))
        assert client.read() == (TEXT, b"after")
        client.close()


def test_nothing_follows_the_answer_to_a_clients_close(connection: Connection, client: Client, ws: Server) -> None:
    client.sock.sendall(masked(TEXT, b"goodbye") + masked(CLOSE, (1001).to_bytes(2, "big")))
    ws.thread.run()
    assert ws.input_buffer == ["goodbye"]
    connection.deliver(text_frame("too late"))
    assert client.read() == (CLOSE, (1001).to_bytes(2, "big"))
    with background(connection.finish):
        assert client.at_end()
        client.close()
    assert connection.closing == 1001


def test_who_says_too_much_at_once_is_told_so_and_nothing_more(
    connection: Connection, client: Client, ws: Server
) -> None:
    client.sock.sendall(masked(TEXT, b"x" * 2000))
    ws.thread.run()
    connection.deliver(text_frame("too late"))
    assert client.close_code() == 1009
    with background(connection.finish):
        assert client.at_end()
        client.close()
    assert connection.closing == 1009


def test_our_own_close_is_not_answered_twice(connection: Connection, client: Client, ws: Server) -> None:
    connection.shut(4401, "signed out")
    assert client.close_code() == 4401
    client.sock.sendall(masked(CLOSE, (4401).to_bytes(2, "big")))
    ws.thread.run()
    with background(connection.finish):
        assert client.at_end()
        client.close()
    assert connection.closing == 4401


def test_a_client_that_vanishes_ends_the_reading(connection: Connection, client: Client, ws: Server) -> None:
    client.close()
    ws.thread.run()
    assert connection.closing == 1001


def test_what_goes_wrong_with_the_input_is_not_swallowed(connection: Connection, client: Client, ws: Server) -> None:
    def fail() -> None:
        raise RuntimeError("a fault of ours")

    connection.handle_input = fail
    with pytest.raises(RuntimeError, match="a fault of ours"):
        ws.thread.run()
