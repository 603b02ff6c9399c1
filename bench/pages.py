"""Pages over plain HTTP: how long one takes, how many a second, at what price."""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.crowd import BenchError
from bench.figures import percentiles
from bench.measure import settle
from bench.processes import cpu_seconds
from bench.sites import Ours

PATIENCE_SECONDS = 30.0
READERS = 8


def read(site: Ours, path: str, cookie: str, pages: int, seconds: float) -> dict[str, Any]:
    """So many pages, one after the other, and their price; then by eight readers at once for so long."""
    fetch(site, path, cookie)
    settle(site)
    before = cpu_seconds(site.roots)
    taken = [fetch(site, path, cookie) for _ in range(pages)]
    cpu = cpu_seconds(site.roots) - before
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(READERS) as pool:
        at_once = list(pool.map(lambda _: _read_until(site, path, cookie, until), range(READERS)))
    return {
        "pages": pages,
        "cpu_ms": cpu / pages * 1e3,
        "latency_ms": percentiles([share * 1e3 for share in taken]),
        "readers": READERS,
        "a_second": sum(map(len, at_once)) / seconds,
        "at_once_ms": percentiles([share * 1e3 for shares in at_once for share in shares]),
    }


def fetch(site: Ours, path: str, cookie: str, connection: http.client.HTTPConnection | None = None) -> float:
    """Seconds until the page was there; on a connection of its own, or on this one. Raises BenchError."""
    own = connection is None
    connection = connection or http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE_SECONDS)
    began = time.monotonic()
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    seconds = time.monotonic() - began
    if own:
        connection.close()
    if answer.status != 200:
        raise BenchError(f"{path} answers {answer.status}")
    return seconds


def _read_until(site: Ours, path: str, cookie: str, until: float) -> list[float]:
    taken = []
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE_SECONDS)
    while time.monotonic() < until:
        taken.append(fetch(site, path, cookie, connection))
    connection.close()
    return taken
