"""Clients whose connections fail, who send again, and who come back late."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from multichat.messages import changes as messages
from multichat.messages.log import CHANGES_LIMIT
from multichat.models import Message, Room
from tests.faults.client import Client
from tests.faults.ground import Ground, account_of
from tests.faults.history import Acknowledged, Received
from tests.faults.markup import ROSTER
from tests.faults.proxy import Proxy
from tests.faults.result import Result
from tests.support.visitor import Visitor

REPLAY_P99_SECONDS = 3.0
CUT_SECONDS = 2.0
NOTICED_SECONDS = 60.0
# A page believes in a silent server for 45 s; it hears two heartbeats in that time, or the server is gone.
HEARTBEAT_SECONDS = 22.0
# Fewer than sixty commands in ten seconds, of each of two tabs.
ROUND_SECONDS = 0.5


def jitter(
    ground: Ground, clients: int = 500, rate: float = 2.0, seconds: float = 60.0, cut_every_seconds: float = 15.0
) -> Result:
    """Everybody's connection is cut about every 15 s for 2 s: in an orderly way, with a reset, or first half-open."""
    house = ground.start()
    proxy = ground.enter(Proxy(ground.loop, house.port))
    room = ground.room()
    crowd = ground.crowd(clients, room, people=25, port=proxy.port)

    async def cut_all() -> int:
        chances = (random.Random(ground.random.getrandbits(64)) for _ in crowd)
        faults = zip(crowd, chances, strict=True)
        return sum(await asyncio.gather(*(_cut_often(proxy, *fault, seconds, cut_every_seconds) for fault in faults)))

    cutting = asyncio.run_coroutine_threadsafe(cut_all(), ground.loop.loop)
    ground.talk(crowd, room, rate, seconds).result(seconds + 30)
    cuts = cutting.result(30)
    ground.settle(room.id)
    result = ground.result(room)
    result.figures["cuts"] = cuts
    result.promise(cuts > 0, "nobody was cut off")
    result.at_most("replay p99", result.replay["p99"], REPLAY_P99_SECONDS)
    return result


async def _cut_often(proxy: Proxy, client: Client, chance: random.Random, seconds: float, every: float) -> int:
    """How often it was cut in that time; the last time is over when the time is."""
    ends = time.monotonic() + seconds - CUT_SECONDS
    cuts = 0
    pause = chance.uniform(0, every)
    while time.monotonic() + pause < ends:
        await asyncio.sleep(pause)
        pause = chance.uniform(0.5 * every, 1.5 * every)
        link = None if client.port is None else proxy.link_of(client.port)
        if link is None:
            continue  # it was not there
        cuts += 1
        client.unplug(CUT_SECONDS)
        how = chance.choice(("orderly", "reset", "half-open"))
        if how == "half-open":
            link.swallows = True
            await asyncio.sleep(CUT_SECONDS)
        link.end(reset=how != "orderly")
    return cuts


def half_open(ground: Ground) -> Result:
    """A client vanishes without a word: it leaves the roster. What is idle hears a heartbeat meanwhile."""
    house = ground.start()
    proxy = ground.enter(Proxy(ground.loop, house.port))
    room = ground.room()
    vanishing, watching = ground.people(2)
    client = ground.client(vanishing, [room.id], port=proxy.port)
    watchers = [ground.client(watching, [room.id], worker=worker) for worker in house.both_workers()]
    ground.wait_for([client, *watchers])
    ground.say(client, room, "before")
    ground.settle(room.id)

    vanished_at = time.monotonic()
    proxy.up.swallows = proxy.down.swallows = True
    ground.say(watchers[0], room, "is anybody there?")
    with suppress(TimeoutError):
        house.wait_until(lambda: _rosters_without(vanishing.id, watchers, vanished_at), NOTICED_SECONDS + 30)
    seen_at = _rosters_without(vanishing.id, watchers, vanished_at)

    # It finds out by itself, and the way is free again.
    proxy.up.swallows = proxy.down.swallows = False
    ground.settle(room.id, seconds=60)
    result = ground.result(room)
    result.at_most("left the roster after", seen_at - vanished_at if seen_at else None, NOTICED_SECONDS)
    silence = max(watcher.longest_silence_seconds for watcher in watchers)
    result.at_most("silence of the server", silence, HEARTBEAT_SECONDS)
    return result


def _rosters_without(person: int, watchers: Sequence[Client], since: float) -> float | None:
    """When the last of the watchers was told that this person is gone; None while one was not."""
    told = [
        next((at for at, html in watcher.others if at > since and _is_roster_without(person, html)), None)
        for watcher in watchers
    ]
    return max((at for at in told if at is not None), default=None) if None not in told else None


def _is_roster_without(person: int, html: str) -> bool:
    return ROSTER.search(html) is not None and f'data-person="{person}"' not in html


def retry(ground: Ground, rounds: int = 30) -> Result:
    """The same message five times at once, from two tabs on two workers: stored once, both are told."""
    house = ground.start()
    room = ground.room()
    (account,) = ground.people(1)
    first, second = (ground.client(account, [room.id], worker=worker) for worker in house.both_workers())
    ground.wait_for([first, second])

    def send_five_times(number: int) -> None:
        body = f"message {number}"
        client_id = first.say(room.id, body)
        for client in ground.random.sample([first, first, second, second], 4):
            client.repeat(client_id, room.id, body)

    for number in range(rounds):
        ground.loop.call(send_five_times, number)
        ground.let_pass(ROUND_SECONDS)
    ground.settle(room.id)
    result = ground.result(room)
    result.promise(result.messages == rounds, f"{rounds} messages were said, {result.messages} are stored")
    told = len(list(ground.history.of(Acknowledged)))
    result.promise(told >= 2 * rounds, f"of {2 * rounds} senders {told} were acknowledged")
    return result


def long_gap(ground: Ground, gaps: Sequence[int] = (CHANGES_LIMIT, CHANGES_LIMIT + 1, 5_000)) -> Result:
    """Away for so many changes: the timeline ends equal to that of a page that is loaded then."""
    house = ground.start()
    proxy = ground.enter(Proxy(ground.loop, house.port))
    author = ground.visitor()
    rooms = [ground.room() for _ in gaps]
    for room in rooms:
        _change(ground, author, room, 60)
    tabs = [ground.client(account_of(author), [room.id], port=proxy.port) for room in rooms]
    ground.wait_for(tabs)
    proxy.refuses = True
    proxy.cut()
    for room, changes in zip(rooms, gaps, strict=True):
        _change(ground, author, room, changes)
    proxy.refuses = False
    ground.settle(*(room.id for room in rooms))
    result = ground.result(*rooms)
    resets = sum(event.kind == "reset" for event in ground.history.of(Received))
    expected = sum(changes > CHANGES_LIMIT for changes in gaps)
    result.promise(resets == expected, f"{resets} resets and not {expected}")
    return result


def _change(ground: Ground, author: Visitor, room: Room, changes: int) -> None:
    """So many messages that are new or changed: every tenth one is deleted that was there before."""
    with ground.house.app.app_context():
        here = [message.ordinal for message in Message.latest(room.id, changes)]
        ground.random.shuffle(here)
        for number in range(changes):
            if number % 10 == 9 and here:
                messages.delete(room, author.user, here.pop())
            else:
                client_id = UUID(int=ground.random.getrandbits(128), version=4)
                messages.post(room, author.user, f"change {number}", client_id)
