"""Many open sockets, and the database's connections that they do not hold."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from multichat.models import Room
from tests.support.visitor import Visitor

# However they fall to the two workers, one has more than its pool has connections: at most 30 on either database.
PEOPLE, TABS_EACH = 7, 9


def test_many_tabs_do_not_empty_the_database_pool(person: Callable[..., Visitor], alice: Visitor, lobby: Room) -> None:
    crowd = [person(f"one-of-{PEOPLE}") for _ in range(PEOPLE)]
    tabs = [somebody.open() for somebody in crowd for _ in range(TABS_EACH)]
    for tab in tabs:
        tab.join(lobby.id)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: alice.get(f"/rooms/{lobby.id}"), range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20
    client_id = tabs[0].say(lobby.id, "hi, everybody")
    for tab in tabs[1:]:
        tab.until(client_id)
