"""A page of the administration: for administrators alone, in the product's own clothes."""

from collections.abc import Callable
from typing import Any

from flask import abort, render_template, request
from flask_login import current_user


def keep_out(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Give everybody but administrators the page of any wrong address, for whatever begins with /admin.

    It comes before the redirect of a missing slash, the answer to a wrong method and the check of the CSRF token, each
    of which would tell that something is there.
    """
    if f"{request.path}/".startswith("/admin/") and not is_administrator():
        abort(404)


def is_administrator() -> bool:
    return bool(current_user.is_authenticated and current_user.is_admin)


class Page:
    """Comes before Flask-Admin's own class among the bases."""

    def is_accessible(self) -> bool:
        return is_administrator()

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        abort(404)

    def render(self, template: str, **context: Any) -> str:
        # Flask-Admin's own would put its `theme` in the place of the reader's.
        return render_template(template, admin_view=self, **context)

    def _run_view(self, view: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # Flask-Admin's own calls a view that raised TypeError once more.
        return view(self, *args, **kwargs)
