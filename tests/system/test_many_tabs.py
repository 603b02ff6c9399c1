"""Many open sockets, and the database's connections that they do not hold."""

from concurrent.futures import ThreadPoolExecutor

from multichat.models import Room
from tests.support.visitor import Visitor
from tests.system.conftest import House

# More than a worker's pool has connections to the database: 10, and 20 more when they are asked for.
TABS = 40


def test_many_tabs_do_not_empty_the_database_pool(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    with house.only(house.both_workers()[0]):
        tabs = [alice.open() for _ in range(TABS)]
        for tab in tabs:
            tab.join(lobby.id)
        assert house.worker_of(tabs[0].socket) == house.worker_of(tabs[-1].socket)
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: bob.get(f"/rooms/{lobby.id}"), range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20
    client_id = tabs[0].say(lobby.id, "hi, all of me")
    for tab in tabs[1:]:
        tab.until(client_id)
