"""What those see who are signed out, came with a stale form, or tried too often. What they typed is kept."""

import math
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from multichat.accounts import attempts, setup
from multichat.accounts.forms import SetupForm, SignInForm
from multichat.accounts.views import bp, onward, setup_page, sign_in_page, waiting_page
from multichat.extensions import login_manager
from multichat.htmx import wants_fragment
from multichat.security import safe_next

STALE = "This page was out of date: try once more. If it stays so, your browser does not keep this site's cookies."


def init_app(app: Flask) -> None:
    login_manager.unauthorized_handler(signed_out)
    app.register_error_handler(CSRFError, stale_form)


def signed_out() -> ResponseReturnValue:
    """Flask-Login's answer where one must be signed in."""
    if setup.is_open():
        return waiting_page()
    elif request.method == "GET" and not wants_fragment():
        return redirect(url_for("accounts.sign_in", next=_path(request.full_path)))
    else:
        # A fragment too: htmx leaves its page as it is on a 401, and the closed socket says there why.
        return _with_draft(401, "You are signed out", "Nothing was saved. Sign in, and do it again.")


def stale_form(_error: CSRFError) -> ResponseReturnValue:
    """A form whose CSRF token is of another session, since one signed in or out meanwhile; or a forged one."""
    if request.endpoint == "accounts.sign_in":
        # Two tabs waited at this form, and the other one was used.
        return onward() if current_user.is_authenticated else sign_in_page(SignInForm(), STALE, 400)
    elif request.endpoint == "accounts.setup" and setup.opens_to((request.view_args or {})["token"]):
        return setup_page(SetupForm(), STALE, 400)
    else:
        return _with_draft(400, "This page was out of date", "Nothing was saved. Reload the page, and do it again.")


@bp.errorhandler(RateLimitExceeded)
def too_many_failures(_error: RateLimitExceeded) -> Response:
    seconds = attempts.seconds_to_wait()
    minutes = math.ceil(seconds / 60)
    wait = "a minute" if minutes == 1 else f"{minutes} minutes"
    page = sign_in_page(SignInForm(), f"Too many tries to sign in with this name. Wait {wait}, then try again.", 429)
    page.headers["Retry-After"] = str(seconds)
    return page


def _with_draft(code: int, title: str, text: str) -> Response:
    """An error page that shows the message that was not saved, and leads back to where it was written."""
    page = render_template(
        "errors/error.html",
        code=code,
        title=title,
        text=text,
        draft=request.form.get("body"),
        back=_path(request.referrer),
    )
    return Response(page, code)


def _path(url: str | None) -> str | None:
    """The path of a page of ours; none for home, where one goes anyway."""
    parts = urlsplit(url or "")
    if parts.netloc not in ("", request.host) or parts.path == "/":
        return None
    return safe_next(parts._replace(scheme="", netloc="", fragment="").geturl().rstrip("?"))
