"""A browser without a screen, that nobody is signed in on yet."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.support.person import PASSWORD


class Browser:
    """It keeps its cookies, and sends a form with the token of the page that the form is on."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, url: str, **options: Any) -> TestResponse:
        return self.client.get(url, **options)

    def post(self, url: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        return self.client.post(url, data={"csrf_token": self.csrf_token()} | (data or {}), **options)

    def csrf_token(self, page: str = "/") -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.client.get(page, follow_redirects=True).text)
        return found[1] if found else ""

    def sign_in(self, username: str, password: str = PASSWORD, next: str = "", **options: Any) -> TestResponse:
        return self.post("/sign-in", {"username": username, "password": password, "next": next}, **options)

    @property
    def is_signed_in(self) -> bool:
        return self.get("/").status_code == 200

    @property
    def token(self) -> str | None:
        """The sign-in's, in the cookie."""
        with self.client.session_transaction() as session:
            return session.get("_user_id")
