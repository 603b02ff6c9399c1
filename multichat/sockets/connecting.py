"""From the handshake to the last byte: one client's WebSocket, one tab.

flask-sock takes the socket out of the environment and would let anybody in, from any page, compressed; what must hold
is put in place before it looks.
"""

import base64
import binascii
import logging
import time
from functools import partial
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, request, session
from simple_websocket import Server
from sqlalchemy.exc import SQLAlchemyError

from multichat.database import db
from multichat.extensions import realtime, sock
from multichat.messages.broadcasts import room_states
from multichat.models import Rights
from multichat.realtime.connection import (
    FAULT,
    SIGNED_OUT,
    STOPPING,
    TOO_BIG,
    TOO_MANY,
    Connection,
    ConnectionLost,
)
from multichat.realtime.frame import RIGHTS_TOPIC, Frame, text_frame
from multichat.security import own_origin, same_origin
from multichat.sockets.commands import Commands
from multichat.sockets.errors import signed_out
from multichat.sockets.rights import show_room_list

FRAME_LIMIT_BYTES = 64 * 1024
# All that simple-websocket is shown of a request, beside its key. It parses the headers anew: a protocol that is not
# ASCII becomes a traceback, and compression is accepted whenever it is offered (38 to 164 KB a socket, and bombs).
PLAIN_HANDSHAKE = {
    "HTTP_HOST": "multichat",
    "HTTP_CONNECTION": "Upgrade",
    "HTTP_UPGRADE": "websocket",
    "HTTP_SEC_WEBSOCKET_VERSION": "13",
}

bp = Blueprint("sockets", __name__)
logger = logging.getLogger(__name__)


@bp.before_request
def prepare() -> None:
    """Refuse whom we need not talk to; put our connection where flask-sock takes the socket from."""
    if not _is_handshake():
        abort(400, "This address speaks WebSocket alone.")
    if not same_origin():
        logger.warning(
            "Refused a WebSocket from the origin %r; ours is %r (MULTICHAT_PUBLIC_URL is %s)",
            request.headers.get("Origin"),
            own_origin(),
            current_app.config["MULTICHAT_PUBLIC_URL"] or "not set",
        )
        abort(403, "A page of another site cannot open this socket.")
    environ = request.environ
    for name in [name for name in environ if name.startswith("HTTP_") and name != "HTTP_SEC_WEBSOCKET_KEY"]:
        del environ[name]
    environ.update(PLAIN_HANDSHAKE)
    name = "werkzeug.socket" if "werkzeug.socket" in environ else "gunicorn.socket"
    environ[name] = environ["multichat.connection"] = Connection(environ[name])


@bp.after_request
def name_version(response: Response) -> Response:
    """Whoever came with another one may come back with this (RFC 6455, section 4.4)."""
    if response.status_code == 400:
        response.headers["Sec-WebSocket-Version"] = "13"
    return response


@sock.route("/ws", bp=bp)
def connect(ws: Server) -> None:
    """Serve one client until it or we go. What is raised here would make the server write a page into the socket."""
    connection: Connection = request.environ["multichat.connection"]
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    token, page_rights = str(session.get("_user_id", "")), request.args.get("rights", type=int)
    # The handler outlives its request by hours: what was read so far must not hold a database connection for as long.
    db.session.remove()
    commands = Commands(app, connection, token)
    # Without the wrapper that shook hands: it would keep a whole HTTP parser, and look at it with each message.
    ws.ws = ws.ws.connection
    connection.handle_input = partial(_handle_input, ws, connection, commands)
    try:
        realtime.start()
        realtime.hub.add(connection)
        _authorise(app, connection, token, page_rights)
        # Until both ends have said goodbye: it asks `connection` for more whenever it has nothing left to read.
        ws.thread.run()
        # Whoever closes right after sending, and is gone, still has said it.
        connection.handle_input()
    except Exception:
        logger.exception("A socket failed")
        connection.shut(FAULT)
    finally:
        _end(connection, commands)


def _authorise(app: Flask, connection: Connection, token: str, page_rights: int | None) -> None:
    """Make it somebody's connection, or say why not and close it."""
    hub = realtime.hub
    if hub.stopping:
        connection.shut(STOPPING, "restarting")
        return
    with app.app_context():
        # Before the query: a check of rights that comes between it and the last line below, and knew better, is seen.
        rights = realtime.keeper.rights
        found = Rights.standing(token)
        if found is None:
            connection.deliver(text_frame(signed_out()))
            connection.shut(SIGNED_OUT, "signed out")
            return
        sign_in_id, standing, places = found
        hub.listen(connection, standing.user_id, standing.rooms)
        if hub.count_of(standing.user_id) > app.config["MULTICHAT_SOCKETS_PER_PERSON"]:
            connection.shut(TOO_MANY, "too many tabs")
            return
        # From here on a check of rights looks after it.
        connection.user_id, connection.sign_in_id = standing.user_id, sign_in_id
        if realtime.keeper.rights != rights:
            hub.receive(Frame(RIGHTS_TOPIC, ""))
        # After it listens: what is said meanwhile comes after this, and says more.
        if places:
            connection.deliver(text_frame(room_states(places)))
        if page_rights != realtime.keeper.rights:
            show_room_list([connection], {sign_in_id: standing})
    logger.info("open person=%s connection=%s", connection.user_id, connection.id)


def _handle_input(ws: Server, connection: Connection, commands: Commands) -> None:
    while ws.input_buffer:
        data = ws.input_buffer.pop(0)
        if connection.dismissed:
            continue
        if len(data.encode(errors="replace") if isinstance(data, str) else data) > FRAME_LIMIT_BYTES:
            connection.shut(TOO_BIG, "too big")  # simple-websocket counts a text's characters
            continue
        try:
            commands.handle(data)
        except ConnectionLost:
            pass  # what else was said before that is done all the same
        except SQLAlchemyError:
            # One command failed with the database; the socket stays, and the page tries again.
            logger.exception("A command failed")
            commands.failed()
        except OSError:  # simple-websocket would take it for the socket's end
            logger.exception("A command failed")
            connection.shut(FAULT)
        connection.heard()


def _end(connection: Connection, commands: Commands) -> None:
    realtime.hub.remove(connection)
    try:
        commands.leave_all()
    except Exception:
        logger.exception("A socket failed to leave its rooms; its leases run out")
    connection.finish()
    seconds = time.monotonic() - connection.opened_at
    logger.info(
        "close person=%s connection=%s code=%s seconds=%.1f",
        connection.user_id or "nobody",
        connection.id,
        connection.closing,
        seconds,
    )


def _is_handshake() -> bool:
    """What RFC 6455, section 4.2.1 asks for; wsproto would answer its absence with a traceback.

    And no body: gunicorn leaves it where frames are read.
    """
    headers: Any = request.headers
    try:
        key = base64.b64decode(headers.get("Sec-WebSocket-Key", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return (
        request.method == "GET"
        and request.environ["SERVER_PROTOCOL"] != "HTTP/1.0"
        and "Host" in headers
        and not request.content_length
        and "Transfer-Encoding" not in headers
        and len(key) == 16
        and headers.get("Sec-WebSocket-Version") == "13"
        and headers.get("Upgrade", "").lower() == "websocket"
        and "upgrade" in {token.strip().lower() for token in headers.get("Connection", "").split(",")}
    )
