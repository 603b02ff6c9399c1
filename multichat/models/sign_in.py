"""A person's sign-in on one device."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import ForeignKey, String, and_, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from multichat.database import Base, UtcDateTime, db, now
from multichat.models.user import User

LASTS = timedelta(days=30)
# A sign-in in daily use is renewed with one write a day, not one a request.
RENEWED_AFTER = timedelta(days=1)


class SignIn(Base):
    """One row a device. The cookie holds the random token, the row only its hash: a stolen table opens nothing."""

    __tablename__ = "sign_ins"
    # An id is never given twice: a socket is known by its sign-in's.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()

    @classmethod
    def begin(cls, user: User) -> tuple[Self, str]:
        """A new sign-in, not yet committed, and the token for its cookie, which is not kept.

        The person's sign-ins that ran out go with the occasion.
        """
        db.session.execute(delete(cls).where(cls.user_id == user.id, cls.expires_at <= now()))
        token = secrets.token_urlsafe(32)
        sign_in = cls(user=user, token_hash=_hash(token), expires_at=now() + LASTS)
        db.session.add(sign_in)
        return sign_in, token

    @classmethod
    def find(cls, token: str) -> "SignIn | None":
        """The sign-in that this token opens, with its person, in one query; none if it ended or they are inactive."""
        return db.session.scalars(_FIND, cls.opened_by(token)).one_or_none()

    @staticmethod
    def opened_by(token: str) -> dict[str, Any]:
        """What `OPENED` is to be asked with."""
        return {"token_hash": _hash(token), "now": now()}

    def end(self) -> None:
        """`Rights.bump()` goes with it."""
        db.session.execute(delete(SignIn).where(SignIn.id == self.id))

    @classmethod
    def end_all(cls, user: User) -> None:
        """End the person's sign-ins everywhere. `Rights.bump()` goes with it."""
        db.session.execute(delete(cls).where(cls.user_id == user.id))

    @property
    def wants_renewal(self) -> bool:
        return self.expires_at - now() < LASTS - RENEWED_AFTER

    def renew(self) -> None:
        db.session.execute(update(SignIn).where(SignIn.id == self.id).values(expires_at=now() + LASTS))


# Of sign-ins joined with their people, the one that a token opens; it ended, or they are inactive: none.
OPENED = and_(SignIn.token_hash == bindparam("token_hash"), SignIn.expires_at > bindparam("now"), User.active)

# Asked for each request: made each time, it took more than twice as long.
_FIND = (
    select(SignIn)
    .join(SignIn.user)
    .options(contains_eager(SignIn.user))
    .where(OPENED)
    .execution_options(populate_existing=True)
)


def _hash(token: str) -> str:
    # The token has 256 random bits, so a fast hash is enough.
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
