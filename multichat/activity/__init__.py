"""Activity: what was said to somebody, wherever it was."""

from flask import Flask

from multichat.activity import views


def init_app(app: Flask) -> None:
    app.register_blueprint(views.bp)
