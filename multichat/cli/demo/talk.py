"""What the demonstration's team says: the scripts of `conversations.txt`, cast and played."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, islice
from pathlib import Path
from random import Random

from multichat.cli.demo.people import Person
from multichat.models import Access, Level

# Larger rooms have more listeners, not more speakers.
SPEAKERS = 40

_LINE = re.compile(r"(?P<speaker>[A-Z])(?: \((?P<manners>[\w ,]+)\))?: (?P<text>.*)")
_SLOT = re.compile(r"«(@?[A-Za-z0-9]+)»")
_WORDS = {
    "weekday": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
    "city": ["Lisbon", "Tallinn", "Kraków", "Nairobi", "Osaka", "Montréal", "Leipzig", "Porto", "Tbilisi", "Bergen"],
    "dish": ["dumplings", "lentil soup", "falafel", "ramen", "pierogi", "curry", "lasagne", "shakshuka", "gnocchi"],
    "number": [str(number) for number in range(3, 48)],
    "minutes": ["ten", "fifteen", "twenty", "thirty"],
    "ticket": [f"#{number}" for number in range(1040, 1960, 7)],
}
_PROJECTS = "Heron Otter Lynx Kestrel Badger Marten Curlew Beaver Puffin Osprey Ermine Plover Hare Bittern Vole"


@dataclass(frozen=True)
class Line:
    """A line of a script, `B (later, re A): text`; the speaker is a letter.

    `later`: something has to happen first. `answers` is whose latest line it answers. A row `+ 🎉 A C` below it has the
    reactions to it, and `«@A»` in it is A by the name that they sign in with.
    """

    speaker: str
    text: str
    level: Level
    deleted: bool
    edited: bool
    later: bool
    answers: str | None
    reactions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Script:
    """A conversation. `languages` says what some of its speakers have to write."""

    lines: tuple[Line, ...]
    languages: dict[str, str]


@dataclass(frozen=True)
class Subject:
    """A room, and what is talked about in it."""

    name: str
    access: Access
    topic: str
    scripts: tuple[Script, ...]


@dataclass(frozen=True)
class Utterance:
    """What one person says, so many seconds after the one before.

    `answers` is the place of what it answers, in the same conversation; `reactions` are emoji, each with whose it is.
    """

    author: Person
    text: str
    level: Level
    deleted: bool
    edited: bool
    pause: float
    answers: int | None
    reactions: tuple[tuple[str, Person], ...]


def subjects(size: int) -> list[Subject]:
    """The first so many: the rooms of the script, then projects, in which people talk about work."""
    written = _subjects()
    by_name = {subject.name: subject for subject in written}
    work = tuple(script for name in ("Engineering", "Design", "Support") for script in by_name[name].scripts)
    projects = (
        Subject(f"Project {name}{number}", Access.open, f"What {name} is doing, and what it needs", work)
        for number in ("", *map(" {}".format, range(2, size)))
        for name in _PROJECTS.split()
    )
    return [*written[:size], *islice(projects, max(0, size - len(written)))]


def shares(subjects: Sequence[Subject], messages: int) -> list[int]:
    """How many of the messages each room gets: more where there is more to say."""
    ends = [*accumulate(sum(len(script.lines) for script in subject.scripts) for subject in subjects)]
    ends = [messages * end // ends[-1] for end in ends]
    return [end - begin for begin, end in zip([0, *ends[:-1]], ends, strict=True)]


def speakers(subject: Subject, people: Sequence[Person], rng: Random) -> list[Person]:
    """Those who talk in this room: a part of the team, and in the staff's room staff."""
    if subject.access is Access.staff:
        people = [person for person in people if person.is_staff]
    return rng.sample(people, min(len(people), SPEAKERS, max(6, len(people) * 3 // 4)))


def threads(
    subject: Subject, regulars: Sequence[Person], people: Sequence[Person], messages: int, rng: Random
) -> list[list[Utterance]]:
    """Conversations of so many messages in all; the first one may break off, where nobody looks."""
    played: list[list[Utterance]] = []
    left = messages
    while left > 0:
        for script in rng.sample(subject.scripts, len(subject.scripts)):
            cast = _cast(script, regulars, people, rng)
            if cast is not None and left > 0:
                played.append(list(islice(_play(script, cast, rng), left)))
                left -= len(played[-1])
    return played[-1:] + played[:-1]


def _cast(
    script: Script, regulars: Sequence[Person], people: Sequence[Person], rng: Random
) -> dict[str, Person] | None:
    """Who speaks which part; none when nobody here writes the language. A small team plays several parts."""
    cast: dict[str, Person] = {}
    parts = sorted({part for line in script.lines for part in (line.speaker, *(who for _, who in line.reactions))})
    for part in sorted(parts, key=lambda part: part not in script.languages):
        language = script.languages.get(part)
        staff_only = any(line.speaker == part and line.level is not Level.message for line in script.lines)
        able = [person for person in regulars if person.is_staff or not staff_only]
        if language is not None:
            able = [person for person in people if language in person.languages]
        elif not able:
            able = [person for person in people if person.is_staff]
        free = [person for person in able if person not in cast.values()]
        if not free and language is not None:
            return None
        cast[part] = rng.choice(free or able)
    return cast


def _play(script: Script, cast: dict[str, Person], rng: Random) -> Iterator[Utterance]:
    words = {part: person.called for part, person in cast.items()}
    words |= {f"@{part}": f"@{person.username}" for part, person in cast.items()}

    def fill(slot: re.Match[str]) -> str:
        name = slot[1]
        if name not in words:
            choices = [word for word in _WORDS[name.rstrip("0123456789")] if word not in words.values()]
            words[name] = rng.choice(choices)
        return words[name]

    before = None
    latest: dict[str, int] = {}
    for place, line in enumerate(script.lines):
        author = cast[line.speaker]
        yield Utterance(
            author=author,
            text=_SLOT.sub(fill, line.text),
            level=line.level,
            deleted=line.deleted,
            edited=line.edited,
            pause=_pause(line, author is before, rng),
            answers=None if line.answers is None else latest[line.answers],
            # A small team plays several parts.
            reactions=tuple(dict.fromkeys((emoji, cast[part]) for emoji, part in line.reactions)),
        )
        before = author
        latest[line.speaker] = place


def _pause(line: Line, goes_on: bool, rng: Random) -> float:
    if line.later:
        return rng.uniform(600, 2400)
    if not goes_on and rng.random() < 0.06:
        return rng.uniform(300, 900)
    # Nobody types faster than they read.
    return rng.uniform(4, 30) + len(line.text) * rng.uniform(0.08, 0.2) + (0 if goes_on else rng.uniform(5, 60))


@cache
def _subjects() -> tuple[Subject, ...]:
    text = Path(__file__).with_name("conversations.txt").read_text(encoding="utf-8")
    return tuple(_read_subject(part) for part in text.removeprefix("# ").split("\n# "))


def _read_subject(text: str) -> Subject:
    head, *scripts = text.strip().split("\n\n")
    name, access, topic = head.split(" | ")
    return Subject(name, Access(access), topic, tuple(_read_script(script) for script in scripts))


def _read_script(text: str) -> Script:
    lines: list[Line] = []
    languages = {}
    for row in text.splitlines():
        if row.startswith("@"):
            languages = dict(part.split() for part in row.removeprefix("@").split(", "))
        elif row.startswith("|"):
            lines[-1] = replace(lines[-1], text=f"{lines[-1].text}\n{row[2:]}")
        elif row.startswith("+"):
            _, emoji, *parts = row.split()
            put = tuple((emoji, part) for part in parts)
            lines[-1] = replace(lines[-1], reactions=lines[-1].reactions + put)
        else:
            lines.append(_read_line(row))
    return Script(tuple(lines), languages)


def _read_line(row: str) -> Line:
    match = _LINE.fullmatch(row)
    assert match is not None, row
    manners = (match["manners"] or "").split(", ")
    return Line(
        speaker=match["speaker"],
        text=match["text"],
        level=next((Level(manner) for manner in manners if manner in set(Level)), Level.message),
        deleted="deleted" in manners,
        edited="edited" in manners,
        later="later" in manners,
        answers=next((manner.removeprefix("re ") for manner in manners if manner.startswith("re ")), None),
    )
