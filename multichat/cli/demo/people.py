"""Who is in the demonstration's team: those of `people.txt` (username, display name, languages), then invented ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from multichat.models import Role

# Enough staff for a conversation among themselves in a team of a dozen.
STAFF_EVERY = 5

# For teams larger than that.
_FIRST_NAMES = """
Alba Anton Bianca Carlo Dalia Edwin Elif Emre Fatima Finn Gita Hana Hugo Ilse Ivan Jamal Julia Kaito Karim Lena Leon Lin
Mara Marco Mira Nadia Nils Omar Paula Pavel Rania Rosa Ruben Sara Selim Sofia Theo Uma Vera Wanda Yara Zoe
"""
_LAST_NAMES = """
Abebe Adler Bakker Banerjee Barros Castillo Cohen Costa Dahl Diaz Eriksen Farouk Fischer Fujita Garcia Haddad Hansen Ito
Jansen Kaya Keller Khan Kim Kovacs Laurent Lopez Marin Nakamura Nowak Okoye Park Petrov Quinn Rossi Sato Silva Tran
Virtanen Weber Yamada Zhang Ziegler
"""


@dataclass(frozen=True)
class Person:
    """Somebody to be registered."""

    username: str
    display_name: str
    languages: frozenset[str]
    role: Role

    @property
    def called(self) -> str:
        """What the others call them."""
        return self.username.partition(".")[0].rstrip("0123456789").capitalize()

    @property
    def is_staff(self) -> bool:
        return self.role is not Role.member


def team(size: int, taken: frozenset[str]) -> list[Person]:
    """So many people whose usernames are not among those taken; an administrator comes first."""
    people: list[Person] = []
    names = set(taken)
    for username, display_name, languages in islice(_everybody(), size):
        people.append(Person(_free(username, names), display_name, languages, _role(len(people))))
        names.add(people[-1].username)
    return people


def _everybody() -> Iterator[tuple[str, str, frozenset[str]]]:
    for line in Path(__file__).with_name("people.txt").read_text(encoding="utf-8").splitlines():
        username, display_name, languages = (part.strip() for part in line.split("|"))
        yield username, display_name, frozenset(languages.split())
    first_names, last_names = _FIRST_NAMES.split(), _LAST_NAMES.split()
    for shift in count():
        for place, first in enumerate(first_names):
            last = last_names[(place + shift) % len(last_names)]
            yield f"{first}.{last}".lower(), f"{first} {last}", frozenset()


def _free(username: str, taken: set[str]) -> str:
    if username not in taken:
        return username
    return next(name for number in count(2) if (name := f"{username}{number}") not in taken)


def _role(place: int) -> Role:
    if place == 0:
        return Role.admin
    return Role.staff if place % STAFF_EVERY == 0 else Role.member
