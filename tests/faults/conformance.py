"""What a client may put on the wire and RFC 6455 does not, or just does, allow; and what is to come of it.

Made of bytes, since no WebSocket library can be talked into most of it.
"""

import contextlib
import json
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

from tests.realtime.doubles import CLOSE, PING, PONG, TEXT, Client

CONTINUATION, BINARY = 0x0, 0x2
RSV1, RSV2, RSV3 = 0x40, 0x20, 0x10
LIMIT = 64 * 1024
PATIENCE_SECONDS = 10.0
MASK = b"\x37\xfa\x21\x3d"

KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    mask: bytes | None = MASK,
    form: int | None = None,
    announced: int | None = None,
) -> bytes:
    """RFC 6455, section 5.2, as told: `form` is the length field's (7, 16 or 64 bits; else the least that does),
    `announced` the length in it, whatever the payload is."""
    size = len(payload) if announced is None else announced
    form = form or (7 if size < 126 else 16 if size < 65536 else 64)
    masked = 0x80 if mask else 0
    head = struct.pack("!B", (0x80 if fin else 0) | reserved | opcode)
    if form == 7:
        head += struct.pack("!B", masked | size)
    elif form == 16:
        head += struct.pack("!BH", masked | 126, size)
    else:
        head += struct.pack("!BQ", masked | 127, size)
    return head + (mask + _masked(payload, mask) if mask else payload)


def _masked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload) ^ int.from_bytes(key)).to_bytes(size)


def text(payload: bytes, **options: object) -> bytes:
    return frame(TEXT, payload, **options)  # type: ignore[arg-type]


def more(payload: bytes, **options: object) -> bytes:
    return frame(CONTINUATION, payload, **options)  # type: ignore[arg-type]


def closing(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason)


def in_fragments(payload: bytes, size: int, opcode: int = TEXT) -> bytes:
    """A message in frames of so many bytes."""
    parts = [payload[at : at + size] for at in range(0, len(payload), size)]
    return b"".join(
        frame(opcode if number == 0 else CONTINUATION, part, fin=number == len(parts) - 1)
        for number, part in enumerate(parts)
    )


def command(size: int = 0, mark: str = "") -> bytes:
    """One that is refused, and by the answer known: of so many bytes, with this client id."""
    content = json.dumps({"command": "mark", "client_id": mark, "filler": ""}).encode()
    return content[:-2] + b"x" * (size - len(content)) + content[-2:]


@dataclass(frozen=True)
class Case:
    """What is sent on an open socket, write by write, and what comes of it.

    `ends` is the code of the close frame that follows, `NO_CODE` for one without; `None` for a socket that stays open.
    Then `hears` are the pongs and the errors that come, each in their order; of each a part of what it carries.
    """

    name: str
    sends: tuple[bytes, ...]
    ends: int | None
    hears: tuple[tuple[int, bytes], ...] = ()


NO_CODE = 1005
REFUSED = (TEXT, b'data-code="COMMAND_INVALID"')


def marked(mark: str) -> tuple[int, bytes]:
    return (TEXT, f'data-client-id="{mark}"'.encode())


def _fails(name: str, *sends: bytes, code: int = 1002) -> Case:
    return Case(name, sends, code)


def _is_fine(name: str, *sends: bytes, hears: tuple[tuple[int, bytes], ...] = ()) -> Case:
    return Case(name, sends, None, hears)


EURO = "€".encode()

FRAMES = [
    # Masking (section 5.1)
    _fails("an unmasked text", text(b"hi", mask=None)),
    _fails("an unmasked empty text", text(b"", mask=None)),
    _fails("an unmasked ping", frame(PING, b"hi", mask=None)),
    _fails("an unmasked close", frame(CLOSE, b"\x03\xe8", mask=None)),
    _fails("an unmasked fragment after a masked one", text(b"h", fin=False), more(b"i", mask=None)),
    _is_fine("a mask of zeros", text(command(mark="zeros"), mask=bytes(4)), hears=(marked("zeros"),)),
    # Reserved bits and opcodes (section 5.2)
    *(
        _fails(f"reserved bits {bits:#04x} on {name}", frame(opcode, b"hi", reserved=bits))
        for bits in (RSV1, RSV2, RSV3, RSV1 | RSV2 | RSV3)
        for opcode, name in ((TEXT, "a text"), (PING, "a ping"))
    ),
    _fails("a reserved bit on a close", frame(CLOSE, b"\x03\xe8", reserved=RSV3)),
    _fails("a reserved bit on a continuation", text(b"h", fin=False), more(b"i", reserved=RSV1)),
    *(_fails(f"opcode {opcode:#x}", frame(opcode, b"hi")) for opcode in (*range(0x3, 0x8), *range(0xB, 0x10))),
    _fails("a reserved opcode without its length", bytes([0x80 | 0xF, 0x80])),
    # Control frames (section 5.5)
    *(
        _fails(f"{name} of {size} bytes", frame(opcode, bytes(size)))
        for opcode, name in ((PING, "a ping"), (PONG, "a pong"), (CLOSE, "a close"))
        for size in (126, LIMIT)
    ),
    *(
        _fails(f"a fragmented {name}", frame(opcode, b"\x03\xe8", fin=False))
        for opcode, name in ((PING, "ping"), (PONG, "pong"), (CLOSE, "close"))
    ),
    _fails("a fragmented ping and its continuation", frame(PING, b"h", fin=False), more(b"i")),
    _is_fine("a ping", frame(PING, b"hi"), hears=((PONG, b"hi"),)),
    _is_fine("a ping of nothing", frame(PING), hears=((PONG, b""),)),
    _is_fine("a ping of all bytes there are", frame(PING, bytes(range(125))), hears=((PONG, bytes(range(125))),)),
    _is_fine("a ping of 125 bytes", frame(PING, b"x" * 125), hears=((PONG, b"x" * 125),)),
    _is_fine("a ping a byte at a time", *(bytes([byte]) for byte in frame(PING, b"hi")), hears=((PONG, b"hi"),)),
    _is_fine(
        "ten pings in one packet",
        b"".join(frame(PING, b"%d" % number) for number in range(10)),
        hears=tuple((PONG, b"%d" % number) for number in range(10)),
    ),
    _is_fine("a pong that nobody asked for", frame(PONG, b"hi")),
    _is_fine("a pong of nothing", frame(PONG)),
    # Fragments (section 5.4)
    _fails("a continuation of nothing", more(b"hi")),
    _fails("an unfinished continuation of nothing", more(b"hi", fin=False)),
    _fails("an empty continuation of nothing", more(b"")),
    _fails("a continuation after a whole message", text(b"hi"), more(b"hi")),
    _fails("a continuation after the last fragment", in_fragments(b"hi", 1), more(b"hi")),
    _fails("a text inside a text", text(b"h", fin=False), text(b"i")),
    _fails("a binary message inside a text", text(b"h", fin=False), frame(BINARY, b"i")),
    _fails("a text inside a binary message", frame(BINARY, b"h", fin=False), text(b"i")),
    _fails("an unfinished text inside a text", text(b"h", fin=False), text(b"i", fin=False)),
    _fails("a text inside a text, after a ping", text(b"h", fin=False), frame(PING), text(b"i")),
    _is_fine(
        "a ping between two fragments",
        text(command(mark="pinged")[:9], fin=False) + frame(PING, b"?") + more(command(mark="pinged")[9:]),
        hears=((PONG, b"?"), marked("pinged")),
    ),
    _is_fine(
        "pings between all fragments",
        b"".join(
            frame(CONTINUATION if number else TEXT, b"x", fin=number == 9) + frame(PING, b"%d" % number)
            for number in range(10)
        ),
        hears=(*((PONG, b"%d" % number) for number in range(10)), REFUSED),
    ),
    _is_fine("a command in two fragments", in_fragments(command(mark="two"), 30), hears=(marked("two"),)),
    _is_fine("a command in 10,000 fragments", in_fragments(command(10_000, "many"), 1), hears=(marked("many"),)),
    _is_fine(
        "a command between empty fragments",
        text(b"", fin=False) + more(b"", fin=False) + more(command(mark="empty"), fin=False) + more(b""),
        hears=(marked("empty"),),
    ),
    _is_fine(
        "10,000 empty fragments", text(b"", fin=False) + more(b"", fin=False) * 9_998 + more(b""), hears=(REFUSED,)
    ),
    _is_fine("a binary message in fragments", in_fragments(b'{"command": "mark"}', 3, BINARY), hears=(REFUSED,)),
    # Lengths (section 5.2)
    _fails("125 bytes by a length of 16 bits", text(bytes(125), form=16)),
    _fails("no bytes by a length of 16 bits", text(b"", form=16)),
    _fails("125 bytes by a length of 64 bits", text(bytes(125), form=64)),
    _fails("65,535 bytes by a length of 64 bits", text(bytes(65_535), form=64)),
    _fails("a ping by a length of 16 bits", frame(PING, b"hi", form=16)),
    _fails("a length with the high bit", text(b"hi", form=64, announced=2**63 + 2)),
    _fails("a length of all bits", text(b"hi", form=64, announced=2**64 - 1)),
    _fails("a binary length with the high bit", frame(BINARY, b"hi", form=64, announced=2**63)),
    *(
        _is_fine(f"a command of {size:,} bytes", text(command(size, "long")), hears=(marked("long"),))
        for size in (125, 126, 127, 65_535, LIMIT)
    ),
    _is_fine(
        "a command a byte at a time", *(bytes([byte]) for byte in text(command(mark="slow"))), hears=(marked("slow"),)
    ),
    _is_fine(
        "a head and its payload apart",
        text(command(200, "apart"))[:8],
        text(command(200, "apart"))[8:],
        hears=(marked("apart"),),
    ),
    # Too much (section 7.4.1)
    _fails("a text of a byte too many", text(b"x" * (LIMIT + 1)), code=1009),
    _fails("a text of a byte too many in few characters", text("é".encode() * (LIMIT // 2) + b"x"), code=1009),
    _fails("a binary message of a byte too many", frame(BINARY, bytes(LIMIT + 1)), code=1009),
    _fails("two fragments that are too much together", in_fragments(b"x" * (LIMIT + 1), LIMIT), code=1009),
    _fails("10,000 fragments that are too much together", in_fragments(b"x" * 70_000, 7), code=1009),
    _fails("64 MB announced, and a little too much of it", text(b"x" * (LIMIT + 1), announced=2**26), code=1009),
    _fails("as much as can be announced, and a little of it", text(b"x" * (LIMIT + 1), announced=2**63 - 1), code=1009),
    _fails("64 MB, and all of it", text(b"x" * 2**20, announced=2**26), *[b"x" * 2**20] * 63, code=1009),
    _fails(
        "64 MB in fragments",
        *(more(b"x" * 2**20, fin=False) if n else text(b"x" * 2**20, fin=False) for n in range(64)),
        code=1009,
    ),
    # Closes (sections 5.5.1 and 7.4)
    *(
        Case(f"a close with {code}", (closing(code),), code)
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999)
    ),
    Case("a close with a reason", (closing(1000, b"bye"),), 1000),
    Case("a close with a reason of 123 bytes", (closing(1001, EURO * 41),), 1001),
    Case("a close without a code", (frame(CLOSE),), NO_CODE),
    Case("two closes", (closing(1000) + closing(1001),), 1000),
    Case("a ping after a close", (closing(1000) + frame(PING, b"?"),), 1000),
    Case("a command after a close", (closing(1000) + text(command()),), 1000),
    Case("rubbish after a close", (closing(1000) + bytes(100_000),), 1000),
    Case("a close in the middle of a message", (text(b"h", fin=False) + closing(1000) + more(b"i"),), 1000),
    Case("a command right before a close", (text(command(mark="last")) + closing(1001),), 1001),
    _fails("a close of one byte", frame(CLOSE, b"\x03")),
    *(
        _fails(f"a close with {code}", closing(code))
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535)
    ),
    _fails("a close whose reason is no UTF-8", closing(1000, b"\xff"), code=1007),
    _fails("a close whose reason ends in a character", closing(1000, EURO[:2]), code=1007),
    # Text (section 8.1)
    *(
        _fails(f"a text with {name}", text(b'{"command": "' + content + b'"}'), code=1007)
        for name, content in (
            ("a byte that is never in UTF-8", b"\xff"),
            ("a stray continuation byte", b"\x80"),
            ("a character cut short", EURO[:2]),
            ("an overlong slash", b"\xc0\xaf"),
            ("an overlong NUL", b"\xe0\x80\x80"),
            ("a surrogate", b"\xed\xa0\x80"),
            ("a character past the last one", b"\xf4\x90\x80\x80"),
            ("a sequence of five bytes", b"\xf8\x88\x80\x80\x80"),
        )
    ),
    _fails("a text that ends in a character", text(EURO[:2]), code=1007),
    _fails("a fragmented text that ends in a character", in_fragments(b"hi" + EURO[:1], 2), code=1007),
    _fails("a character broken off by the next fragment", text(EURO[:2], fin=False), more(b"x"), code=1007),
    _fails("no UTF-8 in the second fragment", text(b"hi", fin=False), more(b"\xff"), code=1007),
    _fails("no UTF-8 in a text that does not end", text(b"\xff", fin=False), code=1007),
    _fails("no UTF-8 after 10,000 fragments", in_fragments(b"x" * 10_000, 1)[:-7] + more(b"\xff"), code=1007),
    _fails("no UTF-8, a byte at a time", *(bytes([byte]) for byte in text(b"\xed\xa0\x80")), code=1007),
    _is_fine("a character split across fragments", in_fragments(command() + EURO, 1), hears=(REFUSED,)),
    _is_fine("a character split across writes", text(EURO)[:-1], text(EURO)[-1:], hears=(REFUSED,)),
    # Messages that are no command
    _is_fine("an empty text", text(b""), hears=(REFUSED,)),
    _is_fine("a text of NULs", text(bytes(100)), hears=(REFUSED,)),
    _is_fine("a binary message", frame(BINARY, command()), hears=(REFUSED,)),
    _is_fine("an empty binary message", frame(BINARY), hears=(REFUSED,)),
    _is_fine("no UTF-8 in a binary message", frame(BINARY, b"\xff"), hears=(REFUSED,)),
    _is_fine(
        "a binary message and a text in one packet",
        frame(BINARY, b"\xff") + text(command(mark="both")),
        hears=(REFUSED, marked("both")),
    ),
    # A text too many for the queue before the handler, and errors among them in their order
    _is_fine(
        "forty commands in one packet",
        b"".join(text(command(mark=f"number {number}")) for number in range(40)),
        hears=tuple(marked(f"number {number}") for number in range(40)),
    ),
    _fails("a command and a fault in one packet", text(command()) + frame(0x3)),
    _fails("a page where a frame was due", b"GET / HTTP/1.1\r\nHost: example\r\n\r\n"),
    _fails("zeros", bytes(1_000)),
    _fails("ones", b"\xff" * 1_000),
]


@dataclass(frozen=True)
class Cut:
    """What is sent before the client is gone: by an end, or as one that crashed, by a reset."""

    name: str
    sends: bytes
    reset: bool = False


CUTS = [
    Cut(f"{'a reset' if reset else 'an end'} {name}", sends, reset)
    for reset in (False, True)
    for name, sends in (
        ("at once", b""),
        ("in the middle of a head", text(command())[:1]),
        ("in the middle of a length", text(command(300))[:3]),
        ("in the middle of a mask", text(command())[:4]),
        ("in the middle of a frame", text(command())[:-1]),
        ("in the middle of a message", text(b"h", fin=False)),
        ("in the middle of a character", text(EURO[:2], fin=False)),
        ("after 64 MB are announced", text(b"", announced=2**26)),
        ("in the middle of 64 MB", text(bytes(60_000), announced=2**26)),
        ("in the middle of a close", closing(1000)[:-1]),
        ("in the middle of a ping", frame(PING, b"hi")[:-1]),
        ("after a ping", frame(PING, b"hi")),
        ("after a command", text(command())),
        ("after a fault", frame(0x3)),
    )
]


@dataclass(frozen=True)
class Handshake:
    """A request for a socket, and the status that it is answered with; `CUT` for an end without an answer.

    `headers` replace those of a right one, or with `None` leave them out; `extra` are further lines, as they are.
    """

    name: str
    status: int
    headers: dict[str, str | None] = field(default_factory=dict)
    line: str = "GET /ws HTTP/1.1"
    extra: tuple[bytes, ...] = ()
    body: bytes = b""

    def request(self, origin: str, cookie: str) -> bytes:
        headers: dict[str, str | None] = {
            "Host": origin.partition("//")[2],
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Origin": origin,
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": KEY,
            "Cookie": cookie,
        } | self.headers
        lines = [f"{name}: {value}".encode("latin-1") for name, value in headers.items() if value is not None]
        return b"\r\n".join([self.line.encode("latin-1"), *lines, *self.extra, b"", self.body])


CUT = 0

HANDSHAKES = [
    # What is asked for (section 4.2.1)
    Handshake("a right one", 101),
    Handshake("another method", 405, line="POST /ws HTTP/1.1"),
    Handshake("a method of nobody's", 405, line="WEBSOCKET /ws HTTP/1.1"),
    Handshake("HTTP/1.0", 400, line="GET /ws HTTP/1.0"),
    Handshake("HTTP/0.9", 400, line="GET /ws"),
    Handshake("HTTP/9.9", 400, line="GET /ws HTTP/9.9"),
    Handshake("no host", 400, {"Host": None}),
    Handshake("an empty host", 403, {"Host": ""}),
    Handshake("another host", 403, {"Host": "evil.example"}),
    Handshake("a host that can be none", 400, {"Host": "x" * 64, "Origin": f"http://{'x' * 64}"}),
    Handshake("no upgrade", 400, {"Upgrade": None}),
    Handshake("an upgrade to something else", 400, {"Upgrade": "h2c"}),
    Handshake("an upgrade to something else too", 400, {"Upgrade": "h2c, websocket"}),
    Handshake("no connection", 400, {"Connection": None}),
    Handshake("a connection that is kept", 400, {"Connection": "keep-alive"}),
    Handshake("a connection that is closed", 400, {"Connection": "close"}),
    Handshake("no key", 400, {"Sec-WebSocket-Key": None}),
    Handshake("an empty key", 400, {"Sec-WebSocket-Key": ""}),
    Handshake("a key of 15 bytes", 400, {"Sec-WebSocket-Key": "A" * 20}),
    Handshake("a key of 17 bytes", 400, {"Sec-WebSocket-Key": "A" * 23 + "="}),
    Handshake("a key that is no base64", 400, {"Sec-WebSocket-Key": "!" * 22 + "=="}),
    Handshake("a key of other letters", 400, {"Sec-WebSocket-Key": "é" * 22 + "=="}),
    Handshake("two keys", 400, extra=(b"Sec-WebSocket-Key: " + KEY.encode(),)),
    Handshake("no version", 400, {"Sec-WebSocket-Version": None}),
    Handshake("a version before the standard", 400, {"Sec-WebSocket-Version": "8"}),
    Handshake("a version after the standard", 400, {"Sec-WebSocket-Version": "14"}),
    Handshake("two versions", 400, {"Sec-WebSocket-Version": "13, 8"}),
    Handshake("a version in other digits", 400, {"Sec-WebSocket-Version": "1³"}),
    Handshake("no origin", 403, {"Origin": None}),
    Handshake("another origin", 403, {"Origin": "http://evil.example"}),
    Handshake("an origin of nobody's", 403, {"Origin": "null"}),
    Handshake("two origins", 403, extra=(b"Origin: http://evil.example",)),
    Handshake("a body", 400, {"Content-Length": "5"}, body=b"hello"),
    Handshake("a body in chunks", 400, {"Transfer-Encoding": "chunked"}, body=b"5\r\nhello\r\n0\r\n\r\n"),
    Handshake("another address", 404, line="GET /ws/ HTTP/1.1"),
    Handshake("the address of a page", 400, line="GET / HTTP/1.1"),
    # What is let pass
    Handshake("other words for the same", 101, {"Connection": "keep-alive, UPGRADE", "Upgrade": "WebSocket"}),
    Handshake("an extension", 101, {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}),
    Handshake("a broken extension", 101, {"Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=x"}),
    Handshake("an extension of other letters", 101, {"Sec-WebSocket-Extensions": "é"}),
    Handshake("a protocol", 101, {"Sec-WebSocket-Protocol": "chat, superchat"}),
    Handshake("a protocol of other letters", 101, {"Sec-WebSocket-Protocol": "é"}),
    Handshake("a connection of other letters too", 101, {"Connection": "Upgrade, é"}),
    Handshake("no body of no bytes", 101, {"Content-Length": "0"}),
    Handshake("a header of other letters", 101, {"X-Odd": "é\xff"}),
    # Nobody may speak before the answer (section 4.1): what is said then is not heard.
    Handshake("a frame right behind", 101, body=text(command())),
    Handshake("rubbish right behind", 101, body=bytes(100)),
    Handshake("an odd question", 101, line="GET /ws?rights=%ff&rights=" + "9" * 3_000 + " HTTP/1.1"),
    # What is no request
    Handshake("an empty header name", 400, extra=(b": x",)),
    Handshake("a header without a colon", 400, extra=(b"nonsense",)),
    Handshake("a header with a NUL", 400, extra=(b"X-Odd: \0",)),
    Handshake("a header with a control character", 400, extra=(b"X-Odd: \1",)),
    Handshake("a folded header", 400, extra=(b"X-Odd: a", b" b")),
    Handshake("a header over the limit", 431, extra=(b"X-Odd: " + b"x" * 9_000,)),
    Handshake("more headers than the limit", 431, extra=tuple(b"X-%d: x" % number for number in range(200))),
    Handshake("an address over the limit", 414, line=f"GET /ws?{'x' * 9_000} HTTP/1.1"),
    Handshake("the beginning of HTTP/2", 400, line="PRI * HTTP/2.0"),
    Handshake("a frame", 400, line=text(command()).decode("latin-1")),
]


class Peer:
    """A client without manners. What it hears is kept by `Client`."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client = Client(self.sock)

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """The answer's status and its head; `CUT` for an end without any."""
        self.say(request)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            try:
                byte = self.sock.recv(1)
            except ConnectionResetError:
                byte = b""
            if not byte:
                assert not head, f"an answer that does not end: {head!r}"
                return CUT, b""
            head += byte
        return int(head.split()[1]), head

    def open(self, origin: str, cookie: str) -> None:
        status, head = self.ask(Handshake("a right one", 101).request(origin, cookie))
        assert status == 101
        assert b"\r\nSec-WebSocket-Accept: " + ACCEPT + b"\r\n" in head

    def join(self, room_id: int) -> None:
        self.say(text(json.dumps({"command": "join", "room": room_id}).encode()))
        self.mark()

    def mark(self) -> list[tuple[int, bytes]]:
        """Show that the socket is open and listens; the pongs and errors that came before."""
        mark = str(uuid4())
        self.say(text(command(mark=mark)))
        heard = []
        for opcode, payload in self.hear():
            if marked(mark)[1] in payload:
                return heard
            heard.append((opcode, payload))
        raise AssertionError(f"closed after {heard}")

    def say(self, data: bytes) -> None:
        """Whether or not the other side still listens."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.sock.sendall(data)

    def hear(self) -> Iterator[tuple[int, bytes]]:
        """Pongs, errors, and the close, which is answered and the end; the rest is the room's."""
        while True:
            opcode, payload = self.client.read(PATIENCE_SECONDS)
            if opcode in (PONG, CLOSE) or b"data-code=" in payload:
                yield opcode, payload
            if opcode == CLOSE:
                self.say(frame(CLOSE, payload))
                return

    def at_end(self) -> bool:
        return self.client.at_end()

    def leave(self, cut: Cut) -> None:
        """Be gone as told."""
        self.say(cut.sends)
        if cut.reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self.sock.close()
