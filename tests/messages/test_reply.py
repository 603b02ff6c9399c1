"""Answering a message: a reference to it, and a line of it."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from multichat.accounts import changes as accounts
from multichat.database import db
from multichat.messages.changes import delete, edit, post
from multichat.messages.log import DatabaseLog
from multichat.models import Invalid, Message, Room, User
from tests.messages.conftest import Ear, Say
from tests.messages.test_edit import NUMBERS_NO_DATABASE_TAKES, at
from tests.support.markup import Element, parse
from tests.support.person import Person


def quote(log: DatabaseLog, room: Room, ordinal: int) -> str:
    """The line above a message, as whoever comes back gets it."""
    changes = log.changes(room.id, 0)
    assert changes is not None
    articles = [article for _, html in changes.upserts for article in parse(html).all("article")]
    (article,) = [article for article in articles if article["data-ordinal"] == str(ordinal)]
    return line(article.one("a", class_="message__quote"))


def line(element: Element) -> str:
    return " ".join(element.text.split())


def test_an_answer_quotes_a_line_and_leads_to_it(app: Flask, alice: Person, bob: Person, lobby: Room, say: Say) -> None:
    say(alice, "something else")
    ordinal = say(alice, "**Lunch** at\nnoon?\n\n- soup")
    say(bob, "yes", reply_to=ordinal)
    page = parse(bob.get(f"/rooms/{lobby.id}").text)
    (answer,) = page.all("article", data_reply_to=str(ordinal))
    assert line(answer.one("a", class_="message__quote")) == "alice Lunch at noon? soup"
    assert answer.one("a", class_="message__quote")["href"] == f"/rooms/{lobby.id}/messages/{ordinal}"


def test_a_quote_is_one_line_and_no_longer(app: Flask, alice: Person, bob: Person, lobby: Room, say: Say) -> None:
    ordinal = say(alice, "very " * 100)
    answer = say(bob, "yes", reply_to=ordinal)
    shown = quote(DatabaseLog(app), lobby, answer)
    assert len(shown) < 160
    assert shown.endswith("very…")


def test_a_quote_is_text(app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, ear: Ear) -> None:
    ordinal = say(alice, "`<b>` & [a link](https://example.org) <script>")
    ear.log()
    say(bob, "yes", reply_to=ordinal)
    (frame,) = ear.log()
    shown = frame.one("a", class_="message__quote")
    assert line(shown) == "alice <b> & a link <script>"
    assert {element.tag for element in shown.all()} <= {"b", "span"}


def test_an_edit_reaches_those_who_quote_it(app: Flask, alice: Person, bob: Person, lobby: Room, say: Say) -> None:
    log = DatabaseLog(app)
    ordinal = say(alice, "noon?")
    answer = say(bob, "yes", reply_to=ordinal)
    assert quote(log, lobby, answer) == "alice noon?"
    with app.app_context():
        edit(lobby, alice.user, ordinal, "one o'clock?")
        assert at(lobby, answer).revision == 2
    assert quote(log, lobby, answer) == "alice one o'clock?"


def test_an_edit_tells_open_pages_what_those_who_quote_it_show(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, ear: Ear
) -> None:
    quoted, alone = say(alice, "noon?"), say(alice, "or not")
    say(bob, "yes", reply_to=quoted)
    ear.log()
    with app.app_context():
        edit(lobby, alice.user, alone, "or never")
        edit(lobby, alice.user, quoted, "one o'clock?")
    without, with_quote = ear.log()
    assert without.all(class_="message__quoted") == []
    assert line(with_quote.one(class_="message__quoted", data_ordinal=str(quoted))) == "alice one o'clock?"


def test_who_is_quoted_goes_by_the_name_that_they_have_now(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say
) -> None:
    log = DatabaseLog(app)
    answer = say(bob, "yes", reply_to=say(alice, "@bob?"))
    assert quote(log, lobby, answer) == "alice @bob?"
    with app.app_context():
        accounts.rename(alice.id, "Alicia")
        accounts.rename(bob.id, "Robert")
    assert quote(log, lobby, answer) == "Alicia @Robert?"


def test_a_tombstone_can_be_answered(app: Flask, alice: Person, bob: Person, lobby: Room, say: Say) -> None:
    ordinal = say(alice, "noon?")
    with app.app_context():
        delete(lobby, alice.user, ordinal)
    answer = say(bob, "what was that?", reply_to=ordinal)
    assert quote(DatabaseLog(app), lobby, answer) == "alice This message was deleted."


def test_a_tombstone_quotes_nothing_itself(app: Flask, alice: Person, bob: Person, lobby: Room, say: Say) -> None:
    answer = say(bob, "yes", reply_to=say(alice, "noon?"))
    with app.app_context():
        delete(lobby, bob.user, answer)
    page = parse(bob.get(f"/rooms/{lobby.id}").text)
    assert page.all("article", data_ordinal=str(answer))
    assert page.all("a", class_="message__quote") == []


@pytest.mark.parametrize("ordinal", [2, *NUMBERS_NO_DATABASE_TAKES])
def test_what_is_not_there_cannot_be_answered(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, ordinal: int
) -> None:
    say(alice)
    with app.app_context():
        with pytest.raises(Invalid):
            post(lobby, bob.user, "yes", uuid4(), reply_to=ordinal)
        assert db.session.scalar(select(func.count(Message.id))) == 1


def test_another_rooms_message_cannot_be_answered(
    app: Flask, sam: Person, lobby: Room, backstage: Room, say: Say
) -> None:
    elsewhere = [say(sam, "a secret", backstage) for _ in range(2)][-1]
    say(sam, "hi")
    with app.app_context(), pytest.raises(Invalid):
        post(lobby, sam.user, "yes", uuid4(), reply_to=elsewhere)


def test_an_answer_takes_as_many_statements_however_long_the_room(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, statements: list[str]
) -> None:
    ordinal = say(alice, "noon?")
    counts = []
    for _ in range(3):
        with app.app_context():
            author = User.get(bob.id)  # as a request has it
            statements.clear()
            post(lobby, author, "yes", uuid4(), reply_to=ordinal)
            counts.append([statement.split()[0] for statement in statements])
        for _ in range(5):
            say(alice)
    # The original; the transaction's usual three and the original once more, whom it concerns and their place.
    assert counts[1] == ["SELECT", "UPDATE", "SELECT", "INSERT", "INSERT", "INSERT", "UPDATE"]
    assert counts[2] == counts[1]
    # The first one also says that there is one.
    assert len(counts[0]) == len(counts[1]) + 1
