"""A proxy on loopback that does to a connection what networks do: it cuts, resets, swallows, delays, throttles, slices.

It stands between clients and a server, or between a server and its bus: TCP by address, Unix sockets by path.
"""

import asyncio
import socket
import struct
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tests.faults.loop import Loop

# Where to listen or to connect: a loopback port, or a Unix socket.
Address = int | Path

# A reset instead of an orderly end: closing throws away what was not sent yet (socket(7), SO_LINGER).
RESET = struct.pack("ii", 1, 0)
# What waits on its way through; more stays with its sender, as in a network.
WINDOW_BYTES = 64 * 1024


def narrow_socket() -> socket.socket:
    """One that takes little, over segments of the size that a network has: loopback's own kernels would keep 2.8 MB."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
    return sock


@dataclass
class Weather:
    """What happens to bytes in one direction; may change at any time."""

    swallows: bool = False
    stalls: bool = False
    delay_seconds: float = 0.0
    bytes_per_second: float | None = None
    slice_bytes: int | None = None


class Proxy:
    """Runs inside its `with`. `up` is towards the server, `down` towards the client; both are of all its links."""

    def __init__(self, loop: Loop, server: Address, listen: Path | None = None, narrow: bool = False) -> None:
        """`narrow`: the server's kernel takes little for it, so that the server itself feels a throttle soon."""
        self._narrow = narrow
        self.up, self.down = Weather(), Weather()
        self.refuses = False
        self._loop = loop
        self._server = server
        self._listen = listen
        self._links: set[Link] = set()

    def __enter__(self) -> "Proxy":
        self._loop.run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run(self._stop())

    @property
    def port(self) -> int:
        return int(self._listener.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """End all links in an orderly way."""
        self._loop.call(self._end_all, False)

    def reset(self) -> None:
        """End all links at once."""
        self._loop.call(self._end_all, True)

    def link_of(self, client_port: int) -> "Link | None":
        """The link whose client has this port; on the event loop."""
        return next((link for link in self._links if link.client_port == client_port), None)

    async def _start(self) -> None:
        if self._listen is None:
            self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=WINDOW_BYTES, backlog=2048)
        else:
            self._listener = await asyncio.start_unix_server(self._accept, self._listen, limit=WINDOW_BYTES)

    async def _stop(self) -> None:
        self._listener.close()
        self._end_all(reset=True)

    def _end_all(self, reset: bool) -> None:
        for link in tuple(self._links):
            link.end(reset)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        try:
            if isinstance(self._server, Path):
                there = await asyncio.open_unix_connection(self._server, limit=WINDOW_BYTES)
            else:
                sock = narrow_socket() if self._narrow else socket.socket()
                sock.setblocking(False)
                await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self._server))
                there = await asyncio.open_connection(sock=sock, limit=4096 if self._narrow else WINDOW_BYTES)
        except OSError:
            writer.transport.abort()
            return
        link = Link(self, (reader, writer), there)
        self._links.add(link)
        try:
            await link.run()
        finally:
            self._links.discard(link)


End = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Link:
    """One connection through the proxy. Its own weather is what its proxy's does not say."""

    def __init__(self, proxy: Proxy, client: End, server: End) -> None:
        self.swallows = False
        self._proxy = proxy
        self._client = client
        self._server = server
        name = client[1].get_extra_info("peername")
        self.client_port = name[1] if isinstance(name, tuple) else None
        for _, writer in (client, server):
            writer.transport.set_write_buffer_limits(high=WINDOW_BYTES)

    async def run(self) -> None:
        """Carry both directions until one of them ends."""
        pumps = (
            asyncio.create_task(self._pump(self._client[0], self._server[1], self._proxy.up)),
            asyncio.create_task(self._pump(self._server[0], self._client[1], self._proxy.down)),
        )
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            while self.swallows or self._proxy.up.swallows or self._proxy.down.swallows:
                await asyncio.sleep(0.01)  # an end does not pass either
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self.end()

    def end(self, reset: bool = False) -> None:
        self.swallows = False
        for _, writer in (self._client, self._server):
            if reset:
                sock = cast(socket.socket, writer.get_extra_info("socket"))
                if sock.fileno() != -1:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                writer.transport.abort()
            else:
                writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, weather: Weather) -> None:
        """Read on while what was read waits for its time: a delay is no throttle."""
        due: deque[tuple[float, bytes]] = deque()
        more, room = asyncio.Event(), asyncio.Event()
        room.set()

        async def write() -> None:
            while True:
                await more.wait()
                at, data = due.popleft()
                if not due:
                    more.clear()
                room.set()
                if not data:
                    return
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                await self._write(writer, data, weather)

        writing = asyncio.create_task(write())
        try:
            while not writing.done():
                while weather.stalls:
                    await asyncio.sleep(0.01)
                await room.wait()
                data = await reader.read(WINDOW_BYTES)
                if data and (weather.swallows or self.swallows):
                    continue
                due.append((time.monotonic() + weather.delay_seconds, data))
                more.set()
                if len(due) >= 64:
                    room.clear()
                if not data:
                    break
            await writing
        except OSError:
            pass  # one of the ends is gone, and so is the link
        finally:
            writing.cancel()

    async def _write(self, writer: asyncio.StreamWriter, data: bytes, weather: Weather) -> None:
        size = weather.slice_bytes or len(data)
        if weather.bytes_per_second is not None:
            size = min(size, max(1, int(weather.bytes_per_second / 20)))
        for start in range(0, len(data), size):
            writer.write(data[start : start + size])
            await writer.drain()
            if weather.bytes_per_second is not None:
                await asyncio.sleep(size / weather.bytes_per_second)
            elif weather.slice_bytes is not None:
                await asyncio.sleep(0)  # a segment each
