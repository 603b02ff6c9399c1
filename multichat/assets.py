"""Stylesheets and scripts, at addresses that change with them, so that a browser asks for each version once.

The version is a part of the path and not a query, so that a script's relative imports are of the same version.
"""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, send_from_directory, url_for
from werkzeug.wrappers import Response as BaseResponse

YEAR_SECONDS = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    folder = Path(app.root_path, "static")
    current = "dev" if app.config["MULTICHAT_DEV"] else _version(folder)

    def static(version: str, filename: str) -> Response:
        response = send_from_directory(folder, filename)
        # A page that was open through an update may ask under the old version: it gets the new file, and keeps nothing.
        if version == current != "dev":
            response.cache_control.max_age = YEAR_SECONDS
            response.cache_control.immutable = True
            response.cache_control.public = True
            response.cache_control.no_cache = None
        return response

    app.add_url_rule("/static/<version>/<path:filename>", "static", static)
    app.add_url_rule("/favicon.ico", "favicon", favicon)
    # A page names a hundred, and `url_for` takes 25 us for each.
    app.jinja_env.globals["static_url"] = f"/static/{current}/".__add__

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("version", current)


def favicon() -> BaseResponse:
    """Browsers ask for it by this name where an answer is no page of ours, `/healthz` or a download."""
    return redirect(url_for("static", filename="img/logo.svg"))


def _version(folder: Path) -> str:
    """A digest of every file and its name."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
