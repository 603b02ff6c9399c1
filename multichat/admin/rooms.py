"""Rooms, administered."""

from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Query

from multichat.accounts.forms import text_of
from multichat.admin.filters import Choice
from multichat.admin.forms import RoomForm
from multichat.admin.panel import Panel
from multichat.database import db
from multichat.models import Access, Message, Refused, Room
from multichat.models.names import name_key
from multichat.rooms import changes


class RoomPanel(Panel):
    """Every room but direct ones, which are their people's alone."""

    list_template = "admin/rooms/list.html"
    column_list = ("name", "access", "last_ordinal", "created_at")
    column_export_list = ("name", "access", "topic", "archived", "last_ordinal", "created_at")
    column_labels = {"last_ordinal": "Messages", "created_at": "Created"}
    column_searchable_list = ("name", "topic")
    column_sortable_list = {
        "name": Room.name_key,
        "access": Room.access,
        "last_ordinal": Room.last_ordinal,
        "created_at": Room.id,
    }
    column_default_sort = "name_key"
    column_filters = (
        Choice(
            "access",
            "Access",
            {
                "open": ("Open", Room.access == Access.open),
                "staff": ("Staff", Room.access == Access.staff),
                "private": ("Private", Room.access == Access.private),
            },
        ),
        Choice("state", "State", {"in-use": ("In use", ~Room.archived), "archived": ("Archived", Room.archived)}),
    )

    def __init__(self) -> None:
        super().__init__(Room, "Rooms", "admin_room", "rooms", "room")

    def get_query(self) -> "Query[Room]":
        return db.session.query(Room).filter(Room.access != Access.direct)

    def get_count_query(self) -> "Query[Any]":
        return db.session.query(func.count(Room.id)).filter(Room.access != Access.direct)

    def matches(self, term: str) -> ColumnElement[bool]:
        return Room.name_key.contains(name_key(term), autoescape=True) | Room.topic.icontains(term, autoescape=True)

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        form = RoomForm()
        if form.validate_on_submit():
            try:
                room = changes.create(text_of(form.name), form.access.data, text_of(form.topic))
            except Refused as refusal:
                form.name.errors = [str(refusal)]
            else:
                flash(f"{room.name} is made.", "done")
                return redirect(self.get_url(".index_view"), 303)
        return self.render("admin/rooms/new.html", form=form), 400 if form.errors else 200

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        room = self.asked_for()
        form = RoomForm(room)
        if form.validate_on_submit():
            try:
                changes.edit(room.id, text_of(form.name), text_of(form.topic), form.access.data)
            except Refused as refusal:
                form.name.errors = [str(refusal)]
            else:
                flash(f"{room.name} is saved.", "done")
                return redirect(self.get_url(".index_view"), 303)
        return self.render("admin/rooms/edit.html", form=form, room=room), 400 if form.errors else 200

    @expose("/archive/", methods=("POST",))
    def archive_view(self) -> ResponseReturnValue:
        room = self.asked_for()
        if self.attempt(changes.archive, room):
            flash(f"{room.name} is archived.", "done")
        return redirect(self.get_url(".edit_view", id=room.id), 303)

    @expose("/restore/", methods=("POST",))
    def restore_view(self) -> ResponseReturnValue:
        room = self.asked_for()
        if self.attempt(changes.restore, room):
            flash(f"{room.name} is back.", "done")
        return redirect(self.get_url(".edit_view", id=room.id), 303)

    @expose("/delete/", methods=("GET", "POST"))
    def delete_view(self) -> ResponseReturnValue:
        """Ask first: this page's own form is the confirmation."""
        room = self.asked_for()
        if request.method == "POST":
            if self.attempt(changes.delete, room):
                flash(f"{room.name} is deleted.", "done")
            return redirect(self.get_url(".index_view"), 303)
        messages = db.session.scalar(
            select(func.count(Message.id)).where(Message.room_id == room.id, Message.deleted_at.is_(None))
        )
        return self.render("admin/rooms/delete.html", room=room, messages=messages)
