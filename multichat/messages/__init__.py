"""Messages: posting, and the log that the fan-out reads."""

from flask import Flask

from multichat.messages import changes, composing, reading_views, views


def init_app(app: Flask) -> None:
    changes.init_app(app)
    app.register_blueprint(views.bp)
    app.register_blueprint(reading_views.bp)
    composing.init_app(app)
