"""A tab of a person's browser: a WebSocket client that is not ours, on a real server."""

import json
import socket
import time
from typing import Any
from uuid import uuid4

import websocket

from tests.support.markup import parse
from tests.support.timeline import Timeline

PATIENCE_SECONDS = 10.0
# A worker that is just starting answers when it is there.
HANDSHAKE_SECONDS = 30.0


class Tab:
    """One open socket. What comes is read when it is waited for, and kept in `frames`."""

    def __init__(self, url: str, cookie: str, *, origin: str | None = None, **options: Any) -> None:
        self.frames: list[str] = []
        self.timelines: dict[int, Timeline] = {}
        self.closed: int | None = None
        self.ws = websocket.create_connection(
            url.replace("http", "ws", 1),
            cookie=cookie,
            origin=origin or url.partition("/ws")[0],
            timeout=HANDSHAKE_SECONDS,
            **options,
        )

    # Speaking

    def tell(self, command: str, **fields: Any) -> None:
        self.ws.send(json.dumps({"command": command, **fields}, ensure_ascii=False))

    def join(self, room_id: int, after: int | None = None) -> list[str]:
        """Enter a room as a page that has everything up to `after`; what came until one was in."""
        known = self.timelines.setdefault(room_id, Timeline(room_id, after))
        begun = len(self.frames)
        self.tell("join", room=room_id, **({} if known.cursor is None else {"after": known.cursor}))
        self.until_done()
        return self.frames[begun:]

    def until_done(self) -> None:
        """Wait until what was asked so far is done: commands are done in order, and the last one is none."""
        mark = str(uuid4())
        self.tell("mark", client_id=mark)
        self.until(f'data-client-id="{mark}"')

    def say(self, room_id: int, body: str, **fields: Any) -> str:
        """Send a message and wait until it is acknowledged; its client id."""
        client_id = self.send(room_id, body, **fields)
        self.until(client_id)
        return client_id

    def send(self, room_id: int, body: str, **fields: Any) -> str:
        client_id = fields.pop("client_id", None) or str(uuid4())
        self.tell("send", room=room_id, body=body, client_id=client_id, **fields)
        return client_id

    # Listening

    def until(self, text: str, seconds: float = PATIENCE_SECONDS) -> str:
        """Read until a frame comes that has this text; that frame. Raises TimeoutError."""
        frame = self._read_until(text, seconds)
        assert frame is not None, f"closed with {self.closed} before {text!r} came, after {self._latest}"
        return frame

    def error(self) -> dict[str, str | None]:
        """The next error's attributes."""
        return parse(self.until("data-code=")).one("p", class_="error").attributes

    def code(self) -> str | None:
        """The next error's code."""
        return self.error()["data-code"]

    def close_code(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Read until the server closes; its code, or 1006 as a browser calls the end without one."""
        frame = self._read_until(None, seconds)
        assert frame is None
        assert self.closed is not None
        return self.closed

    def close(self) -> None:
        """Go, as a closed tab does."""
        self.ws.shutdown()

    @property
    def socket(self) -> socket.socket:
        return self.ws.sock

    @property
    def _latest(self) -> list[str]:
        return [frame[:300] for frame in self.frames[-5:]]

    def _read_until(self, text: str | None, seconds: float) -> str | None:
        """The first frame with this text; none when the connection ended. Raises TimeoutError with what came."""
        deadline = time.monotonic() + seconds
        while self.closed is None:
            self.ws.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                kind, data = self.ws.recv_data(control_frame=True)
            except websocket.WebSocketTimeoutException:
                awaited = "a close frame" if text is None else repr(text)
                raise TimeoutError(f"{awaited} did not come in {seconds} s, but {self._latest}") from None
            except (websocket.WebSocketConnectionClosedException, OSError):
                self.closed = 1006
                break
            if kind == websocket.ABNF.OPCODE_CLOSE:
                self.closed = int.from_bytes(data[:2])
                self.close()  # as browsers do, once the close frame is answered
            elif kind == websocket.ABNF.OPCODE_TEXT:
                frame = data.decode()
                self.frames.append(frame)
                for timeline in self.timelines.values():
                    timeline.apply(frame)
                if text is not None and text in frame:
                    return frame
        return None
