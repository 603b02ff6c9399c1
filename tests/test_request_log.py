"""A token in a path reaches no log."""

import logging

import pytest
from flask import Flask
from flask.typing import ResponseReturnValue
from werkzeug.test import create_environ

from multichat import request_log


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    request_log.init_app(app)

    @app.get("/setup/<token>")
    def setup(token: str) -> ResponseReturnValue:
        if token == "broken-secret":
            raise RuntimeError
        return "ok"

    return app


@pytest.mark.parametrize(
    ("path", "route"),
    [("/setup/secret", "/setup/<token>"), ("/no/such/secret", "(no route)"), ("/setup/x/", "(no route)")],
)
def test_the_access_log_is_given_the_rule(app: Flask, path: str, route: str) -> None:
    environ = create_environ(path)
    b"".join(app(environ, lambda *_: bytes))
    assert environ["multichat.route"] == route


def test_a_traceback_is_headed_by_the_rule(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert app.test_client().get("/setup/broken-secret").status_code == 500
    assert caplog.messages == ["Exception on /setup/<token> [GET]"]
