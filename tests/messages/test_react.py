"""Reactions: an emoji put to what somebody said."""

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from multichat.database import db
from multichat.messages.changes import REACTIONS_LIMIT, delete, react
from multichat.messages.emoji import everything
from multichat.models import Invalid, NotFound, Reaction, Refused, Room
from multichat.rooms import changes as rooms
from tests.messages.conftest import Ear, Say
from tests.messages.test_edit import NUMBERS_NO_DATABASE_TAKES, at
from tests.support.person import Person

SOME = list(everything())[: REACTIONS_LIMIT + 5]


def tallies(room: Room, ordinal: int) -> list[tuple[str, list[int]]]:
    return [(tally.emoji, tally.user_ids) for tally in at(room, ordinal).tallies]


def test_reactions_are_grouped_and_name_who_put_them_in_order(
    app: Flask, alice: Person, bob: Person, mallory: Person, lobby: Room, say: Say
) -> None:
    ordinal = say(alice)
    with app.app_context():
        react(lobby, mallory.user, ordinal, "🎉", on=True)
        react(lobby, bob.user, ordinal, "👍", on=True)
        react(lobby, alice.user, ordinal, "🎉", on=True)
        assert tallies(lobby, ordinal) == [("🎉", [mallory.id, alice.id]), ("👍", [bob.id])]
        react(lobby, mallory.user, ordinal, "🎉", on=False)
        assert tallies(lobby, ordinal) == [("👍", [bob.id]), ("🎉", [alice.id])]
        assert at(lobby, ordinal).revision == 5
        assert at(lobby, ordinal).edited_at is None


def test_others_get_the_reactions_alone_and_the_revision_that_they_stand_on(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, ear: Ear
) -> None:
    ordinal = say(alice)
    say(alice)
    ear.log()
    with app.app_context():
        react(lobby, bob.user, ordinal, "🎉", on=True)
        react(lobby, bob.user, ordinal, "🎉", on=False)
    put, taken = ear.log()
    assert (put["data-frame"], put["data-ordinal"]) == ("reactions", "1")
    assert (put["data-previous"], put["data-revision"]) == ("1", "3")
    assert (taken["data-previous"], taken["data-revision"]) == ("3", "4")
    assert put.all("button", value="🎉", data_people=str(bob.id))
    assert taken.all("button") == []
    assert put.all("article") == put.all(class_="message__content") == []


def test_twice_is_once(app: Flask, alice: Person, lobby: Room, say: Say, ear: Ear) -> None:
    ordinal = say(alice)
    ear.log()
    with app.app_context():
        for on in (True, True, False, False):
            react(lobby, alice.user, ordinal, "🎉", on=on)
        assert at(lobby, ordinal).revision == 3
    assert len(ear.log()) == 2


def test_twice_at_once_is_once(app: Flask, alice: Person, lobby: Room, say: Say) -> None:
    ordinal = say(alice)

    def put() -> None:
        with app.app_context():
            react(lobby, alice.user, ordinal, "🎉", on=True)

    together([put] * 6)
    with app.app_context():
        assert tallies(lobby, ordinal) == [("🎉", [alice.id])]


def test_a_message_has_so_many_different_ones_and_no_more(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say
) -> None:
    ordinal = say(alice)
    with app.app_context():
        for emoji in SOME[:REACTIONS_LIMIT]:
            react(lobby, alice.user, ordinal, emoji, on=True)
        with pytest.raises(Refused):
            react(lobby, bob.user, ordinal, SOME[REACTIONS_LIMIT], on=True)
        assert at(lobby, ordinal).revision == 1 + REACTIONS_LIMIT
        react(lobby, bob.user, ordinal, SOME[3], on=True)
        assert tallies(lobby, ordinal)[3] == (SOME[3], [alice.id, bob.id])
        react(lobby, alice.user, ordinal, SOME[0], on=False)
        react(lobby, bob.user, ordinal, SOME[REACTIONS_LIMIT], on=True)


def test_the_last_place_is_given_once(app: Flask, alice: Person, bob: Person, lobby: Room, say: Say) -> None:
    ordinal = say(alice)
    refused: list[str] = []
    with app.app_context():
        for emoji in SOME[: REACTIONS_LIMIT - 1]:
            react(lobby, alice.user, ordinal, emoji, on=True)

    def put(emoji: str) -> None:
        with app.app_context():
            try:
                react(lobby, bob.user, ordinal, emoji, on=True)
            except Refused:
                refused.append(emoji)

    together([lambda emoji=emoji: put(emoji) for emoji in SOME[REACTIONS_LIMIT:]])
    with app.app_context():
        assert len(tallies(lobby, ordinal)) == REACTIONS_LIMIT
    assert len(refused) == len(SOME) - REACTIONS_LIMIT - 1


@pytest.mark.parametrize("text", ["", "x", "👍👍", "<b>", "👍 ", "x" * 10_000, "\0", "\ud83d"])
def test_what_is_no_emoji_is_refused(app: Flask, alice: Person, lobby: Room, say: Say, text: str) -> None:
    ordinal = say(alice)
    with app.app_context():
        with pytest.raises(Invalid):
            react(lobby, alice.user, ordinal, text, on=True)
        assert tallies(lobby, ordinal) == []


def test_a_tombstone_and_an_archived_room_take_none(app: Flask, alice: Person, lobby: Room, say: Say) -> None:
    deleted, kept = say(alice), say(alice)
    with app.app_context():
        delete(lobby, alice.user, deleted)
        with pytest.raises(Refused):
            react(lobby, alice.user, deleted, "🎉", on=True)
        rooms.archive(lobby.id)
        with pytest.raises(Refused):
            react(lobby, alice.user, kept, "🎉", on=True)
        assert db.session.scalar(select(func.count(Reaction.id))) == 0


@pytest.mark.parametrize("ordinal", [2, *NUMBERS_NO_DATABASE_TAKES])
def test_what_is_not_there_is_not_found(app: Flask, alice: Person, lobby: Room, say: Say, ordinal: int) -> None:
    say(alice)
    with app.app_context(), pytest.raises(NotFound):
        react(lobby, alice.user, ordinal, "🎉", on=True)


def test_a_reaction_takes_as_many_statements_however_many_there_are(
    app: Flask, alice: Person, bob: Person, mallory: Person, lobby: Room, say: Say, statements: list[str]
) -> None:
    ordinal = say(alice)
    counts = []
    for person in (alice, bob, mallory):
        with app.app_context():
            statements.clear()
            react(lobby, person.user, ordinal, "🎉", on=True)
            counts.append([statement.split()[0] for statement in statements])
            for emoji in SOME[:3]:
                react(lobby, person.user, ordinal, emoji, on=True)
        for _ in range(5):
            say(bob)
    # The message, and whether it is so already; the revision, both once more, the change; all of them, with names.
    assert counts[0] == ["SELECT", "SELECT", "UPDATE", "SELECT", "SELECT", "INSERT", "UPDATE", "SELECT", "SELECT"]
    assert counts[1] == counts[2] == counts[0]


def together(acts: list[object]) -> None:
    threads = [threading.Thread(target=act) for act in acts]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
