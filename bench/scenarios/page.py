"""Page: a room with fifty messages on its page, a thousand in its history and then a million."""

from typing import Any

from bench.history import fill, plans
from bench.options import Options, Step
from bench.pages import read
from bench.sites import Ours

PEOPLE = 50


def run(options: Options, step: Step) -> dict[str, Any]:
    lengths = (1_000, options.pick(1_000_000, 50_000))
    figures, ways = {}, []
    with Ours() as site:
        cookie = site.cookies(PEOPLE)[0]
        path = f"/rooms/{site.room}?newest=1"
        for length in lengths:
            step(f"{length:,} messages")
            fill(site, length, PEOPLE)
            ways.append(plans(site, path, cookie))
            figures[str(length)] = read(site, path, cookie, options.pick(300, 30), options.pick(5, 1))
    return {"lengths": figures, "plans": ways[0], "same_plans": ways[0] == ways[1]}


def steps(options: Options) -> int:
    return 2
