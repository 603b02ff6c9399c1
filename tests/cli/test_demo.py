"""`flask demo`: what it says is in `multichat/cli/demo/conversations.txt`."""

import re
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func

from multichat.accounts.passwords import matches
from multichat.cli.demo.calendar import schedule
from multichat.cli.demo.people import team
from multichat.cli.demo.talk import Subject, Utterance, speakers, subjects, threads
from multichat.database import db, writing
from multichat.messages.emoji import is_emoji
from multichat.models import Access, Activity, Level, Membership, Message, Reaction, Reason, Role, Room, SignIn, User
from tests.cli.conftest import Run, refusal
from tests.support.person import Person


def said(subject: Subject, size: int, messages: int, seed: int = 1) -> list[list[Utterance]]:
    people, rng = team(size, frozenset()), Random(seed)
    return threads(subject, speakers(subject, people, rng), people, messages, rng)


def reactions_to(message: Message) -> int:
    return sum(len(tally.user_ids) for tally in message.tallies)


def test_a_team_talks(app: Flask, run: Run) -> None:
    result = run("demo", "--users", "15", "--rooms", "7", "--messages", "200")
    assert result.exit_code == 0
    assert "Sign in at http://127.0.0.1:8000 as ada (administrator), ines (staff), youssef (member)" in result.stdout
    with app.app_context():
        assert db.session.scalar(db.select(func.count(User.id))) == 15
        assert db.session.scalar(db.select(func.count(Room.id))) == 7
        assert db.session.scalar(db.select(func.count(Message.id))) == 200
        ada, ines, youssef = (User.named(name) for name in ("ada", "ines", "youssef"))
        assert ada is not None and ines is not None and youssef is not None
        assert [person.role for person in (ada, ines, youssef)] == [Role.admin, Role.staff, Role.member]
        assert all(matches(person.password_hash, "demo-demo") for person in (ada, youssef))
        assert all(person.active for person in db.session.scalars(db.select(User)))


def test_every_message_has_its_place(app: Flask, run: Run) -> None:
    run("demo", "--users", "5", "--rooms", "2", "--messages", "1200")
    with app.app_context():
        rooms = db.session.scalars(db.select(Room)).all()
        assert sum(room.last_ordinal for room in rooms) == 1200
        for room in rooms:
            messages = Message.latest(room.id, 2000)
            assert [message.ordinal for message in messages] == list(range(1, room.last_ordinal + 1))
            revisions = [message.revision for message in messages]
            assert revisions == sorted(set(revisions))
            # Each deletion, edit and reaction is one change more.
            changes = sum((m.deleted_at is not None) + (m.edited_at is not None) + reactions_to(m) for m in messages)
            assert room.revision == revisions[-1] == len(messages) + changes
            times = [message.created_at for message in messages]
            assert times == sorted(times)
            assert times[-1] < datetime.now(UTC)
            assert len({time.date() for time in times}) >= 5


def test_people_answer_name_react_and_edit(app: Flask, run: Run) -> None:
    run("demo", "--rooms", "2", "--messages", "300")
    with app.app_context():
        messages = [message for room in db.session.scalars(db.select(Room)) for message in Message.latest(room.id, 300)]
        answers = [message for message in messages if message.reply_to]
        assert answers
        for answer in answers:
            assert answer.original is not None
            assert answer.original.replied
            assert answer.original.ordinal < answer.ordinal
        named = [message for message in messages if message.mentions]
        assert named
        assert all(f'<span class="mention">@{id}</span>' in m.body_html for m in named for id in m.mentions.values())
        assert any(message.edited_at for message in messages)
        assert sum(reactions_to(message) for message in messages) == db.session.scalar(
            db.select(func.count(Reaction.id))
        )
        assert any(reactions_to(message) > 1 for message in messages)
        assert any("<pre>" in message.body_html or "<code" in message.body_html for message in messages)


def test_who_is_named_or_answered_has_it_in_their_activity(app: Flask, run: Run) -> None:
    run("demo", "--rooms", "2", "--messages", "300")
    with app.app_context():
        activities = db.session.scalars(db.select(Activity)).all()
        assert {activity.reason for activity in activities} == {Reason.mention, Reason.reply}
        for activity in activities:
            message = activity.message
            assert (activity.room_id, activity.ordinal) == (message.room_id, message.ordinal)
            assert activity.user_id != message.author_id
            membership = Membership.of(activity.room_id, activity.user_id)
            assert membership is not None
            assert membership.last_mention >= activity.ordinal


def test_pages_show_it(app: Flask, run: Run) -> None:
    run("demo", "--messages", "60")
    browser = app.test_client()
    with app.app_context():
        (room_id,) = db.session.scalars(db.select(Room.id).where(Room.name == "Lobby"))
        author = Message.latest(room_id, 1)[0].author.display_name
        ada = User.named("ada")
        assert ada is not None
        with writing():
            _, token = SignIn.begin(ada)
    with browser.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    assert author in browser.get(f"/rooms/{room_id}").text


def test_staff_s_room_and_staff_s_levels_are_staff_s(app: Flask, run: Run) -> None:
    run("demo", "--messages", "600")
    staff_only = db.or_(Message.level != Level.message, Room.access == Access.staff)
    with app.app_context():
        written = db.select(User.role).join(Message, Message.author_id == User.id).join(Message.room).where(staff_only)
        assert set(db.session.scalars(written)) == {Role.staff, Role.admin}
        assert set(db.session.scalars(db.select(Message.level))) == set(Level)


def test_whoever_spoke_is_a_member_and_has_read_no_more_than_there_is(app: Flask, run: Run) -> None:
    run("demo", "--messages", "100")
    with app.app_context():
        spoke = {(m.room_id, m.author_id) for m in db.session.scalars(db.select(Message))}
        members = {(m.room_id, m.user_id): m.last_read for m in db.session.scalars(db.select(Membership))}
        assert spoke - members.keys() == set()
        last = {room.id: room.last_ordinal for room in db.session.scalars(db.select(Room))}
        assert all(0 < read <= last[room_id] for (room_id, _), read in members.items())


def test_a_team_does_not_move_in_with_real_people(app: Flask, run: Run, alice: Person) -> None:
    assert refusal(run("demo")).startswith("People are registered here.")
    with app.app_context():
        assert db.session.scalar(db.select(func.count(User.id))) == 1
        assert db.session.scalar(db.select(func.count(Room.id))) == 0


def test_forced_it_takes_other_names(app: Flask, run: Run, ada: Person, lobby: Room) -> None:
    result = run("demo", "--users", "3", "--rooms", "1", "--messages", "10", "--force")
    assert result.exit_code == 0
    assert "as ada2 (administrator)" in result.stdout
    assert "ada2 is an administrator" in result.stderr
    with app.app_context():
        assert set(db.session.scalars(db.select(Room.name))) == {"Lobby", "Lobby 2"}
        assert Message.latest(lobby.id, 10) == []


@pytest.mark.parametrize("words", [["--users", "0"], ["--rooms", "0"], ["--messages", "-1"]])
def test_there_is_no_team_of_nobody(run: Run, words: list[str]) -> None:
    assert run("demo", *words).exit_code == 2


def test_the_smallest_team_talks_too(app: Flask, run: Run) -> None:
    assert run("demo", "--users", "1", "--rooms", "9", "--messages", "90").exit_code == 0


def test_it_is_the_same_each_time() -> None:
    lobby = subjects(1)[0]
    assert said(lobby, 12, 300) == said(lobby, 12, 300)
    assert said(lobby, 12, 300) != said(lobby, 12, 300, seed=2)


@pytest.mark.parametrize("subject", subjects(9), ids=lambda subject: subject.name)
@pytest.mark.parametrize("size", [1, 2, 12, 40])
def test_every_script_can_be_played(subject: Subject, size: int) -> None:
    utterances = [utterance for thread in said(subject, size, 2000) for utterance in thread]
    assert len(utterances) == 2000
    assert not [utterance.text for utterance in utterances if re.search(r"«@?[A-Za-z0-9]+»", utterance.text)]
    assert all(is_emoji(emoji) for utterance in utterances for emoji, _ in utterance.reactions)
    if size == 40:
        heard = {utterance.text for utterance in utterances}
        assert {line.text for script in subject.scripts for line in script.lines if "«" not in line.text} <= heard


def test_a_large_team_has_names_for_all() -> None:
    people = team(3000, frozenset({"ada", "anton.adler"}))
    assert len({person.username for person in people}) == 3000
    assert (people[0].username, people[0].called) == ("ada2", "Ada")
    assert "anton.adler2" in {person.username for person in people}


def test_conversations_are_on_working_days_and_do_not_overlap() -> None:
    durations = [Random(7).uniform(60, 3600)] * 200
    end = datetime(2026, 11, 25, 17, tzinfo=UTC)  # a Wednesday
    begins = schedule(durations, end, Random(7))
    assert begins[-1] + timedelta(seconds=durations[-1]) == end
    for begin, duration, after in zip(begins, durations, begins[1:], strict=False):
        assert begin + timedelta(seconds=duration) <= after
    assert {begin.weekday() for begin in begins} == {0, 1, 2, 3, 4}
    assert schedule([], end, Random(7)) == []
