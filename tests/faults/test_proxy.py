"""The proxy does what it says, on TCP and on Unix sockets."""

import socket
import threading
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.faults.loop import Loop
from tests.faults.proxy import Proxy

PATIENCE_SECONDS = 5.0


class Echo:
    """A server that says again what it hears."""

    def __init__(self, listener: socket.socket) -> None:
        self.address = listener.getsockname()
        self._listener = listener
        self.heard: list[bytes] = []
        self.ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            while data := client.recv(65536):
                self.heard.append(data)
                client.sendall(data)
        self.ended.set()


@pytest.fixture
def loop() -> Iterator[Loop]:
    with Loop() as loop:
        yield loop


@pytest.fixture
def echo() -> Iterator[Echo]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Echo(listener)


@pytest.fixture
def proxy(loop: Loop, echo: Echo) -> Iterator[Proxy]:
    with Proxy(loop, echo.address[1]) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE_SECONDS) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(b"hello")
        assert receive(client, 5) == b"hello"
        yield client


def receive(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (part := client.recv(size - len(data))):
        data += part
    return data


def hears_nothing(client: socket.socket) -> None:
    client.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.recv(1)
    client.settimeout(PATIENCE_SECONDS)


def is_turned_away(proxy: Proxy) -> bool:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE_SECONDS) as client:
        try:
            return client.recv(1) == b""
        except ConnectionResetError:
            return True


def test_it_carries_what_is_said(client: socket.socket) -> None:
    threading.Thread(target=client.sendall, args=(b"x" * 300_000,), daemon=True).start()
    assert receive(client, 300_000) == b"x" * 300_000


def test_it_cuts(proxy: Proxy, echo: Echo, client: socket.socket) -> None:
    proxy.cut()
    assert client.recv(1) == b""
    assert echo.ended.wait(PATIENCE_SECONDS)


def test_it_resets(proxy: Proxy, echo: Echo, client: socket.socket) -> None:
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    assert echo.ended.wait(PATIENCE_SECONDS)


def test_it_refuses_newcomers_alone(proxy: Proxy, client: socket.socket) -> None:
    proxy.refuses = True
    assert is_turned_away(proxy)
    client.sendall(b"still here")
    assert receive(client, 10) == b"still here"


def test_it_swallows_and_the_connection_stays(proxy: Proxy, echo: Echo, client: socket.socket) -> None:
    proxy.up.swallows = True
    client.sendall(b"into the void")
    hears_nothing(client)
    proxy.up.swallows = False
    client.sendall(b"again")
    assert receive(client, 5) == b"again"
    assert b"".join(echo.heard) == b"helloagain"


def test_it_swallows_an_end_too(proxy: Proxy, echo: Echo, client: socket.socket) -> None:
    proxy.up.swallows = proxy.down.swallows = True
    client.close()
    assert not echo.ended.wait(0.2)
    proxy.up.swallows = proxy.down.swallows = False
    assert echo.ended.wait(PATIENCE_SECONDS)


def test_it_swallows_on_one_link(loop: Loop, proxy: Proxy, client: socket.socket) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE_SECONDS) as another:
        another.sendall(b"hello")
        assert receive(another, 5) == b"hello"
        link = loop.call(proxy.link_of, client.getsockname()[1])
        assert link is not None
        link.swallows = True
        client.sendall(b"into the void")
        another.sendall(b"as before")
        assert receive(another, 9) == b"as before"
        hears_nothing(client)


def test_it_delays_without_being_a_throttle(
    proxy: Proxy, client: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: SimpleQueue[bytes] = SimpleQueue()
    read = StreamReader.read

    async def note(reader: StreamReader, size: int) -> bytes:
        data = await read(reader, size)
        passed.put(data)
        return data

    monkeypatch.setattr(StreamReader, "read", note)
    client.sendall(b"x")  # was being waited for
    assert receive(client, 1) == b"x"
    proxy.down.delay_seconds = 0.3
    begun = time.monotonic()
    for number in range(5):
        client.sendall(b"%d" % number)
        for _ in ("up", "down"):  # each is read by itself, and has a time of its own
            assert passed.get(timeout=PATIENCE_SECONDS) == b"%d" % number
    assert receive(client, 5) == b"01234"
    assert 0.3 <= time.monotonic() - begun < 0.3 * 3


def test_it_throttles(proxy: Proxy, client: socket.socket) -> None:
    proxy.down.bytes_per_second = 10_000
    begun = time.monotonic()
    client.sendall(b"x" * 5_000)
    assert receive(client, 5_000) == b"x" * 5_000
    assert time.monotonic() - begun >= 0.4


def test_it_stalls_and_goes_on(proxy: Proxy, echo: Echo, client: socket.socket) -> None:
    proxy.up.stalls = True
    client.sendall(b"a")  # was being waited for
    assert receive(client, 1) == b"a"
    client.sendall(b"bc")
    hears_nothing(client)
    proxy.up.stalls = False
    assert receive(client, 2) == b"bc"


def test_it_slices_into_single_bytes(
    proxy: Proxy, echo: Echo, client: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is written: a server that is late reads many segments at once."""
    written = []
    write = StreamWriter.write

    def note(writer: StreamWriter, data: bytes) -> None:
        if writer.get_extra_info("peername") == echo.address:
            written.append(data)
        write(writer, data)

    monkeypatch.setattr(StreamWriter, "write", note)
    proxy.up.slice_bytes = 1
    client.sendall(b"byte by byte")
    assert receive(client, 12) == b"byte by byte"
    assert written == [bytes([letter]) for letter in b"byte by byte"]


def test_it_stands_before_a_unix_socket(loop: Loop, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "server"))
        listener.listen()
        Echo(listener)
        with Proxy(loop, tmp_path / "server", tmp_path / "proxy") as proxy, socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE_SECONDS)
            client.connect(str(tmp_path / "proxy"))
            client.sendall(b"hello")
            assert receive(client, 5) == b"hello"
            proxy.cut()
            assert client.recv(1) == b""


def test_a_server_that_is_not_there_ends_the_connection(loop: Loop, tmp_path: Path) -> None:
    with Proxy(loop, tmp_path / "nobody") as proxy:
        assert is_turned_away(proxy)
