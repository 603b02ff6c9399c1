"""The first run: who has the token makes the first administrator and the first room."""

import hmac
from pathlib import Path

from flask import current_app

from multichat import first_run
from multichat.accounts import passwords
from multichat.database import writing
from multichat.models import Refused, Rights, Role, Room, SignIn, User
from multichat.offload import offload


def is_open() -> bool:
    """Whether nobody is registered yet. Somebody stays registered for ever, so the database is not asked again then."""
    extensions = current_app.extensions
    if "somebody_registered" not in extensions and User.anybody_registered():
        extensions["somebody_registered"] = True
    return "somebody_registered" not in extensions


def link(base_url: str) -> str | None:
    """The address of the set-up page; none once anybody is registered."""
    return first_run.link(base_url, _instance()) if is_open() else None


def opens_to(given: str) -> bool:
    """Whether this token opens the set-up page: none does once anybody is registered."""
    if not is_open():
        return False
    try:
        ours = first_run.token_path(_instance()).read_bytes().strip()
    except FileNotFoundError:
        return False
    return hmac.compare_digest(given.encode(), ours)


def complete(username: str, display_name: str, password: str, room_name: str) -> tuple[User, SignIn, str]:
    """Make the first administrator and the first room in one transaction, and a sign-in with its token.

    Raises `Refused` for what will not do, or when somebody was faster.
    """
    passwords.check(password, username)
    password_hash = offload(passwords.hash_password, password)
    with writing():
        Rights.hold()  # of two set-ups at once the second finds the first
        if User.anybody_registered():
            raise Refused("multichat is set up already. If it was you who did it, sign in.")
        user = User.register(username, password_hash, display_name, Role.admin)
        Room.create(room_name)
        sign_in, sign_in_token = SignIn.begin(user)
    first_run.token_path(_instance()).unlink(missing_ok=True)
    return user, sign_in, sign_in_token


def _instance() -> Path:
    return Path(current_app.instance_path)
