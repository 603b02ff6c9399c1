"""Editing what one said."""

import threading

import pytest
from flask import Flask

from multichat.messages.changes import TooFast, delete, edit
from multichat.models import Invalid, Message, NotFound, Refused, Room
from multichat.rooms import changes as rooms
from tests.messages.conftest import DeleteMeanwhile, Ear, Say
from tests.support.person import Person

NUMBERS_NO_DATABASE_TAKES = (-1, 0, 2**31, 2**63, 10**300)


def at(room: Room, ordinal: int) -> Message:
    (message,) = Message.told([Message.at(room.id, ordinal)])
    return message


def test_an_edit_replaces_what_was_said_and_keeps_its_place(app: Flask, alice: Person, lobby: Room, say: Say) -> None:
    ordinal = say(alice, "hi")
    say(alice, "and more")
    with app.app_context():
        edit(lobby, alice.user, ordinal, "*hello*")
        message = at(lobby, ordinal)
        assert (message.body, message.body_html) == ("*hello*", "<p><em>hello</em></p>")
        assert (message.ordinal, message.revision) == (1, 3)
        assert message.edited_at is not None
        assert at(lobby, 2).edited_at is None


def test_others_get_the_content_alone_and_the_revision_that_it_stands_on(
    app: Flask, alice: Person, lobby: Room, say: Say, ear: Ear
) -> None:
    ordinal = say(alice, "hi")
    say(alice, "and more")
    ear.log()
    with app.app_context():
        edit(lobby, alice.user, ordinal, "hello")
        edit(lobby, alice.user, ordinal, "good morning")
    first, second = ear.log()
    assert (first["data-frame"], first["data-ordinal"]) == ("content", "1")
    assert (first["data-previous"], first["data-revision"]) == ("1", "3")
    assert (second["data-previous"], second["data-revision"]) == ("3", "4")
    assert second.one(class_="message__body").text == "good morning"
    assert second.one(class_="message__edited").text.startswith("edited")
    assert second.all("article") == []


def test_the_same_text_twice_is_one_edit(app: Flask, alice: Person, lobby: Room, say: Say, ear: Ear) -> None:
    ordinal = say(alice, "hi")
    ear.log()
    with app.app_context():
        edit(lobby, alice.user, ordinal, "hello")
        edit(lobby, alice.user, ordinal, "hello")
        assert at(lobby, ordinal).revision == 2
    assert len(ear.log()) == 1


def test_nobody_edits_for_another_not_even_staff(
    app: Flask, alice: Person, bob: Person, sam: Person, ada: Person, lobby: Room, say: Say
) -> None:
    ordinal = say(alice, "hi")
    with app.app_context():
        for person in (bob, sam, ada):
            with pytest.raises(Refused):
                edit(lobby, person.user, ordinal, "I am a fool")
        assert at(lobby, ordinal).body == "hi"


def test_what_is_deleted_stays_so(app: Flask, alice: Person, lobby: Room, say: Say) -> None:
    ordinal = say(alice, "hi")
    with app.app_context():
        delete(lobby, alice.user, ordinal)
        with pytest.raises(Refused):
            edit(lobby, alice.user, ordinal, "hello")
        assert at(lobby, ordinal).body == ""


def test_what_is_deleted_while_it_is_edited_stays_so(
    app: Flask, alice: Person, sam: Person, lobby: Room, say: Say, delete_meanwhile: DeleteMeanwhile
) -> None:
    ordinal = say(alice, "hi")
    delete_meanwhile(sam, ordinal)
    with app.app_context():
        with pytest.raises(Refused):
            edit(lobby, alice.user, ordinal, "hello")
        assert at(lobby, ordinal).body == ""
        assert Room.revisions([lobby.id]) == {lobby.id: 2}


def test_an_archived_room_is_read_alone(app: Flask, alice: Person, lobby: Room, say: Say) -> None:
    ordinal = say(alice, "hi")
    with app.app_context():
        rooms.archive(lobby.id)
        with pytest.raises(Refused):
            edit(lobby, alice.user, ordinal, "hello")
        assert at(lobby, ordinal).body == "hi"


@pytest.mark.parametrize("ordinal", [2, *NUMBERS_NO_DATABASE_TAKES])
def test_what_is_not_there_is_not_found(app: Flask, alice: Person, lobby: Room, say: Say, ordinal: int) -> None:
    say(alice, "hi")
    with app.app_context(), pytest.raises(NotFound):
        edit(lobby, alice.user, ordinal, "hello")


def test_another_rooms_message_is_not_found(app: Flask, sam: Person, lobby: Room, backstage: Room, say: Say) -> None:
    say(sam, "hi")
    ordinal = [say(sam, "hi", backstage) for _ in range(2)][-1]
    with app.app_context():
        with pytest.raises(NotFound):
            edit(lobby, sam.user, ordinal, "hello")
        assert at(backstage, ordinal).body == "hi"


@pytest.mark.parametrize("body", ["", " \n", "x" * 8001, "nul\0"])
def test_an_edit_to_what_is_no_message_is_refused(app: Flask, alice: Person, lobby: Room, say: Say, body: str) -> None:
    ordinal = say(alice, "hi")
    with app.app_context():
        with pytest.raises(Invalid):
            edit(lobby, alice.user, ordinal, body)
        assert at(lobby, ordinal).body == "hi"


def test_edits_count_as_messages_do(app: Flask, alice: Person, lobby: Room, say: Say) -> None:
    ordinal = say(alice, "hi")
    with app.app_context():
        for number in range(19):
            edit(lobby, alice.user, ordinal, f"{number}")
        with pytest.raises(TooFast):
            edit(lobby, alice.user, ordinal, "one too many")


def test_two_edits_at_once_follow_one_another(app: Flask, alice: Person, lobby: Room, say: Say, ear: Ear) -> None:
    ordinal = say(alice, "hi")
    ear.log()

    def edit_it(body: str) -> None:
        with app.app_context():
            edit(lobby, alice.user, ordinal, body)

    threads = [threading.Thread(target=edit_it, args=(f"version {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    frames = sorted(ear.log(), key=lambda frame: int(frame["data-revision"] or 0))
    assert [frame["data-previous"] for frame in frames] == [str(number) for number in range(1, 9)]
    assert [frame["data-revision"] for frame in frames] == [str(number) for number in range(2, 10)]
    with app.app_context():
        assert at(lobby, ordinal).body == frames[-1].one(class_="message__body").text


def test_an_edit_takes_as_many_statements_however_long_the_room(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, statements: list[str]
) -> None:
    ordinal = say(alice, "hi")
    counts = []
    for body in ("hello", "good morning"):
        with app.app_context():
            statements.clear()
            edit(lobby, alice.user, ordinal, body)
            counts.append([statement.split()[0] for statement in statements])
        for _ in range(9):
            say(bob, "so it is")
    # The message; the revision, the message once more, its change, whom it concerned; its reactions.
    assert counts == [["SELECT", "UPDATE", "SELECT", "UPDATE", "SELECT", "SELECT"]] * 2
