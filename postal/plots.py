"""Plots for the supervisor, drawn as SVG: where parcels are, how they end, in how many days. Colours come by class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import cos, radians, sqrt

from kit.points import Point, points

MAP_WIDTH, MAP_HEIGHT, EDGE = 640, 420, 36
BARS_WIDTH, ROW, LABEL = 640, 44, 150
DAYS_HEIGHT, DAY_WIDE = 220, 64
SHOWN_NAMES, NAME_WIDE, NAME_TALL = 8, 170, 17


@dataclass(frozen=True)
class Dot:
    """One commune on the map: how many parcels, and how many of them are in trouble."""

    code: str
    name: str
    count: int
    troubled: int


@dataclass(frozen=True)
class Share:
    """One bar: its label and its parts as (class, count, what the part is called)."""

    label: str
    parts: tuple[tuple[str, int, str], ...]


def commune_map(dots: Sequence[Dot], title: str) -> str:
    """Circles at the communes' places, as large as their parcels are many; darker red where more are in trouble.

    Empty when no commune of them is known.
    """
    known = [(points()[dot.code], dot) for dot in dots if dot.code in points() and dot.count]
    if not known:
        return ""
    place = _placer([point for point, _ in known])
    most = max(dot.count for _, dot in known)
    marks, taken = [], list[tuple[float, float]]()
    for point, dot in sorted(known, key=lambda pair: -pair[1].count):
        x, y = place(point)
        radius = 5 + 23 * sqrt(dot.count / most)
        tone = "bad" if dot.troubled * 4 >= dot.count else "some" if dot.troubled else "good"
        told = f"{dot.name}: {dot.count}" + (f" ({dot.troubled})" if dot.troubled else "")
        at = f'cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"'
        marks.append(f'<circle class="plot-{tone}" {at}><title>{escape(told)}</title></circle>')
        under = (x, y + radius + 14)
        if len(taken) < SHOWN_NAMES and not any(_meet(under, other) for other in taken):
            taken.append(under)
            marks.append(_text(*under, dot.name))
    return _svg(MAP_WIDTH, MAP_HEIGHT, title, "".join(marks))


def share_bars(shares: Sequence[Share], title: str) -> str:
    """One bar across for each share, its parts side by side as large as they are of the whole."""
    wide = BARS_WIDTH - LABEL - 8
    rows = []
    for number, share in enumerate(shares):
        top, left = number * ROW + 6, float(LABEL)
        whole = sum(count for _, count, _ in share.parts) or 1
        rows.append(f'<text class="plot-text" x="0" y="{top + 21}">{escape(share.label)}</text>')
        for tone, count, words in share.parts:
            length = wide * count / whole
            told = escape(f"{words}: {count} ({100 * count / whole:.0f} %)")
            rows.append(
                f'<rect class="plot-{tone}" x="{left:.1f}" y="{top}" width="{length:.1f}" height="{ROW - 14}">'
                f"<title>{told}</title></rect>"
            )
            if length > 44:
                rows.append(_text(left + length / 2, top + 21, str(count), "plot-on"))
            left += length
    return _svg(BARS_WIDTH, len(shares) * ROW + 4, title, "".join(rows))


def day_columns(days: Sequence[int], title: str) -> str:
    """A column for each number of days; the last stands for that many and more."""
    most, foot = max(days, default=0) or 1, DAYS_HEIGHT - 28
    columns = []
    for day, count in enumerate(days):
        tall = (foot - 26) * count / most
        x = day * DAY_WIDE + 8
        label = f"{day}+" if day == len(days) - 1 else str(day)
        columns.append(
            f'<rect class="plot-good" x="{x}" y="{foot - tall:.1f}" width="{DAY_WIDE - 16}" height="{tall:.1f}"/>'
        )
        columns += [
            _text(x + DAY_WIDE / 2 - 8, at, words)
            for at, words in ((foot - tall - 6, str(count)), (foot + 20, label))
        ]
    line = f'<path class="plot-line" d="M0 {foot}H{len(days) * DAY_WIDE}"/>'
    return _svg(len(days) * DAY_WIDE, DAYS_HEIGHT, title, "".join(columns) + line)


def _placer(known: Sequence[Point]) -> Callable[[Point], tuple[float, float]]:
    """From a commune's degrees to the drawing's units, all of them inside, north above."""
    middle = cos(radians(sum(point.latitude for point in known) / len(known)))
    xs = [point.longitude * middle for point in known]
    ys = [-point.latitude for point in known]
    span = max(max(xs) - min(xs), (max(ys) - min(ys)) * MAP_WIDTH / MAP_HEIGHT, 0.05)
    unit = (MAP_WIDTH - 2 * EDGE) / span
    x0, y0 = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2

    def place(point: Point) -> tuple[float, float]:
        x, y = point.longitude * middle, -point.latitude
        return MAP_WIDTH / 2 + (x - x0) * unit, MAP_HEIGHT / 2 + (y - y0) * unit * 0.86

    return place


def _meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two names would lie over each other."""
    return abs(one[0] - other[0]) < NAME_WIDE and abs(one[1] - other[1]) < NAME_TALL


def _text(x: float, y: float, words: str, kind: str = "plot-text") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(words)}</text>'


def _svg(width: float, height: float, title: str, drawn: str) -> str:
    return (
        f'<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img"'
        f' aria-label="{escape(title)}">{drawn}</svg>'
    )
