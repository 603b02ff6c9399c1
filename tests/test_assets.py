"""Stylesheets and scripts."""

import re

from flask import Flask

from tests.support.person import Person


def test_a_browser_keeps_the_pages_scripts(alice: Person) -> None:
    (address,) = set(re.findall(r'src="(\S+/app\.js)"', alice.get("/").text))
    with alice.get(address) as answer:
        assert answer.status_code == 200
        assert answer.cache_control.immutable


def test_a_page_from_before_an_update_gets_the_new_script_and_does_not_keep_it(app: Flask) -> None:
    with app.test_client().get("/static/0123456789ab/js/app.js") as answer:
        assert answer.status_code == 200
        assert not answer.cache_control.immutable
        assert answer.cache_control.no_cache


def test_there_is_an_icon_where_browsers_look_for_one(app: Flask) -> None:
    with app.test_client().get("/favicon.ico", follow_redirects=True) as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "image/svg+xml"


def test_nothing_but_the_assets_is_served(app: Flask) -> None:
    client = app.test_client()
    for path in ("../instance/secret_key", "%2e%2e/wsgi.py", "js/../../wsgi.py"):
        assert client.get(f"/static/0/{path}").status_code == 404
