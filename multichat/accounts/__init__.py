"""Accounts: who somebody is, how they sign in, and what administrators do with people."""

from flask import Flask

from multichat.accounts import refusals, sign_ins, views
from multichat.extensions import login_manager


def init_app(app: Flask) -> None:
    # Renewed together with the row behind it, not with each answer: a late answer would bring back an old session.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    # A sign-in is a row that can be ended; an address that changes on the way to work is no reason to.
    login_manager.session_protection = None
    login_manager.user_loader(sign_ins.person_of)
    refusals.init_app(app)
    app.register_blueprint(views.bp)
