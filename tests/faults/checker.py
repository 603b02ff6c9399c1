"""Judges a history against the database: what was lost, stored or delivered twice, out of order, or shown to whom it
must not be.

For every room: an acknowledged message is stored exactly once, another one at most once. Whoever is there at the end
has every message in its present state, got each change once and in revision order, and all of them the same. Nobody was
shown a change that was made later than a moment after the right to it was lost.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.faults.history import (
    Acknowledged,
    Began,
    CaughtUp,
    Closed,
    Connected,
    Disconnected,
    Edited,
    History,
    Left,
    Received,
    Refused,
    RightLost,
    Sent,
    Shown,
)

LEAK_AFTER_SECONDS = 1.0
# Without the bus rights are looked up less often at worst.
LEAK_AFTER_SECONDS_WITHOUT_BUS = 5.0
NAMED_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as the database has it at the end."""

    id: int
    room: int
    ordinal: int
    revision: int
    author_id: int
    client_id: str
    body: str
    deleted: bool = False
    edited: bool = False


@dataclass
class Verdict:
    """What is wrong, in words and in numbers; how long those who were cut off took to be back."""

    expected: int = 0
    delivered: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    recovery: list[float] = field(default_factory=list)
    replay: list[float] = field(default_factory=list)
    never_returned: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.counts and not self.never_returned

    def note(self, kind: str, problem: str) -> None:
        self.counts[kind] += 1
        if len(self.problems) < NAMED_PROBLEMS:
            self.problems.append(f"{kind}: {problem}")


def check(
    history: History,
    stored: Sequence[Stored],
    pages: Mapping[int, Sequence[Shown]] | None = None,
    leak_after_seconds: float = LEAK_AFTER_SECONDS,
) -> Verdict:
    """`pages`: by room, what a page loaded at the end shows; each timeline must equal it, element by element."""
    verdict = Verdict()
    _check_storing(history, stored, verdict)
    clients = _clients(history)
    for client in clients.values():
        _check_stream(client, verdict)
        _check_end(client, stored, pages or {}, verdict)
    _check_agreement(clients.values(), stored, verdict)
    _check_leaks(history, clients, leak_after_seconds, verdict)
    _measure_recovery(history, clients, verdict)
    return verdict


# The database


def _check_storing(history: History, stored: Sequence[Stored], verdict: Verdict) -> None:
    copies: dict[str, list[Stored]] = defaultdict(list)
    for message in stored:
        copies[message.client_id].append(message)
    sent: dict[str, list[Sent]] = defaultdict(list)
    for event in history.of(Sent):
        sent[event.client_id].append(event)
    edits: dict[tuple[int, int], set[str]] = defaultdict(set)
    for edit in history.of(Edited):
        edits[edit.room, edit.ordinal].add(edit.body)
    for message in stored:
        if message.edited and not message.deleted and message.body not in edits[message.room, message.ordinal]:
            verdict.note("garbled", f"message {message.id} says what nobody wrote")
    for client_id, messages in copies.items():
        if len(messages) > 1:
            verdict.note("stored twice", f"{client_id} as messages {[message.id for message in messages]}")
        changed = messages[0].deleted or messages[0].edited
        if client_id in sent and not changed and messages[0].body != sent[client_id][0].body:
            verdict.note("garbled", f"{client_id} is stored with another text than was sent")
    acknowledged = {event.client_id for event in history.of(Acknowledged)}
    for client_id in sorted(acknowledged - copies.keys()):
        verdict.note("not stored", f"{client_id} was acknowledged")
    for refused in history.of(Refused):
        # Sent again, it may have been stored by another try.
        tries = len(sent[refused.client_id])
        if refused.client_id in copies and refused.client_id not in acknowledged and tries == 1:
            verdict.note("a lie", f"{refused.client_id} was refused with {refused.code}, and is stored")
    for room in {message.room for message in stored}:
        ordinals = sorted(message.ordinal for message in stored if message.room == room)
        revisions = Counter(message.revision for message in stored if message.room == room)
        if ordinals != list(range(1, len(ordinals) + 1)):
            verdict.note("misnumbered", f"room {room} has not the ordinals 1 to {len(ordinals)}")
        if any(count > 1 for count in revisions.values()):
            verdict.note("misnumbered", f"room {room} gave a revision twice")


# What each client saw


@dataclass
class _Client:
    """One client's part of the history, and the timeline that follows from it."""

    name: str
    person: int = 0
    starts: dict[int, int] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    # How often each message that was sent more than once may be shown to this sender again, as the answer.
    answers: Counter[str] = field(default_factory=Counter)
    # By room and ordinal, and the ordinal from which the page shows everything.
    timeline: dict[int, dict[int, Shown]] = field(default_factory=dict)
    windows: dict[int, int] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    left: bool = False
    connected: bool = False
    caught_up: set[int] = field(default_factory=set)

    @property
    def is_owed(self) -> set[int]:
        """The rooms of which it must have everything."""
        return set() if self.left else set(self.starts) - self.closed


def _clients(history: History) -> dict[str, _Client]:
    clients: dict[str, _Client] = {}
    tries = Counter(event.client_id for event in history.of(Sent))
    losses: set[tuple[int, int]] = set()
    for event in history.events:
        client = clients.setdefault(event.client, _Client(event.client))
        match event:
            case Began():
                client.person = event.person
                client.starts[event.room] = event.revision
                client.timeline[event.room] = {message.ordinal: message for message in event.messages}
            case Sent():
                if tries[event.client_id] > 1:
                    client.answers[event.client_id] += 1
            case Received():
                client.received.append(event)
            case Connected():
                client.connected = True
            case CaughtUp():
                client.caught_up.add(event.room)
            case Disconnected():
                client.connected = False
                client.caught_up.clear()
            case Closed():
                client.closed.add(event.room)
            case Left():
                client.left = True
            case RightLost():
                losses.add((event.person, event.room))
    clients.pop("", None)
    for client in clients.values():
        client.closed |= {room for room in client.starts if (client.person, room) in losses}
    return clients


def _check_stream(client: _Client, verdict: Verdict) -> None:
    """Each change once, in revision order. A reset begins anew; a message that was sent again may be answered again.

    A part that did not fit is asked for, and then some changes come again. What was deleted is not seen again.
    """
    last = dict(client.starts)
    asked: set[int] = set()
    deleted: set[tuple[int, int]] = set()
    seen: set[tuple[int, int, int]] = set()
    answers = Counter(client.answers)
    for frame in client.received:
        room = frame.room
        if room not in last:
            verdict.note("leaked", f"{client.name} got revision {frame.revision} of room {room}, which it never joined")
            continue
        timeline = client.timeline.setdefault(room, {})
        for message in frame.messages:
            if message.deleted:
                deleted.add((room, message.ordinal))
            elif (room, message.ordinal) in deleted:
                verdict.note("undeleted", f"{client.name} got message {message.id} again after its deletion")
        if frame.kind == "reset":
            last[room] = frame.revision
            seen = {change for change in seen if change[0] != room}
            timeline.clear()
            timeline.update({message.ordinal: message for message in frame.messages})
            client.windows[room] = min(timeline, default=1)
            continue
        for message in frame.messages:
            change = (room, message.ordinal, message.revision)
            if room in asked and frame.kind == "upsert" and message.revision <= last[room]:
                pass
            elif message.revision <= last[room] and answers[message.client_id]:
                answers[message.client_id] -= 1
            elif change in seen:
                verdict.note("doubled", f"{client.name} got message {message.id} at revision {message.revision} twice")
            elif message.revision <= last[room]:
                order = f"revision {message.revision} of room {room} after {last[room]}"
                verdict.note("misordered", f"{client.name} got {order}")
            seen.add(change)
            if message.ordinal not in timeline or timeline[message.ordinal].revision < message.revision:
                timeline[message.ordinal] = message
        if frame.part is not None:
            change = (room, frame.part.ordinal, frame.revision)
            if change in seen:
                verdict.note("doubled", f"{client.name} got revision {frame.revision} of room {room} twice")
            elif frame.revision <= last[room]:
                verdict.note("misordered", f"{client.name} got revision {frame.revision} of room {room} late")
            seen.add(change)
            if frame.kind == "content" and (room, frame.part.ordinal) in deleted:
                verdict.note("undeleted", f"{client.name} got a text of {frame.part.ordinal} after its deletion")
            if not _change(timeline, frame, client.windows.get(room, min(timeline, default=1))):
                asked.add(room)
        last[room] = max(last[room], frame.revision)


def _change(timeline: dict[int, Shown], frame: Received, window: int) -> bool:
    """Put a part into its message, if that is as it was before. False if the message has to be asked for."""
    part = frame.part
    assert part is not None
    message = timeline.get(part.ordinal)
    if message is not None and message.revision == part.previous:
        timeline[part.ordinal] = replace(message, revision=frame.revision, **{frame.kind: part.digest})
        return True
    return part.ordinal < window or (message is not None and message.revision >= frame.revision)


def _check_end(
    client: _Client, stored: Sequence[Stored], pages: Mapping[int, Sequence[Shown]], verdict: Verdict
) -> None:
    """Everything that happened since its page was loaded is on its page, in its present state."""
    for room in client.is_owed:
        timeline, window = client.timeline.get(room, {}), client.windows.get(room, 1)
        for message in stored:
            if message.room != room or message.revision <= client.starts[room] or message.ordinal < window:
                continue
            verdict.expected += 1
            shown = timeline.get(message.ordinal)
            if shown is not None and (shown.id, shown.revision) == (message.id, message.revision):
                verdict.delivered += 1
            else:
                has = "not at all" if shown is None else f"as message {shown.id} at revision {shown.revision}"
                what = f"message {message.id} at revision {message.revision} of room {room}"
                verdict.note("lost", f"{client.name} has {what} {has}")
        for element in pages.get(room, ()):
            mine = timeline.get(element.ordinal)
            # What was said before its page was loaded, it has from that page, or not at all.
            if mine != element and (mine is not None or room in client.windows):
                verdict.note("differs", f"{client.name} shows message {element.id} otherwise than a fresh page")


def _check_agreement(clients: Iterable[_Client], stored: Sequence[Stored], verdict: Verdict) -> None:
    """One order for all: whoever was shown a message was shown it at the place that the database gives it."""
    places = {message.id: (message.room, message.ordinal) for message in stored}
    for client in clients:
        for frame in client.received:
            for message in frame.messages:
                if places.get(message.id) != (frame.room, message.ordinal):
                    place = f"message {message.id} at place {message.ordinal} of room {frame.room}"
                    verdict.note("misplaced", f"{client.name} got {place}; it is at {places.get(message.id)}")


# Who saw what they must not


def _check_leaks(history: History, clients: Mapping[str, _Client], patience: float, verdict: Verdict) -> None:
    """A message was committed after it was first sent, so that moment proves a leak and accuses nobody wrongly."""
    sent: dict[str, float] = {}
    for event in history.of(Sent):
        sent.setdefault(event.client_id, event.at)
    lost = {(event.person, event.room): event.at for event in history.of(RightLost)}
    for client in clients.values():
        for frame in client.received:
            lost_at = lost.get((client.person, frame.room))
            if lost_at is None:
                continue
            for message in frame.messages:
                late = sent.get(message.client_id, 0.0) - lost_at
                if late > patience:
                    verdict.note("leaked", f"{client.name} got message {message.id}, sent {late:.2f} s too late")


# Who came back, and when


def _measure_recovery(history: History, clients: Mapping[str, _Client], verdict: Verdict) -> None:
    """From the loss of a connection, and from the next handshake, until all of its rooms are caught up."""
    cut: dict[str, float] = {}
    opened: dict[str, float] = {}
    missing: dict[str, set[int]] = {}
    for event in history.events:
        match event:
            case Disconnected():
                cut.setdefault(event.client, event.at)
                opened.pop(event.client, None)
            case Connected():
                opened[event.client] = event.at
                missing[event.client] = set(clients[event.client].is_owed)
            case CaughtUp() if event.client in cut and event.client in opened:
                missing[event.client].discard(event.room)
                if not missing[event.client]:
                    verdict.recovery.append(event.at - cut.pop(event.client))
                    verdict.replay.append(event.at - opened.pop(event.client))
    for client in clients.values():
        if client.is_owed and not (client.connected and client.is_owed <= client.caught_up):
            verdict.never_returned.append(client.name)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that so many are at or below; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
