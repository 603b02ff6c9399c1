"""Flask-Login over `SignIn` rows: who makes a request, and how a sign-in begins, lives on and ends."""

import logging
from functools import partial

from flask import Response, after_this_request, session
from flask_login import current_user, login_user, logout_user
from sqlalchemy.exc import OperationalError

from multichat.accounts import passwords
from multichat.database import Busy, db, writing
from multichat.extensions import realtime
from multichat.models import Rights, SignIn, User
from multichat.offload import offload

logger = logging.getLogger(__name__)


def person_of(token: str) -> User | None:
    """Flask-Login's user loader: whose request it is by the token in the session, in one query."""
    sign_in = SignIn.find(token)
    if sign_in is None:
        return None
    sign_in.user.come_by(sign_in, token)
    if sign_in.wants_renewal:
        after_this_request(partial(_renew, sign_in))
    return sign_in.user


def begin(username: str, password: str) -> bool:
    """Sign the person in on this device; false if there is no such person, or the password or they will not do.

    One hash whatever is wrong, so that the time does not tell what it is.
    """
    user = User.named(username)
    known_hash = user.password_hash if user else passwords.NOBODYS
    db.session.commit()  # others may have the connection while the hash is made
    if not offload(passwords.matches, known_hash, password) or user is None or not user.active:
        return False
    new_hash = offload(passwords.hash_password, password) if passwords.is_outdated(known_hash) else known_hash
    with writing():
        Rights.hold()  # so that a new password or a deactivation, which end all sign-ins, come before or after this one
        user = User.get(user.id)
        if not user.active or user.password_hash != known_hash:
            return False
        user.password_hash = new_hash
        sign_in, token = SignIn.begin(user)
    enter(user, sign_in, token)
    return True


def enter(user: User, sign_in: SignIn, token: str) -> None:
    """Give this device its new sign-in. What the session held before belonged to whoever had it before."""
    session.clear()
    session.permanent = True
    user.come_by(sign_in, token)
    login_user(user)


def end() -> None:
    """Sign the person out on this device; the sockets that it has open close."""
    with writing():
        Rights.bump()
        current_user.sign_in.end()
    logout_user()
    session.clear()
    realtime.rights_changed()


def _renew(sign_in: SignIn, response: Response) -> Response:
    try:
        with writing():
            sign_in.renew()
    except (Busy, OperationalError) as error:
        logger.warning("A sign-in is not renewed, and is tried again with the next request: %s", error)
    else:
        session.modified = True  # the cookie lives as long as the row
    return response
