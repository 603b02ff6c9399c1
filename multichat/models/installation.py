"""This installation's own name on a shared Redis."""

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from multichat.database import Base, db


class Installation(Base):
    """One row, written by the first migration."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Channels and keys begin with it: pub/sub ignores Redis's database number, two installations would mix.
    bus_prefix: Mapped[str] = mapped_column(String(32))

    @classmethod
    def prefix(cls) -> str:
        return db.session.scalars(select(cls.bus_prefix)).one()
