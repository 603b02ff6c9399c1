"""Signing in and out, setting up, and the colours that one likes."""

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from multichat.accounts import attempts, setup, sign_ins, viewer
from multichat.accounts.forms import SetupForm, SignInForm, text_of
from multichat.extensions import limiter
from multichat.models import NotFound
from multichat.security import safe_next

THEMES = ("system", "light", "dark")
YEAR_SECONDS = 365 * 24 * 60 * 60

bp = Blueprint("accounts", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(attempts.FAILURES, methods=["POST"], key_func=attempts.key)
def sign_in() -> ResponseReturnValue:
    """Sign in. What was wrong with a try is not told."""
    if setup.is_open():
        return waiting_page()
    if current_user.is_authenticated:
        return onward()
    form = SignInForm(next=request.args.get("next"))
    if not form.is_submitted():
        return sign_in_page(form)
    if not form.validate():
        return sign_in_page(form, code=400)
    if not sign_ins.begin(text_of(form.username), text_of(form.password)):
        return sign_in_page(form, "This username and password do not belong together.", 401)
    attempts.forget()
    return onward()


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this device's sign-in."""
    if current_user.is_authenticated:
        sign_ins.end()
    return redirect(url_for("accounts.sign_in"), 303)


@bp.route("/setup/<token>", methods=["GET", "POST"], endpoint="setup")
def set_up(token: str) -> ResponseReturnValue:
    """Make the first administrator and the first room. Not found but with the token, nor ever again."""
    if not setup.opens_to(token):
        raise NotFound
    form = SetupForm()
    if not form.is_submitted():
        return setup_page(form)
    if not form.validate():
        return setup_page(form, code=400)
    typed = (form.username, form.display_name, form.password, form.room_name)
    sign_ins.enter(*setup.complete(*map(text_of, typed)))
    return redirect(url_for("rooms.index"), 303)


@bp.post("/theme")
def theme() -> ResponseReturnValue:
    """Keep the colours that one likes in this browser, signed in or not."""
    choice = request.form.get("theme")
    if choice not in THEMES:
        abort(400)
    response = onward()
    response.set_cookie(
        "theme",
        choice,
        max_age=YEAR_SECONDS,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


@bp.get("/account/viewer.css", endpoint="viewer")
@login_required
def viewer_stylesheet() -> Response:
    """What is only this person's to see. Its address moves with it, so that it is asked for once."""
    response = Response(viewer.stylesheet(current_user), mimetype="text/css")
    response.cache_control.private = True
    response.cache_control.max_age = YEAR_SECONDS
    response.cache_control.immutable = True
    return response


@bp.app_context_processor
def chosen_theme() -> dict[str, str]:
    choice = request.cookies.get("theme")
    return {"theme": choice if choice in THEMES else THEMES[0]}


def sign_in_page(form: SignInForm, error: str | None = None, code: int = 200) -> Response:
    return Response(render_template("accounts/sign_in.html", form=form, error=error), code)


def setup_page(form: SetupForm, error: str | None = None, code: int = 200) -> Response:
    return Response(render_template("accounts/setup.html", form=form, error=error), code)


def waiting_page() -> Response:
    """While nobody is registered, to everybody: where the set-up link is found."""
    return Response(render_template("accounts/waiting.html"))


def onward() -> Response:
    """To where the person was going, if that is on this site, else home."""
    return Response(status=303, headers={"Location": safe_next(request.values.get("next")) or url_for("rooms.index")})
