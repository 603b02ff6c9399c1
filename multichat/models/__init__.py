"""The domain: one file a noun. Knows SQLAlchemy; not HTML, HTTP or Redis."""

from multichat.models.activity import Activity, Reason
from multichat.models.errors import Invalid, NoMessage, NotFound, Refused
from multichat.models.installation import Installation
from multichat.models.membership import Membership, Notify
from multichat.models.message import BODY_LIMIT, PAGE_SIZE, Level, Message, Version
from multichat.models.people import People
from multichat.models.reaction import Reaction, Tally
from multichat.models.rights import Place, Rights, Standing
from multichat.models.room import Access, Room
from multichat.models.sign_in import SignIn
from multichat.models.user import Face, Role, User
from multichat.models.visit import Visit

__all__ = [
    "BODY_LIMIT",
    "PAGE_SIZE",
    "Access",
    "Activity",
    "Face",
    "Installation",
    "Invalid",
    "Level",
    "Membership",
    "Message",
    "NoMessage",
    "NotFound",
    "Notify",
    "People",
    "Place",
    "Reaction",
    "Reason",
    "Refused",
    "Rights",
    "Role",
    "Room",
    "SignIn",
    "Standing",
    "Tally",
    "User",
    "Version",
    "Visit",
]
