"""People, administered."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_login import current_user
from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import Query

from multichat.accounts import changes
from multichat.accounts.forms import text_of
from multichat.admin.filters import Choice
from multichat.admin.forms import NewPersonForm, PasswordForm, PersonForm
from multichat.admin.panel import Panel
from multichat.database import db
from multichat.models import Refused, Role, User
from multichat.models.names import name_key


class PeoplePanel(Panel):
    """Everybody with an account. Their password's hash is in no list, form, filter, search or export."""

    list_template = "admin/people/list.html"
    column_list = ("display_name", "username", "role", "active", "created_at")
    column_export_list = ("username", "display_name", "role", "active", "created_at")
    column_labels = {"display_name": "Name", "active": "State", "created_at": "Created"}
    column_searchable_list = ("username", "display_name")
    column_sortable_list = {
        "display_name": User.display_name,
        "username": User.username_key,
        "role": User.role,
        "active": User.active,
        "created_at": User.id,
    }
    column_default_sort = "username_key"
    column_filters = (
        Choice(
            "role",
            "Role",
            {
                "member": ("Members", User.role == Role.member),
                "staff": ("Staff", User.role == Role.staff),
                "admin": ("Administrators", User.role == Role.admin),
            },
        ),
        Choice("state", "State", {"active": ("Active", User.active), "deactivated": ("Deactivated", ~User.active)}),
    )

    def __init__(self) -> None:
        super().__init__(User, "People", "admin_user", "people", "people")

    def get_query(self) -> "Query[User]":
        return db.session.query(User)

    def get_count_query(self) -> "Query[Any]":
        return db.session.query(func.count(User.id))

    def matches(self, term: str) -> ColumnElement[bool]:
        named = User.username_key.contains(name_key(term), autoescape=True)
        return named | User.display_name.icontains(term, autoescape=True)

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        form = NewPersonForm()
        if form.validate_on_submit():
            try:
                person = changes.create(
                    text_of(form.username), text_of(form.password), text_of(form.display_name), form.role.data
                )
            except Refused as refusal:
                form.username.errors = [str(refusal)]
            else:
                flash(f"{person.display_name} can sign in as {person.username}.", "done")
                return redirect(self.get_url(".index_view"), 303)
        return self.render("admin/people/new.html", form=form), 400 if form.errors else 200

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        person = self.asked_for()
        form = PersonForm(obj=person)
        if form.validate_on_submit():
            try:
                # The role first: of the two it alone may be refused, and then nothing is changed.
                if form.role.data is not person.role:
                    changes.set_role(person.id, form.role.data)
                if text_of(form.display_name) != person.display_name:
                    changes.rename(person.id, text_of(form.display_name))
            except Refused as refusal:
                form.role.errors = [str(refusal)]
            else:
                url = self.get_url(".index_view")
                return self._go_on(person, f"{person.display_name} is saved.", url, form.role.data is Role.admin)
        return self.render("admin/people/edit.html", form=form, person=person), 400 if form.errors else 200

    @expose("/password/", methods=("GET", "POST"))
    def password_view(self) -> ResponseReturnValue:
        person = self.asked_for()
        form = PasswordForm()
        if form.validate_on_submit():
            try:
                changes.set_password(person.id, text_of(form.password))
            except Refused as refusal:
                form.password.errors = [str(refusal)]
            else:
                return self._go_on(person, f"{person.display_name} has a new password.", self._page_of(person))
        return self.render("admin/people/password.html", form=form, person=person), 400 if form.errors else 200

    @expose("/deactivate/", methods=("POST",))
    def deactivate_view(self) -> ResponseReturnValue:
        person = self.asked_for()
        return self._verb(changes.deactivate, person, f"{person.display_name} is deactivated.")

    @expose("/activate/", methods=("POST",))
    def activate_view(self) -> ResponseReturnValue:
        person = self.asked_for()
        return self._verb(changes.activate, person, f"{person.display_name} is active again.")

    @expose("/sign-out/", methods=("POST",))
    def sign_out_view(self) -> ResponseReturnValue:
        person = self.asked_for()
        return self._verb(changes.sign_out_everywhere, person, f"{person.display_name} is signed out everywhere.")

    def _verb(self, act: Callable[[int], None], person: User, done: str) -> ResponseReturnValue:
        if self.attempt(act, person):
            return self._go_on(person, done, self._page_of(person))
        return redirect(self._page_of(person), 303)

    def _go_on(self, person: User, done: str, url: str, stays: bool = False) -> ResponseReturnValue:
        """Say it and go there; but home, for whoever did to themselves what takes this panel from them."""
        if person.id == current_user.id and not stays:
            return redirect(url_for("rooms.index"), 303)
        flash(done, "done")
        return redirect(url, 303)

    def _page_of(self, person: User) -> str:
        url: str = self.get_url(".edit_view", id=person.id)
        return url
