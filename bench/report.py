"""docs/performance.md, written from the newest figures; what stands there by hand stays."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from bench import plot
from bench.compare import FLAT_OUT, FLOOR, OURS, SLOW, STEADY, FanOut
from bench.figures import PERCENTILES, median
from bench.goals import goals
from bench.results import newest
from multichat.config import PROJECT

DOCUMENT = PROJECT / "docs" / "performance.md"
IMAGES = PROJECT / "docs" / "img"
METHOD = Path(__file__).with_name("method.md")
BEGIN = "<!-- From here on bin/bench writes. -->"
END = "<!-- From here on people write. -->"
# Of a document that is not there yet.
HAND_WRITTEN = "\n\n## What it cost to get there\n"

LATENCIES = tuple(f"{name} ms" for name in PERCENTILES)
Row = Sequence[object]


def write() -> None:
    """The document and its plots, from the newest figures of each scenario."""
    results = newest()
    before, after = "# Performance\n\n", HAND_WRITTEN
    if DOCUMENT.exists():
        text = DOCUMENT.read_text(encoding="utf-8")
        before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    images = ""
    if "fan-out" in results:
        for name, image in plots(FanOut(results["fan-out"])).items():
            (IMAGES / f"{name}.svg").write_text(image, encoding="utf-8")
            images += f"\n\n![{name.replace('-', ' ')}](img/{name}.svg)"
    written = "\n\n".join((BEGIN, METHOD.read_text(encoding="utf-8").strip(), tables(results) + images, END))
    DOCUMENT.write_text(before + written + after, encoding="utf-8")


def tables(results: dict[str, Any]) -> str:
    """All that was measured, as Markdown."""
    parts = []
    if reached := goals(results):
        rows = [(goal.what, goal.at_most, _number(goal.measured), _word(goal.is_reached)) for goal in reached]
        parts.append("## Goals\n\n" + _table(("what", "at most", "measured", "reached"), rows))
    origin = ""
    for name, show in SECTIONS.items():
        if name in results:
            parts.append(f"## {name.replace('-', ' ').capitalize()}")
            # Where it was measured is said again only where it is another place.
            if (here := _origin(results[name])) != origin:
                parts.append(origin := here)
            parts.append(show(results[name]))
    return "\n\n".join(parts)


def plots(seen: FanOut) -> dict[str, str]:
    series = {}
    for server in seen.servers():
        points = [(size, seen.median(server, STEADY, size, "message_ms")) for size in seen.sizes(server)]
        if len(points) > 1:
            series[server] = [(float(size), value) for size, value in points if value is not None]
    at = seen.compared_at
    prices = {server: seen.median(server, STEADY, at, "delivery_us") for server in seen.servers()}
    known = {server: price for server, price in prices.items() if price}
    return {
        "fan-out": plot.lines("One message to everybody", "clients in the room", "ms of processor time", series),
        "servers": plot.bars(
            f"A delivery to each of {at}, at {STEADY} (logarithmic)",
            "us",
            dict(sorted(known.items(), key=lambda item: item[1])),
        ),
    }


def _fan_out(figures: dict[str, Any]) -> str:
    seen = FanOut(figures)
    about = (
        f"A frame of {figures['frame_bytes']:,} bytes. Medians of {len(seen.runs)} run(s); ratios are taken within a "
        f"run. Flat out, {figures['window']} messages are on their way at a time."
    )
    rows: list[Row] = []
    for server in (OURS, FLOOR):
        for size in seen.sizes(server):
            for pace in (SLOW, STEADY, FLAT_OUT):
                cells = [seen.median(server, pace, size, name) for name in ("message_ms", "delivery_us", *PERCENTILES)]
                rows.append((server, size, pace, *map(_number, cells)))
    sizes = _table(("", "clients", "pace", "ms a message", "us a delivery", *LATENCIES), rows)
    rows = []
    for server in (OURS, FLOOR):
        slope, intercept = median(seen.slopes(server)), median([fit.intercept for fit in seen.lines(server)])
        rows.append((server, _number(slope), _number(intercept)))
    lines = _table(("line over the sizes from 500 on", "us for a delivery more", "ms for a message"), rows)
    return "\n\n".join((about, lines, sizes, _servers(seen, figures["peers"])))


def _servers(seen: FanOut, peers: dict[str, Any]) -> str:
    rows: list[Row] = []
    at = seen.compared_at
    for server in seen.servers():
        about_peer = peers.get(server, {})
        name = server + (f" ({about_peer['processes']})" if about_peer else "")
        packages = ", ".join(f"{package} {number}" for package, number in about_peer.get("versions", {}).items())
        if (reason := seen.missing(server)) is not None:
            rows.append((name, packages, f"not measured: {reason}"))
            continue
        cells = [
            seen.median(server, STEADY, at, "delivery_us"),
            seen.ratio(server, FLOOR, STEADY, "delivery_us"),
            seen.ratio(server, OURS, STEADY, "delivery_us"),
            seen.median(server, STEADY, at, "p50"),
            seen.median(server, STEADY, at, "p99"),
            seen.median(server, FLAT_OUT, at, "delivery_us"),
            seen.ratio(server, FLOOR, FLAT_OUT, "delivery_us"),
        ]
        compressed = "yes" if any(seen.compressed(server)) else "no"
        lost = ", ".join(f"{number} at {pace}" for pace, number in seen.lost(server).items()) or "none"
        rows.append((name, packages, *map(_number, cells), compressed, lost))
    head = (
        "us a delivery",
        "to the floor",
        "to us",
        "p50 ms",
        "p99 ms",
        "flat out us",
        "to the floor",
        "compressed",
        "lost",
    )
    return _table((f"{at} clients, {STEADY}", "versions", *head), rows)


def _rooms(figures: dict[str, Any]) -> str:
    head = ("pace", "messages", "lost", "ms a message", "us a delivery", *LATENCIES)
    rows = [_load_row(pace, load) for pace, load in figures["paces"].items()]
    return f"{figures['rooms']} rooms of {figures['people_in_a_room']}.\n\n" + _table(head, rows)


def _idle(figures: dict[str, Any]) -> str:
    rows = [
        (point["sockets"], _number(point["pss_bytes"] / 1e6), f"{point['rest']:.1%}") for point in figures["points"]
    ]
    about = f"{_number(figures['bytes_a_socket'] / 1000)} KB a socket, as the slope of the line.\n\n"
    return about + _table(("sockets", "MB of memory (PSS)", "of a core"), rows)


def _connect(figures: dict[str, Any]) -> str:
    names = {"first": "for the first time", "again": "again", "behind": f"{figures['missed']} messages behind"}
    rows = [
        (
            names[name],
            _number(wave["a_second"]),
            _number(wave["cpu_ms"]),
            *(_number(wave["entered_ms"][percentile]) for percentile in PERCENTILES),
        )
        for name, wave in figures["waves"].items()
    ]
    head = ("", "a second", "ms of processor time", *(f"{name} ms until in the room" for name in PERCENTILES))
    return f"{figures['clients']} clients, {figures['window']} at a time.\n\n" + _table(head, rows)


def _avalanche(figures: dict[str, Any]) -> str:
    away = ", ".join(f"{name} {figures['away_ms'].get(name, 0) / 1000:.1f}" for name in PERCENTILES)
    return (
        f"{figures['came_back']} of {figures['clients']} came back, the last {figures['seconds']:.1f} s after the "
        f"reload; seconds away: {away}. {figures['failed_tries']} tries failed. {figures['cpu_seconds']:.1f} s of "
        "processor time."
    )


def _post(figures: dict[str, Any]) -> str:
    head = ("pace", "messages", "lost", "ms a message", "us a delivery", *LATENCIES)
    rows = [
        _load_row("each alone in a room, 40 a second", figures["alone"]),
        _load_row(f"50 senders, flat out: {figures['together']['a_second']:.0f} a second", figures["together"]),
    ]
    return _table(head, rows)


def _statements(figures: dict[str, Any]) -> str:
    return _table(("what", "SQL statements"), [(what, f"{number:g}") for what, number in figures["counts"].items()])


def _page(figures: dict[str, Any]) -> str:
    rows = [_pages_row(f"{int(length):,} messages", pages) for length, pages in figures["lengths"].items()]
    same = "The query plans are the same." if figures["same_plans"] else "The query plans differ."
    return f"{_pages_table(rows)}\n\n{same}"


def _history(figures: dict[str, Any]) -> str:
    rows = [_pages_row("the newest", figures["newest"]), _pages_row(f"{figures['back']:,} back", figures["back_page"])]
    return _pages_table(rows)


def _slow_reader(figures: dict[str, Any]) -> str:
    head = ("", "messages", "lost", "ms a message", "us a delivery", *LATENCIES)
    rows = [
        _load_row(f"all {figures['clients']} read", figures["everybody"]),
        _load_row(f"{figures['stopped']} stop reading", figures["others"]),
    ]
    codes = ", ".join(f"{number} with {code}" for code, number in figures["closed_with"].items()) or "none"
    about = f"Memory grew by {figures['pss_grew_bytes'] / 1e6:.1f} MB; closed were {codes}."
    return f"{_table(head, rows)}\n\n{about}"


SECTIONS: dict[str, Callable[[dict[str, Any]], str]] = {
    "fan-out": _fan_out,
    "rooms": _rooms,
    "idle": _idle,
    "connect": _connect,
    "avalanche": _avalanche,
    "post": _post,
    "statements": _statements,
    "page": _page,
    "history": _history,
    "slow-reader": _slow_reader,
}


def _origin(figures: dict[str, Any]) -> str:
    origin = figures.get("origin")
    if origin is None:
        return ""
    machine = origin["machine"]
    where = f"{machine['cores']} cores of {machine['processor']}, {machine['memory_gib']} GiB, {machine['system']}"
    versions = ", ".join(f"{name} {number}" for name, number in origin["versions"].items())
    return f"{origin['date']}, commit {origin['commit']}, `bench/results/{origin['file']}`; {where}; {versions}."


def _load_row(name: str, load: dict[str, Any]) -> Row:
    percentiles = [_number(load["latency_ms"].get(percentile)) for percentile in PERCENTILES]
    return name, load["messages"], load["lost"], _number(load["message_ms"]), _number(load["delivery_us"]), *percentiles


def _pages_row(name: str, pages: dict[str, Any]) -> Row:
    times = [_number(pages["latency_ms"][percentile]) for percentile in ("p50", "p99")]
    return name, _number(pages["cpu_ms"]), *times, _number(pages["a_second"]), _number(pages["at_once_ms"]["p99"])


def _pages_table(rows: Iterable[Row]) -> str:
    return _table(("page", "ms of processor time", "p50 ms", "p99 ms", "a second, 8 readers", "then p99 ms"), rows)


def _table(head: Sequence[str], rows: Iterable[Row]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [f"| {' | '.join(map(str, (*row, *[''] * (len(head) - len(row)))))} |" for row in rows]
    return "\n".join(lines)


def _number(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _word(reached: bool | None) -> str:
    return {True: "yes", False: "no", None: "not measured"}[reached]


if __name__ == "__main__":
    write()
