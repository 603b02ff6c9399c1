"""The first page: how many, which version, and what asks for attention."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from flask import url_for
from flask_admin import AdminIndexView, expose
from sqlalchemy import ColumnExpressionArgument, ScalarSelect, func, select

from multichat.admin.page import Page
from multichat.config import PROJECT
from multichat.database import db, now
from multichat.extensions import realtime
from multichat.models import Access, Membership, Message, Role, Room, User

VERSION: str = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
# Messages have no index on their time; a busy day is counted up to here, and is "10,000 or more" from there.
TODAY_LIMIT = 10_000


@dataclass(frozen=True)
class Concern:
    """Something to look after: what is the matter, and the page where it is mended, if there is one."""

    text: str
    link: str = ""
    url: str = ""


class Overview(Page, AdminIndexView):
    def __init__(self) -> None:
        super().__init__(name="Overview", menu_icon_value="settings")
        # Flask-Admin would serve its own scripts and stylesheets; the pages here use none of them.
        self.static_folder = None

    @expose("/")
    def index(self) -> str:
        counts = _counts()
        bus_answers = realtime.bus.ping()
        return self.render(
            "admin/index.html",
            counts=counts,
            today_limit=TODAY_LIMIT,
            version=VERSION,
            bus_answers=bus_answers,
            concerns=_concerns(counts, bus_answers),
        )


def _counts() -> Any:
    """In one statement."""
    today = datetime.combine(now().date(), time(), UTC)
    latest = select(Message.created_at).order_by(Message.id.desc()).limit(TODAY_LIMIT).subquery()
    members = select(Membership.id).where(Membership.room_id == Room.id).exists()

    def count(*conditions: ColumnExpressionArgument[bool]) -> ScalarSelect[int]:
        return select(func.count()).where(*conditions).scalar_subquery()

    return db.session.execute(
        select(
            count(User.active).label("people"),
            count(User.active, User.role == Role.admin).label("administrators"),
            count(~Room.archived, Room.access != Access.direct).label("rooms"),
            count(~Room.archived, Room.access == Access.private, ~members).label("unseen_rooms"),
            count(latest.c.created_at >= today).label("messages_today"),
        )
    ).one()


def _concerns(counts: Any, bus_answers: bool) -> list[Concern]:
    concerns = []
    if not bus_answers:
        concerns.append(
            Concern(
                "The bus does not answer. Messages reach people on other workers about a second late; none is lost. "
                "Look at the server's log, and at REDIS_URL if it is set."
            )
        )
    if counts.rooms == 0:
        concerns.append(Concern("There is no room to talk in.", "New room", url_for("admin_room.create_view")))
    if counts.people == 1:
        concerns.append(Concern("Nobody but you has an account.", "New person", url_for("admin_user.create_view")))
    elif counts.administrators == 1:
        concerns.append(
            Concern(
                "You are the only administrator. Should you lose your password, only the command line on the server "
                "gives you a new one.",
                "Choose another",
                url_for("admin_user.index_view"),
            )
        )
    if counts.unseen_rooms:
        if counts.unseen_rooms == 1:
            text = "A private room has no members: nobody can see it."
        else:
            text = f"{counts.unseen_rooms} private rooms have no members: nobody can see them."
        concerns.append(Concern(text, "Private rooms", url_for("admin_room.index_view", access="private")))
    return concerns
