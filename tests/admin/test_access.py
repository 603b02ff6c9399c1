"""Nobody but administrators can tell that there is an administration."""

import pytest
from flask import Flask

from multichat.models import Role, Room, User
from tests.admin.conftest import Say
from tests.support.person import Person

# Every route of the administration, with an address that leads to something there.
ADDRESSES = {
    "/admin/": "/admin/",
    "/admin/rooms/": "/admin/rooms/",
    "/admin/rooms/new/": "/admin/rooms/new/",
    "/admin/rooms/edit/": "/admin/rooms/edit/?id=1",
    "/admin/rooms/archive/": "/admin/rooms/archive/?id=1",
    "/admin/rooms/restore/": "/admin/rooms/restore/?id=1",
    "/admin/rooms/delete/": "/admin/rooms/delete/?id=1",
    "/admin/rooms/export/<export_type>/": "/admin/rooms/export/csv/",
    "/admin/people/": "/admin/people/",
    "/admin/people/new/": "/admin/people/new/",
    "/admin/people/edit/": "/admin/people/edit/?id=1",
    "/admin/people/password/": "/admin/people/password/?id=1",
    "/admin/people/deactivate/": "/admin/people/deactivate/?id=1",
    "/admin/people/activate/": "/admin/people/activate/?id=1",
    "/admin/people/sign-out/": "/admin/people/sign-out/?id=1",
    "/admin/people/export/<export_type>/": "/admin/people/export/csv/",
    "/admin/messages/": "/admin/messages/",
    "/admin/messages/details/": "/admin/messages/details/?id=1",
    "/admin/messages/delete/": "/admin/messages/delete/?id=1",
    "/admin/messages/export/<export_type>/": "/admin/messages/export/csv/",
}
# What Flask-Admin would answer to, what it would redirect, and what is not there at all.
OTHERS = [
    "/admin",
    "/admin/rooms",
    "/admin//rooms/",
    "/admin/rooms/action/",
    "/admin/rooms/details/?id=1",
    "/admin/rooms/ajax/lookup/?name=x&query=y",
    "/admin/people/ajax/update/",
    "/admin/messages/edit/?id=1",
    "/admin/messages/new/",
    "/admin/messages/export/xlsx/",
    "/admin/static/admin/js/actions.js",
    "/admin/admin/static/admin/js/actions.js",
    "/admin/nothing",
]
METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS"]


@pytest.fixture(autouse=True)
def contents(ada: Person, alice: Person, lobby: Room, say: Say) -> None:
    """ada, Lobby and the message all have the id 1."""
    assert (ada.id, lobby.id, say(lobby, alice, "hi").id) == (1, 1, 1)


def test_every_route_is_in_the_table(app: Flask) -> None:
    assert {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin")} == set(ADDRESSES)


@pytest.mark.parametrize("who", ["a stranger", "a member", "staff"])
def test_everybody_else_finds_nothing(app: Flask, mallory: Person, sam: Person, who: str) -> None:
    client = {"a stranger": app.test_client(), "a member": mallory.client, "staff": sam.client}[who]
    nowhere = client.get("/nowhere")
    assert nowhere.status_code == 404
    for address in [*ADDRESSES.values(), *OTHERS]:
        for method in METHODS:
            answer = client.open(address, method=method)
            assert (answer.status_code, answer.text) == (404, nowhere.text), (method, address)
            assert {*answer.headers.keys()} == {*nowhere.headers.keys()}, (method, address)


def test_an_administrator_finds_every_page(app: Flask, ada: Person) -> None:
    reads = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    for rule, address in ADDRESSES.items():
        assert ada.get(address).status_code == (200 if rule in reads else 405), address


def test_what_flask_admin_brings_along_is_not_there(ada: Person) -> None:
    redirected = {"/admin", "/admin/rooms", "/admin//rooms/"}
    for address in OTHERS:
        assert ada.get(address).status_code == (308 if address in redirected else 404), address


def test_a_demoted_administrator_is_out_at_once(ada: Person, grace: Person) -> None:
    assert grace.get("/admin/").status_code == 200
    ada.post(f"/admin/people/edit/?id={grace.id}", {"display_name": "Grace", "role": "member"})
    assert grace.get("/admin/").status_code == 404


def test_a_foreign_page_writes_nothing(app: Flask, ada: Person, grace: Person) -> None:
    """Its forms have no token of ours."""
    writes = {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    fields = {"name": "Taken over", "access": "open", "username": "eve", "password": "a long one", "role": "admin"}
    for rule in ADDRESSES.keys() & writes:
        assert ada.client.post(ADDRESSES[rule], data=fields | {"id": "1"}).status_code == 400, rule
    with app.app_context():
        assert User.named("eve") is None
        assert Room.named("Lobby") is not None
        assert User.get(ada.id).role is Role.admin
    assert ada.get("/admin/messages/details/?id=1").status_code == 200


def test_looking_writes_nothing(ada: Person, statements: list[str]) -> None:
    for address in ADDRESSES.values():
        ada.get(address)
    assert any(statement.startswith("SELECT") for statement in statements)
    assert [s for s in statements if s.startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_pages_hold_nothing_that_the_policy_forbids(ada: Person) -> None:
    for address in ADDRESSES.values():
        page = ada.get(address)
        assert page.text, address
        assert "nonce" not in page.headers["Content-Security-Policy"]
        for forbidden in ("<style", " style=", " onclick=", "javascript:", "<script>"):
            assert forbidden not in page.text, (address, forbidden)
