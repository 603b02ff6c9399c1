"""Messages, administered: those of open and staff rooms, and no others."""

from datetime import UTC, datetime, timedelta

from flask import Flask

from multichat.database import db, now, writing
from multichat.models import Access, Message, Room
from multichat.rooms import changes
from tests.admin.conftest import Say, column, targets
from tests.support.person import Person


def message(app: Flask, id: int) -> Message:
    with app.app_context():
        return db.session.get_one(Message, id)


def test_messages_are_read_newest_first(
    ada: Person, alice: Person, sam: Person, lobby: Room, backstage: Room, say: Say
) -> None:
    say(lobby, alice, "hello\nworld")
    said = say(backstage, sam, "ssh <b>")
    page = ada.get("/admin/messages/")
    assert column(page, "body") == ["S sam ssh <b>", "A alice hello world"]
    assert column(page, "room-name") == ["Backstage", "Lobby"]
    assert "ssh &lt;b&gt;" in ada.get(f"/admin/messages/details/?id={said.id}").text


def test_messages_are_found(ada: Person, alice: Person, sam: Person, lobby: Room, backstage: Room, say: Say) -> None:
    say(lobby, alice, "100% sure")
    say(backstage, sam, "100 people, sure")
    for narrowed in ("search=100%25", "search=SURE+%25", f"room={lobby.id}", "author=ALI", "search=sure&author=alice"):
        assert column(ada.get(f"/admin/messages/?{narrowed}"), "body") == ["A alice 100% sure"], narrowed
    for nothing in ("search=^100+people_", "author=_", "search=nobody", f"room={lobby.id}&author=sam"):
        assert "Nothing here matches." in ada.get(f"/admin/messages/?{nothing}").text, nothing


def test_messages_are_found_by_day(app: Flask, ada: Person, alice: Person, lobby: Room, say: Say) -> None:
    said = [say(lobby, alice, body) for body in ("before", "first moment", "last moment", "after")]
    day = datetime(2026, 3, 5, tzinfo=UTC)
    moments = [
        day - timedelta(seconds=1),
        day,
        day + timedelta(hours=23, minutes=59, seconds=59),
        day + timedelta(days=1),
    ]
    with app.app_context(), writing() as session:
        for each, moment in zip(said, moments, strict=True):
            session.get_one(Message, each.id).created_at = moment
    assert len(column(ada.get("/admin/messages/?since=2026-03-05"), "body")) == 3
    assert len(column(ada.get("/admin/messages/?until=2026-03-05"), "body")) == 3
    assert column(ada.get("/admin/messages/?since=2026-03-05&until=2026-03-05"), "body") == [
        "A alice last moment",
        "A alice first moment",
    ]


def test_what_is_said_in_private_is_nobodys_to_administer(
    app: Flask, ada: Person, alice: Person, lobby: Room, launch: Room, together: Room, say: Say
) -> None:
    open_one = say(lobby, alice, "the open secret")
    for room in (launch, together):
        hidden = say(room, alice, "the real secret")
        for address in (
            "",
            "?search=secret",
            "?author=alice",
            f"?room={room.id}",
            "?sort=2",
            "?sort=2&desc=1",
            "export/csv/",
            "export/csv/?search=secret",
            f"export/csv/?room={room.id}",
            f"?flt0_0={room.id}",
        ):
            page = ada.get(f"/admin/messages/{address}")
            assert page.status_code == 200
            assert "real secret" not in page.text, address
        assert room.name not in ada.get("/admin/messages/").text
        assert ada.get(f"/admin/messages/details/?id={hidden.id}").status_code == 404
        assert ada.get(f"/admin/messages/delete/?id={hidden.id}").status_code == 303
        assert ada.post("/admin/messages/delete/", {"id": hidden.id}).status_code == 303
        ada.post("/admin/messages/delete/", {"id": [hidden.id, open_one.id]})
        assert message(app, hidden.id).deleted_at is None
    assert message(app, open_one.id).deleted_at is not None


def test_a_room_that_becomes_private_takes_its_messages_along(
    app: Flask, ada: Person, alice: Person, lobby: Room, say: Say
) -> None:
    said = say(lobby, alice, "hello")
    assert ada.get(f"/admin/messages/details/?id={said.id}").status_code == 200
    with app.app_context():
        changes.edit(lobby.id, "Lobby", "", Access.private)
    assert ada.get(f"/admin/messages/details/?id={said.id}").status_code == 404


def test_messages_are_deleted_after_a_question_that_shows_them(
    app: Flask, ada: Person, alice: Person, lobby: Room, say: Say
) -> None:
    said = [say(lobby, alice, body) for body in ("one", "two", "three")]
    question = ada.get(f"/admin/messages/delete/?id={said[0].id}&id={said[2].id}&next=/admin/messages/?search=o")
    assert "Delete these 2 messages?" in question.text
    assert ["one" in question.text, "two" in question.text, "three" in question.text] == [True, False, True]
    assert message(app, said[0].id).deleted_at is None
    fields = {"id": [said[0].id, said[2].id], "next": "/admin/messages/?search=o"}
    answer = ada.post("/admin/messages/delete/", fields)
    assert (answer.status_code, answer.location) == (303, "/admin/messages/?search=o")
    page = ada.get(answer.location)
    assert "2 messages are deleted." in page.text
    assert column(page, "body") == ["A alice two"]
    gone = message(app, said[0].id)
    assert (gone.body, gone.body_html, gone.revision) == ("", "", 4)
    assert "This message was deleted by staff." in alice.get(f"/rooms/{lobby.id}").text


def test_deleting_what_is_deleted_says_so(ada: Person, alice: Person, lobby: Room, say: Say) -> None:
    said = say(lobby, alice, "one")
    for text in ("The message is deleted.", "No message is chosen, or they are gone already."):
        assert text in ada.get(ada.post("/admin/messages/delete/", {"id": said.id}).location).text
    assert ada.get("/admin/messages/delete/").status_code == 303


def test_an_id_that_no_database_holds_is_of_no_message(ada: Person, lobby: Room) -> None:
    for id in (0, -1, 2**31, 2**63, 10**300):
        assert ada.get(f"/admin/messages/delete/?id={id}").status_code == 303


def test_another_site_cannot_be_next(ada: Person, alice: Person, lobby: Room, say: Say) -> None:
    for next in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        said = say(lobby, alice, "one")
        for page in ("details", "delete"):
            answer = ada.get(f"/admin/messages/{page}/", query_string={"id": said.id, "next": next})
            assert "one" in answer.text
            assert "/admin/messages/" in targets(answer)
            assert all(target.startswith(("/", "#")) and "evil" not in target for target in targets(answer))
        assert ada.post("/admin/messages/delete/", {"id": said.id, "next": next}).location == "/admin/messages/"


def test_no_more_than_a_page_is_deleted_at_once(app: Flask, ada: Person, alice: Person, lobby: Room) -> None:
    with app.app_context(), writing() as session:
        rows = [
            Message(
                room_id=lobby.id,
                ordinal=n,
                revision=n,
                author_id=alice.id,
                body=f"{n}",
                body_html="",
                client_id=f"{n}",
                created_at=now(),
            )
            for n in range(1, 61)
        ]
        session.add_all(rows)
    ada.post("/admin/messages/delete/", {"id": [row.id for row in rows]})
    assert len(column(ada.get("/admin/messages/"), "body")) == 10
