"""The administration: Flask-Admin over the models, for administrators alone. It calls the features to act."""

from flask import Flask
from flask_admin import Admin

from multichat.admin.messages import MessagePanel
from multichat.admin.overview import Overview
from multichat.admin.page import keep_out
from multichat.admin.people import PeoplePanel
from multichat.admin.rooms import RoomPanel


def init_app(app: Flask) -> None:
    app.url_value_preprocessor(keep_out)
    admin = Admin(app, name="multichat", index_view=Overview())
    admin.add_views(RoomPanel(), PeoplePanel(), MessagePanel())
