"""Messages of the rooms that administrators may read anyway, administered."""

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_login import current_user
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Query, contains_eager, joinedload

from multichat.admin.filters import Author, InRoom, Since, Until
from multichat.admin.panel import Panel
from multichat.database import db
from multichat.messages import changes
from multichat.models import Access, Message, Room
from multichat.models.room import ID_LIMIT
from multichat.security import safe_next

# What is said in private and direct rooms is no more an administrator's to read than anybody else's.
READABLE = (Access.open, Access.staff)


class MessagePanel(Panel):
    """What was said in open and staff rooms and is not deleted. Every way to a message begins with `get_query`."""

    list_template = "admin/messages/list.html"
    column_list = ("body", "room.name", "created_at")
    column_export_list = ("room.name", "author.username", "level", "created_at", "body")
    column_labels = {
        "body": "Message",
        "room.name": "Room",
        "author.username": "Author",
        "created_at": "Written",
    }
    column_searchable_list = ("body",)
    column_sortable_list = {"created_at": Message.id}
    column_default_sort = ("id", True)
    column_filters = (
        InRoom("room", "Room", READABLE),
        Author("author", "Author"),
        Since("since", "From (UTC)", Message.created_at),
        Until("until", "To (UTC)", Message.created_at),
    )
    # Counting would read every message there is.
    simple_list_pager = True

    def __init__(self) -> None:
        super().__init__(Message, "Messages", "admin_message", "messages", "message")

    def get_query(self) -> "Query[Message]":
        return (
            db.session.query(Message)
            .join(Message.room)
            .filter(Room.access.in_(READABLE), Message.deleted_at.is_(None))
            .options(contains_eager(Message.room), joinedload(Message.author, innerjoin=True))
        )

    def matches(self, term: str) -> ColumnElement[bool]:
        return Message.body.icontains(term, autoescape=True)

    @expose("/details/")
    def details_view(self) -> ResponseReturnValue:
        (message,) = Message.told([self.asked_for()])
        return self.render("admin/messages/details.html", message=message, back=self._back())

    @expose("/delete/", methods=("GET", "POST"))
    def delete_view(self) -> ResponseReturnValue:
        """One message or several, named by their ids. Ask first: this page's own form is the confirmation."""
        chosen = self._chosen()
        if not chosen:
            flash("No message is chosen, or they are gone already.", "refused")
            return redirect(self._back(), 303)
        if request.method == "POST":
            for message in chosen:
                changes.delete(message.room, current_user, message.ordinal, even_archived=True)
            flash("The message is deleted." if len(chosen) == 1 else f"{len(chosen)} messages are deleted.", "done")
            return redirect(self._back(), 303)
        return self.render("admin/messages/delete.html", messages=chosen, back=self._back())

    def _chosen(self) -> list[Message]:
        ids = [id for id in request.values.getlist("id", type=int) if 0 < id < ID_LIMIT][: self.page_size]
        return list(self.get_query().filter(Message.id.in_(ids)).order_by(Message.id))

    def _back(self) -> str:
        """The list as it was filtered."""
        url: str = safe_next(request.values.get("next")) or self.get_url(".index_view")
        return url
