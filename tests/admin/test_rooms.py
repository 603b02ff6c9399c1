"""Rooms, administered."""

from flask import Flask

from multichat.models import Access, Room
from multichat.rooms import changes
from tests.admin.conftest import Say, column
from tests.support.person import Person


def room_named(app: Flask, name: str) -> Room | None:
    with app.app_context():
        return Room.named(name)


def test_a_room_is_made(app: Flask, ada: Person) -> None:
    answer = ada.post("/admin/rooms/new/", {"name": "  Kitchen ", "topic": "Lunch", "access": "staff"})
    assert (answer.status_code, answer.location) == (303, "/admin/rooms/")
    room = room_named(app, "kitchen")
    assert room is not None
    assert (room.name, room.topic, room.access) == ("Kitchen", "Lunch", Access.staff)
    assert "Kitchen" in ada.get("/admin/rooms/").text


def test_a_room_is_renamed_and_closed_to_members(app: Flask, ada: Person, alice: Person, lobby: Room) -> None:
    fields = {"name": "Hall", "topic": "", "access": "staff"}
    assert ada.post(f"/admin/rooms/edit/?id={lobby.id}", fields).status_code == 303
    room = room_named(app, "Hall")
    assert room is not None
    assert (room.id, room.topic, room.access) == (lobby.id, "", Access.staff)
    assert alice.get(f"/rooms/{lobby.id}").status_code == 404


IMPOSSIBLE = [
    ({"name": "Lobby"}, "There is a room named Lobby already."),
    ({"name": "  "}, "This cannot be empty."),
    ({"name": "x" * 65}, "Field cannot be longer than 64 characters."),
    ({"topic": "x" * 251}, "Field cannot be longer than 250 characters."),
    ({"access": "direct"}, "Not a valid choice."),
    ({"access": "everybody"}, "Invalid Choice"),
]


def test_what_cannot_be_is_said_beside_the_field_and_nothing_typed_is_lost(
    app: Flask, ada: Person, lobby: Room, backstage: Room
) -> None:
    for fields, complaint in IMPOSSIBLE:
        typed = {"name": "Kitchen", "topic": "Lunch & <tea>", "access": "open"} | fields
        for address in ("/admin/rooms/new/", f"/admin/rooms/edit/?id={backstage.id}"):
            page = ada.post(address, typed)
            assert page.status_code == 400
            assert f'<span class="field__error">{complaint}' in page.text
            assert "topic" in fields or 'value="Lunch &amp; &lt;tea&gt;"' in page.text
    assert room_named(app, "Kitchen") is None


def test_a_room_that_nobody_could_enter_is_not_made_here(
    app: Flask, ada: Person, alice: Person, lobby: Room, launch: Room
) -> None:
    for address in ("/admin/rooms/new/", f"/admin/rooms/edit/?id={lobby.id}"):
        assert 'value="staff"' in ada.get(address).text
        assert 'value="private"' not in ada.get(address).text
        page = ada.post(address, {"name": "Kitchen", "topic": "", "access": "private"})
        assert page.status_code == 400
        assert '<span class="field__error">Not a valid choice.' in page.text
    assert room_named(app, "Kitchen") is None
    assert alice.get(f"/rooms/{lobby.id}").status_code == 200


def test_a_private_room_stays_one_until_it_is_opened(app: Flask, ada: Person, launch: Room) -> None:
    address = f"/admin/rooms/edit/?id={launch.id}"
    assert '<option selected value="private">' in ada.get(address).text
    for access in ("private", "open"):
        assert ada.post(address, {"name": "Start", "topic": "", "access": access}).status_code == 303
        room = room_named(app, "Start")
        assert room is not None
        assert (room.id, room.access) == (launch.id, Access(access))
    assert ada.post(address, {"name": "Start", "topic": "", "access": "private"}).status_code == 400


def test_a_field_is_described_by_what_is_said_about_it(ada: Person) -> None:
    page = ada.get("/admin/rooms/new/").text
    assert 'aria-describedby="topic-hint"' in page and 'id="topic-hint"' in page
    assert "name-hint" not in page
    page = ada.post("/admin/rooms/new/", {"name": "", "topic": "", "access": "open"}).text
    assert 'aria-describedby="name-hint"' in page and 'id="name-hint"' in page


def test_a_room_is_archived_and_brought_back(ada: Person, alice: Person, lobby: Room) -> None:
    answer = ada.post(f"/admin/rooms/archive/?id={lobby.id}")
    assert (answer.status_code, answer.location) == (303, f"/admin/rooms/edit/?id={lobby.id}")
    assert "Lobby is archived." in ada.get(answer.location).text
    assert alice.say(lobby.id, "hi").status_code == 403
    ada.post(f"/admin/rooms/restore/?id={lobby.id}")
    assert "Lobby is back." in ada.get(answer.location).text
    assert alice.say(lobby.id, "hi").status_code == 303


def test_a_room_whose_name_was_taken_meanwhile_does_not_come_back(app: Flask, ada: Person, lobby: Room) -> None:
    with app.app_context():
        changes.archive(lobby.id)
        changes.create("Lobby")
    answer = ada.post(f"/admin/rooms/restore/?id={lobby.id}")
    assert "There is a room named Lobby already." in ada.get(answer.location).text
    assert ada.get("/admin/rooms/?state=archived").text.count('class="record"') == 1


def test_a_room_is_deleted_after_a_question_that_names_it(
    app: Flask, ada: Person, alice: Person, lobby: Room, say: Say
) -> None:
    say(lobby, alice, "one")
    say(lobby, alice, "two")
    question = ada.get(f"/admin/rooms/delete/?id={lobby.id}")
    assert "Lobby" in question.text
    assert "2 messages" in question.text
    assert room_named(app, "Lobby") is not None
    answer = ada.post(f"/admin/rooms/delete/?id={lobby.id}")
    assert "Lobby is deleted." in ada.get(answer.location).text
    assert room_named(app, "Lobby") is None
    assert ada.get(f"/admin/rooms/edit/?id={lobby.id}").status_code == 404


def test_a_direct_room_is_its_peoples_alone(ada: Person, together: Room, lobby: Room) -> None:
    page = ada.get("/admin/rooms/")
    assert "Lobby" in page.text
    assert "alice and bob" not in page.text + ada.get("/admin/rooms/export/csv/").text
    for verb in ("edit", "delete"):
        assert ada.get(f"/admin/rooms/{verb}/?id={lobby.id}").status_code == 200
        assert ada.get(f"/admin/rooms/{verb}/?id={together.id}").status_code == 404
    for verb in ("edit", "archive", "restore", "delete"):
        assert ada.post(f"/admin/rooms/{verb}/?id={together.id}").status_code == 404


def test_rooms_are_found_by_name_topic_access_and_state(ada: Person, lobby: Room, backstage: Room) -> None:
    assert column(ada.get("/admin/rooms/"), "name") == ["Backstage", "Lobby Where everybody meets"]
    for narrowed in ("search=LOBBY", "search=every", "access=open", "state=in-use&search=meets+lob"):
        assert column(ada.get(f"/admin/rooms/?{narrowed}"), "name") == ["Lobby Where everybody meets"], narrowed
    for nothing in ("search=%25", "search=L_bby", "state=archived", "access=private", "search=lobby+backstage"):
        assert "Nothing here matches." in ada.get(f"/admin/rooms/?{nothing}").text, nothing


def test_a_room_that_is_not_there(ada: Person, lobby: Room) -> None:
    for id in ("", "0", "-1", "x", "999", "9" * 30, "1e1", "1%00", "\u0661"):
        assert ada.get(f"/admin/rooms/edit/?id={id}").status_code == 404, id
        assert ada.post(f"/admin/rooms/delete/?id={id}").status_code == 404, id
