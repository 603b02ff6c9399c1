"""A stylesheet of one's own: what is only this person's to see of the pages that everybody receives alike."""

import hashlib

from flask import render_template, url_for

from multichat.models import User


def stylesheet(person: User) -> str:
    return render_template("accounts/viewer.css", person=person)


def address(person: User) -> str:
    """Where it is; another address whenever it says something else."""
    return url_for("accounts.viewer", v=hashlib.sha256(stylesheet(person).encode()).hexdigest()[:12])
