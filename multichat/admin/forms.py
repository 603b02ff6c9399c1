"""What administrators type. Each field is named here: a form made from a model would load whole relationships."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from multichat.accounts import passwords
from multichat.accounts.forms import by_rule, text_of
from multichat.models import Access, Refused, Role, Room, User
from multichat.models.room import NAME_LIMIT as ROOM_NAME_LIMIT
from multichat.models.room import TOPIC_LIMIT
from multichat.models.user import NAME_LIMIT, USERNAME_RULE

ACCESS: dict[str, str] = {
    Access.open: "Open: everybody",
    Access.staff: "Staff: staff and administrators",
    Access.private: "Private: its members alone",
}
ROLES: dict[str, str] = {
    Role.member: "Member",
    Role.staff: "Staff: sees staff rooms, chooses levels",
    Role.admin: "Administrator: may do everything here",
}
EMPTY = "This cannot be empty."


def _plain(text: str | None) -> str:
    # PostgreSQL keeps no NUL, and nobody typed one.
    return (text or "").replace("\0", "").strip()


class RoomForm(FlaskForm):
    name = StringField("Name", [DataRequired(EMPTY), Length(max=ROOM_NAME_LIMIT)], [_plain])
    topic = StringField("Topic", [Length(max=TOPIC_LIMIT)], [_plain])
    access = SelectField("Access", choices=ACCESS, coerce=Access, default=Access.open)

    def __init__(self, room: Room | None = None) -> None:
        """For that room, or for a new one. Nobody can be made a member here: no room becomes private."""
        super().__init__(obj=room)
        if room is None or room.access is not Access.private:
            self.access.choices = {access: label for access, label in ACCESS.items() if access != Access.private}


class NewPersonForm(FlaskForm):
    username = StringField(
        "Username",
        [DataRequired(EMPTY), by_rule(User.check_username)],
        [_plain],
        f"They sign in with it: {USERNAME_RULE}.",
    )
    display_name = StringField("Display name", [Length(max=NAME_LIMIT)], [_plain])
    role = SelectField("Role", choices=ROLES, coerce=Role, default=Role.member)
    password = PasswordField("Password", [DataRequired(EMPTY)])

    def validate_password(self, field: PasswordField) -> None:
        try:
            passwords.check(text_of(field), text_of(self.username))
        except Refused as refusal:
            raise ValidationError(str(refusal)) from None


class PersonForm(FlaskForm):
    display_name = StringField("Display name", [DataRequired(EMPTY), Length(max=NAME_LIMIT)], [_plain])
    role = SelectField("Role", choices=ROLES, coerce=Role)


class PasswordForm(FlaskForm):
    password = PasswordField("New password", [DataRequired(EMPTY)])
