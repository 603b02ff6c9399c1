"""The WebSocket: authorise, read commands, hand them to features."""

from flask import Flask

from multichat.sockets import connecting
from multichat.sockets.own_thread import OwnThread


def init_app(app: Flask) -> None:
    # simple-websocket's own limit answers with 1009; its pings would write beside our writer and close with 1008.
    app.config["SOCK_SERVER_OPTIONS"] = {
        "max_message_size": connecting.FRAME_LIMIT_BYTES,
        "receive_bytes": 16384,
        "thread_class": OwnThread,
    }
    app.register_blueprint(connecting.bp)
