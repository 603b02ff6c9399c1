"""The forms of signing in and of setting up; what they say about a field is a sentence."""

from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, Form, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Optional, ValidationError

from multichat.accounts import passwords
from multichat.models import Invalid, Refused, Room, User
from multichat.models.user import USERNAME_RULE


def text_of(field: StringField) -> str:
    """What was typed into it, if anything."""
    return field.data or ""


def by_rule(rule: Callable[[str], Any]) -> Callable[[Form, Field], None]:
    """A validator that says what a rule of the models says."""

    def validate(_form: Form, field: Field) -> None:
        try:
            rule(field.data)
        except (Invalid, Refused) as error:
            raise ValidationError(str(error)) from None

    return validate


class SignInForm(FlaskForm):
    username = StringField("Username", [InputRequired("Enter your username.")])
    password = PasswordField("Password", [InputRequired("Enter your password.")])
    next = HiddenField()


class SetupForm(FlaskForm):
    username = StringField(
        "Username",
        [InputRequired("Choose a username."), by_rule(User.check_username)],
        description=f"You sign in with it: {USERNAME_RULE}.",
    )
    display_name = StringField("Display name", [Optional(), by_rule(lambda name: User().call(name))])
    password = PasswordField("Password", [InputRequired("Choose a password.")])
    room_name = StringField(
        "Room", [InputRequired("Name the first room."), by_rule(lambda name: Room().describe(name, ""))]
    )

    def validate_password(self, field: PasswordField) -> None:
        by_rule(lambda password: passwords.check(password, text_of(self.username)))(self, field)
