"""What each command does, and what is said of one that cannot be done."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from multichat.database import db, writing
from multichat.messages import changes
from multichat.models import Access, Membership, Message, Room
from multichat.rooms import changes as rooms
from multichat.sockets.commands import COMMANDS_LIMIT, ROOMS_LIMIT
from tests.sockets.conftest import Tab, code
from tests.sockets.faults import faults
from tests.support.markup import parse
from tests.support.memberships import last_read
from tests.support.person import Person

Tabs = Callable[..., Tab]


def said(app: Flask, room: Room) -> list[str]:
    with app.app_context():
        return [message.body for message in Message.latest(room.id, 50)]


# Faults


def test_every_fault_has_its_code_and_nothing_else_comes_of_it(
    app: Flask, tab: Tabs, alice: Person, bob: Person, lobby: Room
) -> None:
    his = tab(bob, lobby)
    all_faults = faults(lobby)
    for first in range(0, len(all_faults), COMMANDS_LIMIT // 2):
        hers = tab(alice, lobby)
        for text, expected in all_faults[first : first + COMMANDS_LIMIT // 2]:
            assert code(hers.take(text)) == expected, text[:200]
        assert hers.connection.closing is None
    assert his.heard() == []
    assert said(app, lobby) == []


def test_a_binary_message_is_no_command(tab: Tabs, alice: Person, lobby: Room) -> None:
    assert code(tab(alice).take(json.dumps({"command": "join", "room": lobby.id}).encode())) == "COMMAND_INVALID"


@pytest.mark.parametrize(
    ("room", "client_id", "expected"),
    [
        (
            404,
            "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            {"data-room": "404", "data-client-id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
        ),
        ("404", "mine", {"data-room": "404", "data-client-id": "mine"}),
        (-(2**63), None, {"data-room": str(-(2**63))}),
        (10**300, "x" * 100, {"data-client-id": "x" * 64}),
        ('"><script>', "\ud83d", {"data-room": '"><script>', "data-client-id": "?"}),
        ([7], {"a": 1}, {}),
        (True, 1.5, {}),
        (None, "", {"data-client-id": ""}),
    ],
)
def test_an_error_names_room_and_client_id_as_they_were_given(
    tab: Tabs, alice: Person, room: object, client_id: object, expected: dict[str, str]
) -> None:
    (frame,) = tab(alice).do("nonsense", room=room, client_id=client_id)
    (envelope,) = parse(frame).elements
    assert envelope["hx-swap-oob"] == "beforeend:#errors"
    (error,) = envelope.elements
    usual = {"class": "error", "role": "alert", "data-code": "COMMAND_INVALID"}
    assert error.attributes == usual | expected
    assert error.text == "There is no such command."


# Joining and leaving


def test_who_joins_gets_the_roster_and_becomes_a_member(
    app: Flask, tab: Tabs, alice: Person, bob: Person, lobby: Room
) -> None:
    tab(bob, lobby).say(lobby)
    hers = tab(alice)
    with app.app_context():
        assert last_read(lobby, alice) is None
    (roster,) = hers.do("join", room=lobby.id)
    here = parse(roster).one("div", hx_swap_oob=f"innerHTML:#room-{lobby.id}-roster")
    assert {person["data-person"] for person in here.all("li")} == {str(alice.id), str(bob.id)}
    # What was said before is not unread to who was not there.
    with app.app_context():
        assert last_read(lobby, alice) == 1


def test_who_comes_back_is_caught_up_first(tab: Tabs, alice: Person, bob: Person, lobby: Room) -> None:
    his = tab(bob, lobby)
    for body in ("one", "two", "three"):
        his.say(lobby, body)
    *missed, roster = tab(alice).do("join", room=str(lobby.id), after="1")
    assert [parse(frame).one(class_="message__body").text for frame in missed] == ["two", "three"]
    assert "roster" in roster


def test_others_see_who_comes_in_once_and_oneself_does_not(tab: Tabs, alice: Person, bob: Person, lobby: Room) -> None:
    his, hers = tab(bob, lobby), tab(alice)
    frames = hers.do("join", room=lobby.id)
    assert not [frame for frame in frames if "data-level" in frame]
    (notice,) = his.heard()
    assert parse(notice).one("p", data_level="enter").one("b")["data-person"] == str(alice.id)
    hers.do("join", room=lobby.id)
    tab(alice, lobby)
    assert his.heard() == []


def test_who_left_hears_nothing_more(tab: Tabs, alice: Person, bob: Person, lobby: Room) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    assert his.do("leave", room=lobby.id) == []
    assert len(hers.say(lobby)) == 1
    assert his.heard() == []
    assert code(his.do("leave", room=lobby.id)) == "ROOM_ACCESS_DENIED"


def test_a_page_opens_so_many_rooms_and_no_more(tab: Tabs, alice: Person, lobby: Room, backstage: Room) -> None:
    hers = tab(alice, lobby)
    for number in range(ROOMS_LIMIT - 1):
        hers.realtime.hub.join(hers.connection, 1000 + number)
    assert code(hers.do("join", room=backstage.id)) == "ROOM_ACCESS_DENIED"
    assert code(hers.do("join", room=lobby.id)) is None


# Sending


def test_what_one_says_comes_to_everybody_and_acknowledges(tab: Tabs, alice: Person, bob: Person, lobby: Room) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    client_id = str(uuid4())
    (mine,) = hers.say(lobby, "hi <b>bob</b>\r\nhow are you?", client_id=client_id)
    assert his.heard() == [mine]
    article = parse(mine).one("article", data_client_id=client_id)
    assert article["data-author-id"] == str(alice.id)
    assert article.one(class_="message__body").text == "hi <b>bob</b>\nhow are you?"


def test_a_repeat_is_answered_with_what_is_stored(
    app: Flask, tab: Tabs, alice: Person, bob: Person, lobby: Room
) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    client_id = str(uuid4())
    hers.say(lobby, "hi", client_id=client_id)
    his.heard()
    (again,) = hers.say(lobby, "something else", client_id=client_id.upper())
    assert parse(again).one("article", data_client_id=client_id).one(class_="message__body").text == "hi"
    assert his.heard() == []
    assert said(app, lobby) == ["hi"]


def test_a_client_id_belongs_to_one_room(app: Flask, tab: Tabs, sam: Person, lobby: Room, backstage: Room) -> None:
    his = tab(sam, lobby, backstage)
    client_id = str(uuid4())
    assert code(his.say(lobby, client_id=client_id)) is None
    assert code(his.say(backstage, client_id=client_id)) == "MESSAGE_INVALID"


def test_ids_may_be_texts_as_forms_send_them(app: Flask, tab: Tabs, sam: Person, lobby: Room) -> None:
    form = {"room": str(lobby.id), "body": "hi", "client_id": str(uuid4()), "level": "warning"}
    (frame,) = tab(sam, lobby).do("send", **form, HEADERS={"HX-Request": "true"}, csrf_token="whatever")
    assert parse(frame).all("article", class_="message message--warning")


@pytest.mark.parametrize("level", [None, "", "message"])
def test_a_member_says_things_plainly(tab: Tabs, alice: Person, lobby: Room, level: str | None) -> None:
    (frame,) = tab(alice, lobby).say(lobby, level=level)
    assert parse(frame).all("article", class_="message message--message")


# Typing, reading


def test_others_see_that_one_types(tab: Tabs, alice: Person, bob: Person, lobby: Room) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    assert hers.do("typing", room=lobby.id) == []
    (typing,) = his.heard()
    assert parse(typing).one("span", class_="typing__person")["data-author-id"] == str(alice.id)


def test_who_says_too_often_that_they_type_is_not_passed_on_and_not_told_so(
    tab: Tabs, alice: Person, bob: Person, lobby: Room
) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    for stopped in (False, False, True, True, False):
        assert hers.do("typing", room=lobby.id, stopped=stopped) == []
    marks = [parse(html).one("span", class_="typing__person") for html in his.heard()]
    assert ["data-stopped" in mark.attributes for mark in marks] == [False, True]


@pytest.mark.parametrize("go", ["leave", "close"])
def test_who_goes_is_typing_no_longer(tab: Tabs, alice: Person, bob: Person, lobby: Room, go: str) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    hers.do("typing", room=lobby.id)
    his.heard()
    if go == "leave":
        hers.do("leave", room=lobby.id)
    else:
        hers.close()
    (stopped,) = his.heard()
    assert parse(stopped).one("span", data_stopped=None)["data-author-id"] == str(alice.id)


def test_who_is_put_out_is_typing_no_longer(app: Flask, tab: Tabs, alice: Person, sam: Person, lobby: Room) -> None:
    hers, his = tab(alice, lobby), tab(sam, lobby)
    hers.do("typing", room=lobby.id)
    his.heard()
    with app.app_context():
        rooms.edit(lobby.id, "Lobby", "", Access.staff)
    his.realtime.keeper.keep()
    assert any(parse(html).all("span", data_stopped=None) for html in his.heard())


@pytest.mark.parametrize(("ordinal", "raised_to"), [(2, 2), ("2", 2), (3, 3), (10**300, 3), (1, 1), (0, 0), (-5, 0)])
def test_reading_raises_what_one_has_read(
    app: Flask, tab: Tabs, alice: Person, bob: Person, lobby: Room, ordinal: object, raised_to: int
) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    for _ in range(3):
        his.say(lobby)
    hers.heard()
    assert hers.do("read", room=lobby.id, ordinal=ordinal) == []
    with app.app_context():
        assert last_read(lobby, alice) == raised_to
    assert hers.do("read", room=lobby.id, ordinal=1) == []
    with app.app_context():
        assert last_read(lobby, alice) == max(raised_to, 1)


# Editing, deleting, reacting, answering


def test_an_edit_comes_to_everybody_as_the_content_alone(
    app: Flask, tab: Tabs, alice: Person, bob: Person, lobby: Room
) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    hers.say(lobby, "hi")
    his.heard()
    (mine,) = hers.do("edit", room=str(lobby.id), ordinal="1", body="*hello*")
    assert his.heard() == [mine]
    frame = parse(mine).one(data_frame="content")
    assert (frame["data-ordinal"], frame["data-previous"], frame["data-revision"]) == ("1", "1", "2")
    assert frame.one(class_="message__body").one("em").text == "hello"
    assert said(app, lobby) == ["*hello*"]


def test_a_deletion_comes_to_everybody(app: Flask, tab: Tabs, alice: Person, bob: Person, lobby: Room) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    hers.say(lobby, "hi")
    his.heard()
    (mine,) = hers.do("delete", room=lobby.id, ordinal=1)
    assert his.heard() == [mine]
    gone = parse(mine).one(data_frame="upsert").one("article", data_ordinal="1").one(class_="message__gone")
    assert gone.text == "This message was deleted by its author."
    assert said(app, lobby) == [""]


def test_a_reaction_comes_to_everybody_and_goes_again(tab: Tabs, alice: Person, bob: Person, lobby: Room) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    hers.say(lobby, "hi")
    his.heard()
    (mine,) = his.do("react", room=lobby.id, ordinal=1, emoji="🎉")
    assert hers.heard() == [mine]
    assert parse(mine).one(data_frame="reactions").one("button", value="🎉")["data-people"] == str(bob.id)
    (taken,) = his.do("react", room=lobby.id, ordinal=1, emoji="🎉", off="true")
    assert parse(taken).one(data_frame="reactions", data_previous="2").all("button") == []


def test_doing_it_twice_is_answered_with_nothing(tab: Tabs, alice: Person, lobby: Room) -> None:
    hers = tab(alice, lobby)
    hers.say(lobby, "hi")
    for command, fields in (("react", {"emoji": "🎉"}), ("edit", {"body": "hello"}), ("delete", {})):
        assert len(hers.do(command, room=lobby.id, ordinal=1, **fields)) == 1
        assert hers.do(command, room=lobby.id, ordinal=1, **fields) == []


def test_an_answer_carries_what_it_answers(tab: Tabs, alice: Person, bob: Person, lobby: Room) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    hers.say(lobby, "noon?")
    his.heard()
    (frame,) = his.say(lobby, "yes", reply_to="1")
    article = parse(frame).one("article", data_reply_to="1")
    assert "noon?" in article.one("a", class_="message__quote").text
    (plain,) = his.say(lobby, "yes", reply_to="")
    assert parse(plain).all("article", data_reply_to=None) == []


def test_anothers_message_is_not_ones_own_to_change(
    app: Flask, tab: Tabs, alice: Person, mallory: Person, lobby: Room
) -> None:
    tab(alice, lobby).say(lobby, "hi")
    theirs = tab(mallory, lobby)
    assert code(theirs.do("edit", room=lobby.id, ordinal=1, body="I am a fool")) == "ROOM_ACCESS_DENIED"
    assert code(theirs.do("delete", room=lobby.id, ordinal=1)) == "ROOM_ACCESS_DENIED"
    assert said(app, lobby) == ["hi"]


def test_a_message_is_looked_for_in_its_own_room(
    app: Flask, tab: Tabs, alice: Person, sam: Person, lobby: Room, backstage: Room
) -> None:
    tab(sam, backstage).say(backstage, "a secret")
    hers = tab(alice, lobby)
    for command in CHANGES:
        assert tell(hers, command, lobby) == "MESSAGE_INVALID"
        assert tell(hers, command, backstage) == "ROOM_INVALID"
    assert said(app, backstage) == ["a secret"]


# Rights

CHANGES = ("edit", "delete", "react")
COMMANDS = ("join", "leave", "send", "typing", "read", *CHANGES)


def tell(tab: Tab, command: str, room: Room) -> str | None:
    """About the room's first message."""
    fields = {"body": "hi", "client_id": str(uuid4()), "ordinal": 1, "emoji": "👍"}
    return code(tab.do(command, room=room.id, **fields))


def begin(app: Flask, room: Room, author: Person) -> None:
    """Something is said there, that can be changed."""
    with app.app_context():
        changes.post(room, author.user, "first", uuid4())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_member_may_do_it_in_an_open_room(app: Flask, tab: Tabs, alice: Person, lobby: Room, command: str) -> None:
    begin(app, lobby, alice)
    assert tell(tab(alice, lobby), command, lobby) is None


@pytest.mark.parametrize("command", COMMANDS)
def test_a_staff_room_is_there_for_staff_alone(
    app: Flask, tab: Tabs, sam: Person, ada: Person, mallory: Person, backstage: Room, command: str
) -> None:
    begin(app, backstage, sam)
    assert tell(tab(sam, backstage), command, backstage) is None
    if command not in CHANGES:
        assert tell(tab(ada, backstage), command, backstage) is None
    said_by_staff = said(app, backstage)
    outsider = tab(mallory)
    assert tell(outsider, command, backstage) == "ROOM_INVALID"
    assert outsider.connection.rooms == set()
    assert said(app, backstage) == said_by_staff
    with app.app_context():
        assert last_read(backstage, mallory) is None


@pytest.mark.parametrize("command", COMMANDS)
def test_a_private_room_is_there_for_its_members_alone(
    app: Flask, tab: Tabs, alice: Person, ada: Person, command: str
) -> None:
    with app.app_context():
        den = rooms.create("Den", Access.private)
        with writing():
            Membership.raise_last_read(den.id, alice.id, 0)
    begin(app, den, alice)
    assert tell(tab(alice, den), command, den) is None
    assert tell(tab(ada), command, den) == "ROOM_INVALID"


@pytest.mark.parametrize("command", ["leave", "send", "typing", *CHANGES])
def test_who_has_not_joined_is_denied(app: Flask, tab: Tabs, alice: Person, lobby: Room, command: str) -> None:
    begin(app, lobby, alice)
    assert tell(tab(alice), command, lobby) == "ROOM_ACCESS_DENIED"
    assert said(app, lobby) == ["first"]


def test_what_is_unread_may_be_read_from_home(tab: Tabs, alice: Person, lobby: Room) -> None:
    assert tell(tab(alice), "read", lobby) is None


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        *((command, None) for command in ("join", "leave", "read")),
        *((command, "ROOM_ACCESS_DENIED") for command in ("send", "typing", *CHANGES)),
    ],
)
def test_an_archived_room_is_read_alone(
    app: Flask, tab: Tabs, ada: Person, lobby: Room, command: str, expected: str | None
) -> None:
    begin(app, lobby, ada)
    hers = tab(ada, lobby)
    with app.app_context():
        rooms.archive(lobby.id)
    assert tell(hers, command, lobby) == expected
    assert said(app, lobby) == ["first"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_right_that_is_gone_is_gone_at_the_next_command(
    app: Flask, tab: Tabs, alice: Person, lobby: Room, command: str
) -> None:
    begin(app, lobby, alice)
    hers = tab(alice, lobby)
    with app.app_context():
        rooms.edit(lobby.id, lobby.name, "", Access.staff)
    # The look at everybody's rights has not come yet.
    assert lobby.id in hers.connection.rooms
    assert tell(hers, command, lobby) == "ROOM_INVALID"
    assert said(app, lobby) == ["first"]


@pytest.mark.parametrize("command", COMMANDS)
def test_who_was_signed_out_is_told_and_let_go(app: Flask, tab: Tabs, alice: Person, lobby: Room, command: str) -> None:
    begin(app, lobby, alice)
    hers = tab(alice, lobby)
    alice.sign_out_everywhere()
    fields = {"room": lobby.id, "body": "hi", "client_id": str(uuid4()), "ordinal": 1, "emoji": "👍"}
    hers.handle(json.dumps({"command": command} | fields))
    _, text = hers.client.read()
    assert b'data-code="USER_HAS_TO_LOGIN"' in text
    assert hers.client.close_code() == 4401
    assert said(app, lobby) == ["first"]


# Limits


def test_sixty_commands_in_ten_seconds_are_enough(app: Flask, tab: Tabs, alice: Person, lobby: Room) -> None:
    hers = tab(alice, lobby)
    for _ in range(COMMANDS_LIMIT - 1):
        assert hers.do("typing", room=lobby.id) == []
    client_id = str(uuid4())
    (refused,) = hers.say(lobby, "one too many", client_id=client_id)
    assert parse(refused).one("p", data_code="RATE_LIMITED")["data-client-id"] == client_id
    assert code(hers.take("nonsense")) == "RATE_LIMITED"
    assert said(app, lobby) == []
    # Another tab has commands of its own.
    assert code(tab(alice, lobby).say(lobby)) is None


def test_more_messages_than_the_rate_are_refused(app: Flask, tab: Tabs, alice: Person, lobby: Room) -> None:
    hers = tab(alice, lobby)
    for _ in range(20):
        assert code(hers.say(lobby)) is None
    client_id = str(uuid4())
    (refused,) = hers.say(lobby, client_id=client_id)
    assert parse(refused).one("p", data_code="RATE_LIMITED")["data-client-id"] == client_id
    assert len(said(app, lobby)) == 20


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("command", ["send", *CHANGES])
def test_a_database_that_stays_busy_sends_the_page_away_for_a_while(
    app: Flask, tab: Tabs, alice: Person, lobby: Room, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("multichat.database.WRITE_PATIENCE_SECONDS", 0.05)
    begin(app, lobby, alice)
    hers = tab(alice, lobby)
    fields = {"room": lobby.id, "body": "hi", "client_id": str(uuid4()), "ordinal": 1, "emoji": "👍"}
    with app.app_context(), db.engine.connect() as other:
        other = other.execution_options(writing=True)
        other.begin()
        hers.handle(json.dumps({"command": command} | fields))
        other.rollback()
    assert hers.client.close_code() == 1013
    assert said(app, lobby) == ["first"]
    with app.app_context():
        assert Room.revisions([lobby.id]) == {lobby.id: 1}


# Statements


def verbs(statements: list[str]) -> list[str]:
    return [statement.split()[0] for statement in statements]


def test_a_message_takes_four_statements(tab: Tabs, alice: Person, lobby: Room, statements: list[str]) -> None:
    hers = tab(alice, lobby)
    statements.clear()
    hers.say(lobby)
    # Who speaks and where; then the one transaction.
    assert verbs(statements) == ["SELECT", "UPDATE", "INSERT", "INSERT"]


@pytest.mark.parametrize(
    ("command", "fields"), [("edit", {"body": "hello"}), ("delete", {}), ("react", {"emoji": "🎉"})]
)
def test_a_change_takes_as_many_statements_whoever_is_there(
    tab: Tabs, alice: Person, bob: Person, lobby: Room, statements: list[str], command: str, fields: dict[str, str]
) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    counts = []
    for ordinal in (1, 7):
        hers.say(lobby)
        statements.clear()
        assert code(hers.do(command, room=lobby.id, ordinal=ordinal, **fields)) is None
        counts.append(len(statements))
        for _ in range(5):
            his.say(lobby)
        tab(bob, lobby)
    assert counts[0] == counts[1] <= 10


def test_typing_writes_nothing(tab: Tabs, alice: Person, lobby: Room, statements: list[str]) -> None:
    hers = tab(alice, lobby)
    statements.clear()
    hers.do("typing", room=lobby.id)
    assert verbs(statements) == ["SELECT"]


def test_joining_where_one_has_everything_writes_nothing(
    tab: Tabs, alice: Person, lobby: Room, statements: list[str]
) -> None:
    hers = tab(alice, lobby)
    statements.clear()
    hers.do("join", room=lobby.id, after=0)
    # Who, where and what they have read; who is here was rendered for those before.
    assert verbs(statements) == ["SELECT"]


def test_reading_what_one_has_read_writes_nothing(tab: Tabs, alice: Person, lobby: Room, statements: list[str]) -> None:
    hers = tab(alice, lobby)
    hers.say(lobby)
    statements.clear()
    hers.do("read", room=lobby.id, ordinal=1)
    assert verbs(statements) == ["SELECT"]


@pytest.mark.parametrize("room_id", [-1, 0, 2**31, 2**63, 10**300])
def test_no_database_is_asked_for_a_room_that_cannot_be(app: Flask, tab: Tabs, alice: Person, room_id: int) -> None:
    hers = tab(alice)
    with app.app_context():
        engine: Engine = db.engine

    looks = iter([hers.realtime.keeper.keep])

    def keep(*_: object) -> None:
        for look in looks:
            look()

    # The keeper asks for every room that somebody joins, also while it is not known yet whether they may.
    event.listen(engine, "before_cursor_execute", keep)
    try:
        assert code(hers.do("join", room=room_id)) == "ROOM_INVALID"
    finally:
        event.remove(engine, "before_cursor_execute", keep)
