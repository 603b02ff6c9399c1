"""Every way in, and whom it is for. A new route has to be listed here."""

from collections.abc import Callable
from enum import Enum
from uuid import uuid4

from flask import Flask, url_for

from multichat.messages.changes import post
from multichat.models import Room
from tests.support.person import Person

MESSAGE = "/rooms/<int:room_id>/messages/<int:ordinal>"


class For(Enum):
    """Whom a route is for."""

    EVERYBODY = 0
    USERS = 1
    STAFF = 2
    ADMINISTRATORS = 3
    NOBODY = 4


# The method, the rule, an address that leads to something there, and whom it is for.
ROUTES = [
    ("GET", "/", "/", For.USERS),
    ("GET", "/rooms/<int:room_id>", "/rooms/{lobby}", For.USERS),
    ("GET", "/rooms/<int:room_id>", "/rooms/{backstage}", For.STAFF),
    ("GET", "/rooms/<int:room_id>/messages/<int:ordinal>", "/rooms/{lobby}/messages/1", For.USERS),
    ("POST", "/rooms/<int:room_id>/messages", "/rooms/{lobby}/messages", For.USERS),
    ("POST", "/rooms/<int:room_id>/messages", "/rooms/{backstage}/messages", For.STAFF),
    ("GET", f"{MESSAGE}/actions", "/rooms/{lobby}/messages/1/actions", For.USERS),
    ("GET", f"{MESSAGE}/actions", "/rooms/{backstage}/messages/1/actions", For.STAFF),
    # What is the author's, an administrator's and so on is looked at in tests/messages/test_acts.py.
    ("GET", f"{MESSAGE}/edit", "/rooms/{lobby}/messages/1/edit", For.NOBODY),
    ("POST", f"{MESSAGE}/edit", "/rooms/{lobby}/messages/1/edit", For.NOBODY),
    ("POST", f"{MESSAGE}/delete", "/rooms/{lobby}/messages/1/delete", For.STAFF),
    ("POST", f"{MESSAGE}/reactions", "/rooms/{lobby}/messages/1/reactions", For.USERS),
    ("POST", f"{MESSAGE}/reactions", "/rooms/{backstage}/messages/1/reactions", For.STAFF),
    ("GET", "/emoji", "/emoji", For.USERS),
    ("GET", "/account/viewer.css", "/account/viewer.css", For.USERS),
    ("POST", "/rooms/<int:room_id>/read", "/rooms/{lobby}/read", For.USERS),
    ("POST", "/rooms/<int:room_id>/unread", "/rooms/{lobby}/unread", For.USERS),
    ("POST", "/rooms/<int:room_id>/notify", "/rooms/{lobby}/notify", For.USERS),
    ("GET", "/rooms/<int:room_id>/people", "/rooms/{lobby}/people", For.USERS),
    ("GET", "/rooms/<int:room_id>/people", "/rooms/{backstage}/people", For.STAFF),
    ("POST", "/rooms/<int:room_id>/messages/preview", "/rooms/{lobby}/messages/preview", For.USERS),
    ("POST", "/rooms/<int:room_id>/messages/preview", "/rooms/{backstage}/messages/preview", For.STAFF),
    ("GET", "/activity", "/activity", For.USERS),
    ("GET", "/emoji/beginning", "/emoji/beginning?q=smi", For.USERS),
    ("GET", "/ws", "/ws", For.USERS),
    ("GET", "/sign-in", "/sign-in", For.EVERYBODY),
    ("POST", "/sign-in", "/sign-in", For.EVERYBODY),
    ("POST", "/sign-out", "/sign-out", For.EVERYBODY),
    ("POST", "/theme", "/theme", For.EVERYBODY),
    # Until somebody is registered it is for whoever has the token; tests/accounts looks at that.
    ("GET", "/setup/<token>", "/setup/{token}", For.NOBODY),
    ("POST", "/setup/<token>", "/setup/{token}", For.NOBODY),
    ("GET", "/healthz", "/healthz", For.EVERYBODY),
    ("GET", "/readyz", "/readyz", For.EVERYBODY),
    ("GET", "/favicon.ico", "/favicon.ico", For.EVERYBODY),
    ("GET", "/static/<version>/<path:filename>", "/static/{version}/css/base.css", For.EVERYBODY),
    ("GET", "/admin/", "/admin/", For.ADMINISTRATORS),
    ("GET", "/admin/rooms/", "/admin/rooms/", For.ADMINISTRATORS),
    ("GET", "/admin/rooms/new/", "/admin/rooms/new/", For.ADMINISTRATORS),
    ("POST", "/admin/rooms/new/", "/admin/rooms/new/", For.ADMINISTRATORS),
    ("GET", "/admin/rooms/edit/", "/admin/rooms/edit/?id={lobby}", For.ADMINISTRATORS),
    ("POST", "/admin/rooms/edit/", "/admin/rooms/edit/?id={lobby}", For.ADMINISTRATORS),
    ("POST", "/admin/rooms/archive/", "/admin/rooms/archive/?id={lobby}", For.ADMINISTRATORS),
    ("POST", "/admin/rooms/restore/", "/admin/rooms/restore/?id={lobby}", For.ADMINISTRATORS),
    ("GET", "/admin/rooms/delete/", "/admin/rooms/delete/?id={lobby}", For.ADMINISTRATORS),
    ("POST", "/admin/rooms/delete/", "/admin/rooms/delete/?id={lobby}", For.ADMINISTRATORS),
    ("GET", "/admin/rooms/export/<export_type>/", "/admin/rooms/export/csv/", For.ADMINISTRATORS),
    ("GET", "/admin/people/", "/admin/people/", For.ADMINISTRATORS),
    ("GET", "/admin/people/new/", "/admin/people/new/", For.ADMINISTRATORS),
    ("POST", "/admin/people/new/", "/admin/people/new/", For.ADMINISTRATORS),
    ("GET", "/admin/people/edit/", "/admin/people/edit/?id={bob}", For.ADMINISTRATORS),
    ("POST", "/admin/people/edit/", "/admin/people/edit/?id={bob}", For.ADMINISTRATORS),
    ("GET", "/admin/people/password/", "/admin/people/password/?id={bob}", For.ADMINISTRATORS),
    ("POST", "/admin/people/password/", "/admin/people/password/?id={bob}", For.ADMINISTRATORS),
    ("POST", "/admin/people/deactivate/", "/admin/people/deactivate/?id={bob}", For.ADMINISTRATORS),
    ("POST", "/admin/people/activate/", "/admin/people/activate/?id={bob}", For.ADMINISTRATORS),
    ("POST", "/admin/people/sign-out/", "/admin/people/sign-out/?id={bob}", For.ADMINISTRATORS),
    ("GET", "/admin/people/export/<export_type>/", "/admin/people/export/csv/", For.ADMINISTRATORS),
    ("GET", "/admin/messages/", "/admin/messages/", For.ADMINISTRATORS),
    ("GET", "/admin/messages/details/", "/admin/messages/details/?id={message}", For.ADMINISTRATORS),
    ("GET", "/admin/messages/delete/", "/admin/messages/delete/?id={message}", For.ADMINISTRATORS),
    ("POST", "/admin/messages/delete/", "/admin/messages/delete/?id={message}", For.ADMINISTRATORS),
    ("GET", "/admin/messages/export/<export_type>/", "/admin/messages/export/csv/", For.ADMINISTRATORS),
]


def addresses(app: Flask, bob: Person, lobby: Room, backstage: Room) -> Callable[[str], str]:
    """Fills an address of the table in, once there is something at each: a message of bob's, a token to set up."""
    with app.app_context():
        message = post(lobby, bob.user, "hi", uuid4()).message
        post(backstage, bob.user, "hi", uuid4())
    with app.test_request_context():
        version = url_for("static", filename="css/base.css").split("/")[2]
    (app.config["MULTICHAT_INSTANCE_PATH"] / "setup_token").write_text("the-token")
    places = {"lobby": lobby.id, "backstage": backstage.id, "bob": bob.id, "message": message.id}
    return lambda template: template.format(**places, version=version, token="the-token")
