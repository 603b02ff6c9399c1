"""History: a page a hundred thousand messages back, against the newest."""

from typing import Any

from bench.history import fill
from bench.options import Options, Step
from bench.pages import read
from bench.sites import Ours

PEOPLE = 50


def run(options: Options, step: Step) -> dict[str, Any]:
    back = options.pick(100_000, 10_000)
    with Ours() as site:
        step(f"{back:,} messages back")
        cookie = site.cookies(PEOPLE)[0]
        fill(site, 2 * back, PEOPLE)
        pages, seconds = options.pick(300, 30), options.pick(5, 1)
        paths = {"newest": f"/rooms/{site.room}?newest=1", "back": f"/rooms/{site.room}?before={back}"}
        figures = {name: read(site, path, cookie, pages, seconds) for name, path in paths.items()}
    return {"back": back, "newest": figures["newest"], "back_page": figures["back"]}


def steps(options: Options) -> int:
    return 1
