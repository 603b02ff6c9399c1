"""The roster on Redis, so that all workers see the same people, on Redis's own clock."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Any

import redis

from multichat.realtime.breaker import Breaker
from multichat.realtime.roster import CROWD, LEASE_SECONDS, LEAVE_AFTER_SECONDS, Arrival, Lease, RosterUnavailable
from multichat.realtime.together import Together

# A script that runs long holds up everybody's publishes: so many leases take it about a millisecond.
LEASES_LIMIT = 200

# The keys: a room's people (sorted by when they will have gone), one person's leases in it (by expiry).
# A key that nobody touches for two leases belongs to a room that everybody left with their workers.
_HOLD = f"""
local function now()
  local t = redis.call('TIME')
  return t[1] + t[2] / 1000000
end
local function hold(people, leases, person, connection)
  local expiry = now() + {LEASE_SECONDS}
  redis.call('ZADD', leases, expiry, connection)
  redis.call('EXPIRE', leases, {int(2 * LEASE_SECONDS)})
  local new = redis.call('ZADD', people, expiry, person)
  redis.call('EXPIRE', people, {int(2 * LEASE_SECONDS)})
  return new
end
"""
# ARGV: of each lease both keys, person and connection.
_REFRESH = (
    _HOLD
    + """
for i = 1, #ARGV, 4 do
  hold(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
end
"""
)
_JOIN = (
    _HOLD
    + f"""
local new, found = {{}}, {{}}
for i = 1, #ARGV, 4 do
  table.insert(new, hold(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]))
end
local time = now()
for _, people in ipairs(KEYS) do
  local count = redis.call('ZCOUNT', people, time, '+inf')
  local there = count <= {CROWD} and redis.call('ZRANGEBYSCORE', people, time, '+inf') or {{}}
  table.insert(found, {{count, there}})
end
return {{new, found}}
"""
)
_LEAVE = (
    _HOLD
    + f"""
for i = 1, #ARGV, 4 do
  local people, leases, person, connection = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  redis.call('ZREM', leases, connection)
  redis.call('ZREMRANGEBYSCORE', leases, '-inf', now())
  local last = redis.call('ZRANGE', leases, -1, -1, 'WITHSCORES')
  local expiry = last[2] or (now() + {LEAVE_AFTER_SECONDS})
  redis.call('ZADD', people, 'XX', expiry, person)
end
"""
)
_DEPARTED = (
    _HOLD
    + """
local gone = {}
local time = now()
for _, people in ipairs(KEYS) do
  table.insert(gone, redis.call('ZRANGEBYSCORE', people, '-inf', time))
  redis.call('ZREMRANGEBYSCORE', people, '-inf', time)
end
return gone
"""
)


def _of_each_room(question: str) -> str:
    """A script that answers for each of its keys, a room's people."""
    return (
        _HOLD
        + f"""
local found = {{}}
for _, people in ipairs(KEYS) do
  table.insert(found, redis.call({question}))
end
return found
"""
    )


_PEOPLE = _of_each_room("'ZRANGEBYSCORE', people, now(), '+inf'")
_COUNTS = _of_each_room("'ZCOUNT', people, now(), '+inf'")


class RedisRoster:
    """Who is here, on all workers. While Redis is away nobody waits for it: `RosterUnavailable` comes at once."""

    def __init__(self, client: redis.Redis, prefix: Callable[[], str]) -> None:
        self._client = client
        self._prefix = prefix
        self._breaker = Breaker()
        self._refresh_script = client.register_script(_REFRESH)
        self._join_script = client.register_script(_JOIN)
        self._leave_script = client.register_script(_LEAVE)
        self._departed_script = client.register_script(_DEPARTED)
        self._people_script = client.register_script(_PEOPLE)
        self._counts_script = client.register_script(_COUNTS)
        # What each page that opens or closes asks.
        self._join_together = Together(self._join_all, LEASES_LIMIT)
        self._leave_together = Together(self._leave_all, LEASES_LIMIT)
        self._people_together = Together(self._people_of_all, LEASES_LIMIT)

    def join(self, lease: Lease) -> Arrival:
        return self._join_together(lease)

    def leave(self, lease: Lease) -> None:
        self._leave_together(lease)

    def refresh(self, leases: Iterable[Lease]) -> None:
        held = list(leases)
        for start in range(0, len(held), LEASES_LIMIT):
            words = self._words(held[start : start + LEASES_LIMIT])
            self._call(partial(self._refresh_script, args=words))

    def departed(self, room_ids: Collection[int]) -> list[tuple[int, int]]:
        if not room_ids:
            return []
        gone = self._call(lambda: self._departed_script(keys=[self._people(room_id) for room_id in room_ids]))
        return [(room_id, int(user_id)) for room_id, left in zip(room_ids, gone, strict=True) for user_id in left]

    def people(self, room_id: int) -> list[int]:
        return self._people_together(room_id)

    def counts(self, room_ids: Collection[int]) -> dict[int, int]:
        if not room_ids:
            return {}
        counts = self._call(lambda: self._counts_script(keys=[self._people(room_id) for room_id in room_ids]))
        return dict(zip(room_ids, counts, strict=True))

    def _join_all(self, leases: Sequence[Lease]) -> list[Arrival]:
        rooms = list(dict.fromkeys(room_id for room_id, _, _ in leases))
        keys = [self._people(room_id) for room_id in rooms]
        news, found = self._call(lambda: self._join_script(keys=keys, args=self._words(leases)))
        there = {room_id: (count, list(map(int, ids))) for room_id, (count, ids) in zip(rooms, found, strict=True)}
        return [Arrival(bool(new), *there[lease[0]]) for lease, new in zip(leases, news, strict=True)]

    def _leave_all(self, leases: Sequence[Lease]) -> list[None]:
        self._call(lambda: self._leave_script(args=self._words(leases)))
        return [None] * len(leases)

    def _people_of_all(self, room_ids: Sequence[int]) -> list[list[int]]:
        rooms = list(dict.fromkeys(room_ids))
        present = self._call(lambda: self._people_script(keys=[self._people(room_id) for room_id in rooms]))
        people = {room_id: [int(user_id) for user_id in ids] for room_id, ids in zip(rooms, present, strict=True)}
        return [people[room_id] for room_id in room_ids]

    def _words(self, leases: Sequence[Lease]) -> list[int | str]:
        words: list[int | str] = []
        for room_id, user_id, connection_id in leases:
            people = self._people(room_id)
            words += people, f"{people}:{user_id}", user_id, connection_id
        return words

    def _people(self, room_id: int) -> str:
        return f"{self._prefix()}roster:{room_id}"

    def _call(self, ask: Callable[[], Any]) -> Any:
        if not self._breaker.allows():
            raise RosterUnavailable
        try:
            answer = ask()
        except redis.RedisError as error:
            self._breaker.failed()
            raise RosterUnavailable from error
        self._breaker.succeeded()
        return answer
