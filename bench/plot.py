"""Two kinds of plot as SVG, in a few lines: points joined to lines, and bars on a logarithmic scale."""

import math
from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#1d6fb8", "#6b6b6b", "#c2571a", "#2e8540", "#8a4fad", "#b3261e", "#8a6d00", "#00797d", "#5b5fc7", "#9c3d6d")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 400, 64, 200, 56, 48


def lines(title: str, x_title: str, y_title: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Both axes begin at zero."""
    right = _round_up(max(x for points in series.values() for x, _ in points))
    top = _round_up(max(y for points in series.values() for _, y in points))

    def place(x: float, y: float) -> tuple[float, float]:
        return LEFT + x / right * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)

    parts = []
    for share in range(5):
        x, y = place(right * share / 4, top * share / 4)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{top * share / 4:g}", "end"))
        parts.append(_text(x, HEIGHT - BOTTOM + 18, f"{right * share / 4:g}", "middle"))
    for number, (name, points) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        placed = [place(x, y) for x, y in points]
        if len(placed) > 1:
            parts.append(
                f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in placed)}" fill="none" stroke="{colour}" '
                'stroke-width="2"/>'
            )
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in placed]
        parts.append(_text(WIDTH - RIGHT + 14, TOP + 18 * number + 4, name, "start", colour))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_title, "middle"))
    parts.append(_text(LEFT, TOP - 12, y_title, "start"))
    return _svg(title, HEIGHT, parts)


def bars(title: str, unit: str, values: Mapping[str, float]) -> str:
    """One a name, logarithmic, from the largest power of ten below all of them on."""
    low = 10.0 ** math.floor(math.log10(min(values.values())))
    reach = math.log10(max(values.values()) / low)
    left, row = 190, 28
    parts = []
    for number, (name, value) in enumerate(values.items()):
        y = TOP + number * row
        width = max(1.0, math.log10(value / low) / reach * (WIDTH - left - 110)) if reach else 1.0
        parts.append(_text(left - 8, y + 14, name, "end"))
        parts.append(f'<rect x="{left}" y="{y}" width="{width:.1f}" height="{row - 8}" fill="{COLOURS[0]}"/>')
        parts.append(_text(left + width + 6, y + 14, f"{value:,.3g} {unit}", "start"))
    return _svg(title, TOP + row * len(values) + 12, parts)


def _round_up(value: float) -> float:
    """To a number whose quarters are short."""
    step = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(step * factor for factor in (1, 2, 4, 6, 8, 10) if step * factor >= value)


def _text(x: float, y: float, words: str, anchor: str, colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'


def _svg(title: str, height: int, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img">'
    )
    name = f'<title>{escape(title)}</title><rect width="100%" height="100%" fill="#fff"/>'
    caption = f'<text x="14" y="18" font-weight="600" fill="#111">{escape(title)}</text>'
    return "\n".join((head, name, caption, *parts, "</svg>", ""))
