"""The domain: one file a noun. Knows SQLAlchemy; not HTML, HTTP or Redis."""

from multichat.models.errors import Invalid, NotFound, Refused
from multichat.models.installation import Installation
from multichat.models.membership import Membership
from multichat.models.message import BODY_LIMIT, PAGE_SIZE, Level, Message, Version
from multichat.models.people import People
from multichat.models.rights import Rights, Standing
from multichat.models.room import Access, Room
from multichat.models.sign_in import SignIn
from multichat.models.user import Face, Role, User
from multichat.models.visit import Visit

__all__ = [
    "BODY_LIMIT",
    "PAGE_SIZE",
    "Access",
    "Face",
    "Installation",
    "Invalid",
    "Level",
    "Membership",
    "Message",
    "NotFound",
    "People",
    "Refused",
    "Rights",
    "Role",
    "Room",
    "SignIn",
    "Standing",
    "User",
    "Version",
    "Visit",
]
