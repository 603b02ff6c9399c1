"""Accounts: who somebody is, how they sign in, and what administrators do with people."""

from flask import Flask
from flask_login import current_user

from multichat.accounts import refusals, sign_ins, viewer, views
from multichat.extensions import login_manager


def init_app(app: Flask) -> None:
    # Renewed together with the row behind it, not with each answer: a late answer would bring back an old session.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    # Looked up where a page asks for it: the page that says the database is away does not.
    login_manager.init_app(app, add_context_processor=False)
    app.jinja_env.globals |= {"current_user": current_user, "viewer_stylesheet": viewer.address}
    # A sign-in is a row that can be ended; an address that changes on the way to work is no reason to.
    login_manager.session_protection = None
    login_manager.user_loader(sign_ins.person_of)
    refusals.init_app(app)
    app.register_blueprint(views.bp)
