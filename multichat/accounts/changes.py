"""What can be done with people; the admin panel and the command line call these.

Whatever takes or gives rights bumps `Rights` before it looks, so that of two such changes the second sees the first. A
new name does too: whoever is looked at again is shown by it.
"""

from collections.abc import Callable

from multichat.accounts import passwords
from multichat.database import writing
from multichat.extensions import realtime
from multichat.models import Rights, Role, SignIn, User
from multichat.offload import offload


def create(username: str, password: str, display_name: str = "", role: Role = Role.member) -> User:
    """Raises `Refused` for a name or a password that will not do."""
    passwords.check(password, username)
    password_hash = offload(passwords.hash_password, password)
    with writing():
        Rights.hold()  # set-up must not find nobody while somebody is being made
        return User.register(username, password_hash, display_name, role)


def set_password(user_id: int, password: str) -> None:
    """Ends their sign-ins everywhere. Raises `NotFound`, and `Refused` for a password that will not do."""
    passwords.check(password, User.get(user_id).username)
    password_hash = offload(passwords.hash_password, password)

    def change(user: User) -> None:
        user.password_hash = password_hash
        SignIn.end_all(user)

    _change_rights(user_id, change)


def set_role(user_id: int, role: Role) -> None:
    """Raises `NotFound`, and `Refused` for the last active administrator."""
    _change_rights(user_id, lambda user: user.take_role(role))


def deactivate(user_id: int) -> None:
    """Ends their sign-ins too, lest they are good again when the person is. Raises as `set_role`."""

    def change(user: User) -> None:
        user.deactivate()
        SignIn.end_all(user)

    _change_rights(user_id, change)


def activate(user_id: int) -> None:
    """Raises `NotFound`."""

    def change(user: User) -> None:
        user.active = True

    _change_rights(user_id, change)


def sign_out_everywhere(user_id: int) -> None:
    """Raises `NotFound`."""
    _change_rights(user_id, SignIn.end_all)


def rename(user_id: int, display_name: str) -> None:
    """Raises `NotFound`, and `Refused` for a name that will not do."""
    _change_rights(user_id, lambda user: user.call(display_name))


def _change_rights(user_id: int, change: Callable[[User], None]) -> None:
    with writing():
        Rights.bump()
        change(User.get(user_id))
    realtime.rights_changed()
