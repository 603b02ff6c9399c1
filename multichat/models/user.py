"""People."""

import re
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from sqlalchemy import Enum, String, Text, bindparam, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from multichat.database import Base, UtcDateTime, db, now
from multichat.models.errors import NotFound, Refused
from multichat.models.names import is_text, name_key

if TYPE_CHECKING:
    from multichat.models.sign_in import SignIn

# Letters and digits of any script; the marks between them are those of e-mail addresses and are never first or last.
USERNAME = re.compile(r"[^\W_](?:[\w.-]{0,30}[^\W_])?", re.UNICODE)
USERNAME_RULE = "1 to 32 letters or digits, with dots, dashes and underscores between them"
# Nothing longer is looked up: putting a thousand combining marks into their order takes quadratic time.
LOOKED_UP_LIMIT = 128
NAME_LIMIT = 64
HUES = 12
# Shares no factor with the twelve, so that twelve people in a row have twelve hues, and neighbours are far apart.
HUE_STEP = 5


class Role(StrEnum):
    """What a person may do beyond talking."""

    member = "member"
    staff = "staff"
    admin = "admin"


STAFF_ROLES = (Role.staff, Role.admin)

# What a roster shows of somebody: by which name, and whether they are staff.
Face = tuple[str, Role]


class User(Base):
    """A person with an account."""

    __tablename__ = "users"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(32))
    username_key: Mapped[str] = mapped_column(Text, unique=True)
    display_name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(Enum(Role, native_enum=False, length=16), default=Role.member)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @classmethod
    def register(cls, username: str, password_hash: str, display_name: str = "", role: Role = Role.member) -> Self:
        """A new person, not yet committed. Raises `Refused` for a name that will not do or is taken."""
        username = cls.check_username(username)
        if cls.named(username) is not None:
            raise Refused(f"The username {username} is taken.")
        user = cls(
            username=username,
            username_key=name_key(username),
            password_hash=password_hash,
            role=role,
            active=True,
        )
        user.call(display_name or username)
        db.session.add(user)
        db.session.flush()
        return user

    @staticmethod
    def check_username(username: str) -> str:
        """The name as it is stored. Raises `Refused`."""
        username = username.strip()
        if not USERNAME.fullmatch(username):
            raise Refused(f"A username has {USERNAME_RULE}.")
        return username

    @classmethod
    def named(cls, username: str) -> Self | None:
        """The person of that name, whatever was typed: a name that no one can have is nobody's."""
        username = username.strip()
        if len(username) > LOOKED_UP_LIMIT or not username.isprintable():
            return None
        return db.session.scalars(select(cls).where(cls.username_key == name_key(username))).one_or_none()

    @classmethod
    def get(cls, user_id: int) -> Self:
        """Raises `NotFound`."""
        user = db.session.get(cls, user_id, populate_existing=True)
        if user is None:
            raise NotFound
        return user

    @classmethod
    def anybody_registered(cls) -> bool:
        return db.session.scalar(select(cls.id).limit(1)) is not None

    @classmethod
    def anybody_administers(cls) -> bool:
        return db.session.scalar(select(cls.id).where(cls.role == Role.admin, cls.active).limit(1)) is not None

    @staticmethod
    def names(ids: Collection[int]) -> dict[int, str]:
        """Their display names by id."""
        return dict(db.session.execute(_NAMES, {"ids": list(ids)}).all()) if ids else {}

    @staticmethod
    def usernames(ids: Collection[int]) -> dict[int, str]:
        """By id."""
        return dict(db.session.execute(_USERNAMES, {"ids": list(ids)}).all()) if ids else {}

    def call(self, display_name: str) -> None:
        """Raises `Refused` for a name that is empty or too long."""
        display_name = " ".join(display_name.split())
        if not 1 <= len(display_name) <= NAME_LIMIT:
            raise Refused(f"A display name has 1 to {NAME_LIMIT} characters.")
        if not is_text(display_name):
            raise Refused("This display name has characters that cannot be typed.")
        self.display_name = display_name

    def take_role(self, role: Role) -> None:
        """Raises `Refused` for the last active administrator's demotion. `Rights.bump()` comes before it."""
        if role is not Role.admin:
            self._must_not_be_last_admin("made anything less")
        self.role = role

    def deactivate(self) -> None:
        """Raises `Refused` for the last active administrator. `Rights.bump()` comes before it."""
        self._must_not_be_last_admin("deactivated")
        self.active = False

    def _must_not_be_last_admin(self, what: str) -> None:
        others = select(User.id).where(User.role == Role.admin, User.active, User.id != self.id).limit(1)
        if self.is_admin and self.active and db.session.scalar(others) is None:
            raise Refused(f"{self.username} is the last active administrator and cannot be {what}.")

    def come_by(self, sign_in: "SignIn", token: str) -> None:
        """Say by which sign-in, opened with which token, this person came. Both are the request's, not the row's."""
        self.sign_in, self.token = sign_in, token

    # What Flask-Login asks whoever came by a sign-in; somebody inactive never does.
    is_authenticated = is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.token

    @property
    def face(self) -> Face:
        return self.display_name, self.role

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF_ROLES

    @property
    def is_admin(self) -> bool:
        return self.role is Role.admin

    @property
    def initials(self) -> str:
        words = self.display_name.split()
        letters = [word[0] for word in (words[0], words[-1])] if len(words) > 1 else [words[0][0]]
        return "".join(letters).upper()

    @property
    def hue(self) -> int:
        """Which of the twelve person hues; by whatever name, a person keeps it."""
        return self.id * HUE_STEP % HUES

    def __repr__(self) -> str:
        return f"<User {self.id} {self.username}>"


# `is_staff` in a query. Not `in_`: its list would be put into the statement anew at each execution.
IS_STAFF = or_(*(User.role == role for role in STAFF_ROLES))

_NAMES = select(User.id, User.display_name).where(User.id.in_(bindparam("ids", expanding=True)))
_USERNAMES = select(User.id, User.username).where(User.id.in_(bindparam("ids", expanding=True)))
