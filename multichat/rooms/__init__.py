"""Rooms: the pages that people talk on, and what administrators do with rooms."""

from flask import Flask

from multichat.rooms import views


def init_app(app: Flask) -> None:
    app.register_blueprint(views.bp)
