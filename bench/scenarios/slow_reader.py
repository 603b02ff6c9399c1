"""Slow reader: some clients stop reading in a room that talks a lot. What the others notice, and what it takes."""

from functools import partial
from typing import Any

from bench.crowd import Crowd
from bench.dialects import Multichat
from bench.measure import load, rest, settle
from bench.options import Options, Step
from bench.processes import pss_bytes
from bench.sites import Ours

STOPPED = 5
# Long messages: what the kernel and an outbox hold for one socket is several MB.
BODY_BYTES = 7500
WINDOW = 16


def run(options: Options, step: Step) -> dict[str, Any]:
    # A socket may say six things a second, and no more.
    clients, seconds = options.pick(200, 100), options.pick(20, 2)
    with Ours() as site, Crowd(site.port, site.path, Multichat(BODY_BYTES)) as crowd:
        step(f"{clients} who read")
        crowd.come(site.seats(clients))
        settle(site, options.pick(30, 5))
        at_rest = rest(site, options.pick(2, 1))
        everybody = load(site, crowd, partial(crowd.flood, seconds, WINDOW), at_rest)
        before = pss_bytes(site.roots)
        step(f"{STOPPED} of them stop")
        crowd.stop_reading(STOPPED)
        others = load(site, crowd, partial(crowd.flood, seconds, WINDOW), at_rest)
        after = pss_bytes(site.roots)
        crowd.read_again()
        settle(site, 5)
        gone = load(site, crowd, partial(crowd.talk, 2, 2), at_rest).gone
    return {
        "clients": clients,
        "stopped": STOPPED,
        "everybody": everybody.as_json(),
        "others": others.as_json(),
        "pss_grew_bytes": after - before,
        "closed_with": gone,
    }


def steps(options: Options) -> int:
    return 2
