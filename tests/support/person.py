"""A person in a test: an account, a signed-in browser without a screen, and their own words for what they do."""

from functools import cache
from typing import Any
from uuid import uuid4

from flask import Flask
from flask import session as page_session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from multichat.accounts.passwords import hash_password
from multichat.database import writing
from multichat.models import Rights, Role, SignIn, User

PASSWORD = "correct horse battery"


class Person:
    """Signed in on one device. `post` brings the page's own CSRF token along, as a browser does."""

    def __init__(self, app: Flask, username: str, role: Role = Role.member) -> None:
        self.app = app
        self.username = username
        with app.app_context(), writing():
            self.user = User.register(username, _password_hash(), role=role)
        self.id: int = self.user.id
        self.take_device()

    def take_device(self) -> None:
        """Sit down at another browser, and sign in there."""
        self.token = self.sign_in()
        self.client: FlaskClient = self.app.test_client()
        with self.client.session_transaction() as session:
            session["_user_id"] = self.token
            session["_fresh"] = True

    def sign_in(self) -> str:
        """A sign-in on another device; the token that its cookie would hold."""
        with self.app.app_context():
            with writing():
                _, token = SignIn.begin(User.get(self.id))
            return token

    def sign_out_everywhere(self) -> None:
        with self.app.app_context(), writing():
            Rights.bump()
            SignIn.end_all(User.get(self.id))

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.csrf_token()} | (data or {}), **options)

    def csrf_token(self) -> str:
        with self.app.test_request_context():
            token: str = generate_csrf()
            raw = page_session["csrf_token"]
        with self.client.session_transaction() as session:
            session["csrf_token"] = raw
        return token

    def say(self, room_id: int, body: str, **fields: Any) -> TestResponse:
        return self.post(f"/rooms/{room_id}/messages", {"body": body, "client_id": str(uuid4())} | fields)


@cache
def _password_hash() -> str:
    """Made once: a hash takes as long as a small test."""
    return hash_password(PASSWORD)
