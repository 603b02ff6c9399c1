"""The checker names what is wrong with a history; of a good one it has nothing to say."""

import pytest

from tests.faults.checker import Stored, Verdict, check, percentile
from tests.faults.history import (
    Acknowledged,
    Began,
    CaughtUp,
    Connected,
    Disconnected,
    Edited,
    Event,
    History,
    Left,
    Part,
    Received,
    Refused,
    RightLost,
    Sent,
    Shown,
)

LOBBY = 7
ALICE, BOB = 1, 2


def stored(number: int, **others: int | str | bool) -> Stored:
    """Alice's message of that number, the room's only kind; its revision is its number too."""
    fields = {"revision": number, "author_id": ALICE, "client_id": f"id-{number}", "body": f"text {number}"} | others
    return Stored(id=100 + number, room=LOBBY, ordinal=number, **fields)  # type: ignore[arg-type]


def shown(number: int, **others: int | str) -> Shown:
    fields = {"revision": number, "author_id": ALICE, "client_id": f"id-{number}"} | others
    return Shown(id=100 + number, ordinal=number, **fields)  # type: ignore[arg-type]


def got(client: str, number: int, *, at: float | None = None, kind: str = "append", **others: int | str) -> Received:
    message = shown(number, **others)
    return Received(float(number) if at is None else at, client, LOBBY, kind, message.revision, (message,))


def present(client: str, person: int) -> list[Event]:
    return [Connected(0.0, client), Began(0.0, client, person, LOBBY, 0), CaughtUp(0.0, client, LOBBY)]


def said(*numbers: int) -> list[Event]:
    return [
        event
        for number in numbers
        for event in (
            Sent(float(number), "alice", ALICE, LOBBY, f"id-{number}", f"text {number}"),
            Acknowledged(number + 0.1, "alice", f"id-{number}"),
        )
    ]


def judged(*events: Event | list[Event], database: list[Stored] | None = None, **options: object) -> Verdict:
    """Of alice and bob, who are there all the time; alice said 1, 2 and 3."""
    history = History([*present("alice", ALICE), *present("bob", BOB), *said(1, 2, 3)])
    for event in events:
        history.events.extend(event if isinstance(event, list) else [event])
    return check(history, database or [stored(1), stored(2), stored(3)], **options)  # type: ignore[arg-type]


def everything(client: str) -> list[Event]:
    return [got(client, number) for number in (1, 2, 3)]


def test_a_good_history_is_clean() -> None:
    verdict = judged(everything("alice"), everything("bob"))
    assert verdict.is_clean
    assert (verdict.expected, verdict.delivered) == (6, 6)


def test_a_lost_message_is_named() -> None:
    verdict = judged(everything("alice"), got("bob", 1), got("bob", 3))
    assert verdict.counts == {"lost": 1}
    assert "bob has message 102 at revision 2 of room 7 not at all" in verdict.problems[0]
    assert (verdict.expected, verdict.delivered) == (6, 5)


def test_a_change_that_did_not_arrive_is_lost() -> None:
    deleted = [stored(1, revision=4, deleted=True, body=""), stored(2), stored(3)]
    verdict = judged(
        everything("alice"), got("alice", 1, revision=4, kind="upsert"), everything("bob"), database=deleted
    )
    assert verdict.counts == {"lost": 1}
    assert "bob has message 101 at revision 4 of room 7 as message 101 at revision 1" in verdict.problems[0]


def test_a_doubled_message_is_named() -> None:
    verdict = judged(everything("alice"), everything("bob"), got("bob", 2, at=4.0))
    assert verdict.counts == {"doubled": 1}
    assert "bob got message 102 at revision 2 twice" in verdict.problems[0]


def test_the_answer_to_a_message_sent_again_is_not_doubled() -> None:
    again = Sent(4.0, "alice", ALICE, LOBBY, "id-2", "text 2")
    assert judged(everything("alice"), everything("bob"), again, got("alice", 2, at=4.1, kind="upsert")).is_clean


def test_more_answers_than_questions_are_doubled() -> None:
    again = Sent(4.0, "alice", ALICE, LOBBY, "id-2", "text 2")
    answers = [got("alice", 2, at=4.1 + count, kind="upsert") for count in range(3)]
    assert judged(everything("alice"), everything("bob"), again, answers).counts == {"doubled": 1}


def test_swapped_messages_are_named() -> None:
    verdict = judged(everything("alice"), got("bob", 1), got("bob", 3), got("bob", 2))
    assert verdict.counts == {"misordered": 1}
    assert "bob got revision 2 of room 7 after 3" in verdict.problems[0]


def test_a_message_at_another_place_is_named() -> None:
    elsewhere = Received(2.0, "bob", LOBBY, "append", 2, (Shown(102, 5, 2, ALICE, "id-2"),))
    verdict = judged(everything("alice"), got("bob", 1), elsewhere, got("bob", 3))
    assert verdict.counts == {"lost": 1, "misplaced": 1}
    assert any("bob got message 102 at place 5 of room 7; it is at (7, 2)" in problem for problem in verdict.problems)


def test_a_message_after_the_right_is_lost_is_leaked() -> None:
    lost = RightLost(1.5, "", BOB, LOBBY)
    within_a_second = judged(everything("alice"), got("bob", 1), lost, got("bob", 2))
    assert within_a_second.is_clean
    verdict = judged(everything("alice"), got("bob", 1), lost, got("bob", 2), got("bob", 3))
    assert verdict.counts == {"leaked": 1}
    assert "bob got message 103, sent 1.50 s too late" in verdict.problems[0]
    assert judged(everything("alice"), everything("bob"), lost, leak_after_seconds=5.0).is_clean


def test_a_room_that_was_never_joined_is_leaked() -> None:
    elsewhere = Received(2.0, "bob", 8, "append", 1, ())
    assert judged(everything("alice"), everything("bob"), elsewhere).counts == {"leaked": 1}


def test_an_acknowledged_message_that_is_not_stored_is_named() -> None:
    verdict = judged(everything("alice"), everything("bob"), said(4))
    assert verdict.counts == {"not stored": 1}
    assert "id-4 was acknowledged" in verdict.problems[0]


def test_one_that_was_not_acknowledged_may_be_stored_or_not() -> None:
    unacknowledged = Sent(4.0, "alice", ALICE, LOBBY, "id-4", "text 4")
    assert judged(everything("alice"), everything("bob"), unacknowledged).is_clean
    arrived = [stored(1), stored(2), stored(3), stored(4)]
    assert judged(
        everything("alice"), everything("bob"), unacknowledged, got("alice", 4), got("bob", 4), database=arrived
    ).is_clean


def test_a_message_stored_twice_is_named() -> None:
    twice = [stored(1), stored(2), stored(3), stored(4, client_id="id-3", body="text 3")]
    verdict = judged(
        everything("alice"),
        everything("bob"),
        *(got(client, 4, client_id="id-3") for client in ("alice", "bob")),
        database=twice,
    )
    assert verdict.counts == {"stored twice": 1}
    assert "id-3 as messages [103, 104]" in verdict.problems[0]


def test_another_text_than_was_sent_is_named() -> None:
    garbled = [stored(1), stored(2, body="text"), stored(3)]
    assert judged(everything("alice"), everything("bob"), database=garbled).counts == {"garbled": 1}


def test_a_refusal_of_what_is_stored_is_a_lie() -> None:
    sent = Sent(4.0, "alice", ALICE, LOBBY, "id-4", "text 4")
    refused = Refused(4.1, "alice", "id-4", "ROOM_ACCESS_DENIED")
    database = [stored(1), stored(2), stored(3), stored(4)]
    verdict = judged(
        everything("alice"), everything("bob"), sent, refused, got("bob", 4), Left(9.0, "alice"), database=database
    )
    assert verdict.counts == {"a lie": 1}


def test_a_reset_takes_the_place_of_what_was_missed() -> None:
    latest_page = Received(3.0, "bob", LOBBY, "reset", 3, (shown(2), shown(3)))
    verdict = judged(everything("alice"), latest_page)
    assert verdict.is_clean
    assert (verdict.expected, verdict.delivered) == (5, 5)


def test_a_timeline_that_differs_from_a_fresh_page_is_named() -> None:
    page = {LOBBY: [shown(1), shown(2, digest=5), shown(3)]}
    verdict = judged(everything("alice"), everything("bob"), pages=page)
    assert verdict.counts == {"differs": 2}


def part(client: str, ordinal: int, previous: int, revision: int, kind: str = "content") -> Received:
    return Received(float(revision), client, LOBBY, kind, revision, (), Part(ordinal, previous, digest=9))


EDITED = [stored(1, revision=4, edited=True, body="another"), stored(2), stored(3)]
EDIT = Edited(4.0, "alice", LOBBY, 1, "another")


def test_a_part_is_put_into_its_message() -> None:
    page = {LOBBY: [shown(1, revision=4, content=9), shown(2), shown(3)]}
    both = [part("alice", 1, 1, 4), part("bob", 1, 1, 4)]
    assert judged(everything("alice"), everything("bob"), EDIT, both, database=EDITED, pages=page).is_clean
    wrong_part = [part("alice", 1, 1, 4), part("bob", 1, 1, 4, kind="reactions")]
    verdict = judged(everything("alice"), everything("bob"), EDIT, wrong_part, database=EDITED, pages=page)
    assert verdict.counts == {"differs": 1}


def test_a_part_that_did_not_fit_brings_the_message_whole() -> None:
    stale = [part("alice", 1, 1, 4), part("bob", 1, 3, 4)]
    verdict = judged(everything("alice"), everything("bob"), EDIT, stale, database=EDITED)
    assert verdict.counts == {"lost": 1}
    whole = got("bob", 1, at=5.0, kind="upsert", revision=4)
    assert judged(everything("alice"), everything("bob"), EDIT, stale, whole, database=EDITED).is_clean


def test_a_part_that_comes_twice_is_doubled() -> None:
    twice = [part("alice", 1, 1, 4), part("bob", 1, 1, 4), part("bob", 1, 1, 4)]
    assert judged(everything("alice"), everything("bob"), EDIT, twice, database=EDITED).counts == {"doubled": 1}


def test_a_text_that_nobody_wrote_is_named() -> None:
    both = [part("alice", 1, 1, 4), part("bob", 1, 1, 4)]
    assert judged(everything("alice"), everything("bob"), both, database=EDITED).counts == {"garbled": 1}


def test_what_is_seen_after_its_deletion_is_named() -> None:
    deleted = [stored(1, revision=4, deleted=True, body=""), stored(2), stored(3)]
    gone = [got(client, 1, at=4.0, kind="upsert", revision=4, deleted=True) for client in ("alice", "bob")]
    assert judged(everything("alice"), everything("bob"), gone, database=deleted).is_clean
    verdict = judged(everything("alice"), everything("bob"), gone, got("bob", 1, at=5.0), database=deleted)
    assert verdict.counts == {"undeleted": 1, "doubled": 1}


def test_who_left_is_owed_nothing() -> None:
    assert judged(everything("alice"), got("bob", 1), Left(1.5, "bob")).is_clean


@pytest.mark.parametrize("comes_back", [True, False])
def test_who_was_cut_off_is_to_come_back_and_get_everything(comes_back: bool) -> None:
    cut = [got("bob", 1), Disconnected(1.5, "bob", 1006)]
    back = [Connected(5.0, "bob"), got("bob", 2, at=5.1), got("bob", 3, at=5.2), CaughtUp(5.5, "bob", LOBBY)]
    verdict = judged(everything("alice"), cut, back if comes_back else [])
    if comes_back:
        assert verdict.is_clean
        assert (verdict.recovery, verdict.replay) == ([4.0], [0.5])
    else:
        assert verdict.never_returned == ["bob"]
        assert verdict.counts == {"lost": 2}


def test_percentiles_are_values_that_were_seen() -> None:
    hundred = [float(number) for number in range(1, 101)]
    assert [percentile(hundred, share) for share in (0.5, 0.95, 0.99)] == [50.0, 95.0, 99.0]
    assert percentile([3.0], 0.99) == 3.0
    assert percentile([], 0.5) is None
