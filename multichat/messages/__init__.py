"""Messages: posting, and the log that the fan-out reads."""

from flask import Flask

from multichat.messages import views


def init_app(app: Flask) -> None:
    app.register_blueprint(views.bp)
