"""A room on Flask-SocketIO, after its documentation: gevent, one worker, Redis as the message queue."""

import os

from flask import Flask
from flask_socketio import SocketIO, join_room, send

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent", message_queue=os.environ["REDIS_URL"])


@socketio.on("connect")
def connect():
    join_room("room")


@socketio.on("message")
def message(text):
    send(text, to="room")
