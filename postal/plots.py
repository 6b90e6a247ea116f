"""Plots for the supervisor, drawn as SVG: where parcels are, how they end, in how many days. Colours come by class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import cos, radians, sqrt

from kit.points import Point, points

MAP_WIDTH, MAP_HEIGHT, EDGE = 420, 420, 36
BARS_WIDTH, ROW, LABEL_TALL = 480, 66, 26
DAYS_HEIGHT, DAY_WIDE = 220, 64
ON = {"late": "plot-text"}  # what stands on a pale part
SHOWN_NAMES, NAME_LETTER, NAME_TALL = 8, 8.4, 18


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
    rings = [
        _Ring(dot, *place(point), 5 + 23 * sqrt(dot.count / most))
        for point, dot in sorted(known, key=lambda pair: -pair[1].count)
    ]
    drawn = [_ground({point.province_code for point, _ in known}, place), *map(_circle, rings)]
    return _svg(MAP_WIDTH, MAP_HEIGHT, title, "".join([*drawn, *_names(rings)]))


@dataclass(frozen=True)
class _Ring:
    """A commune's circle in the drawing's units."""

    dot: Dot
    x: float
    y: float
    radius: float


def _ground(provinces: set[str], place: Callable[[Point], tuple[float, float]]) -> str:
    """Every commune of these provinces that lies in the frame, as one faint dot each: what the circles stand on."""
    places = (place(point) for point in points().values() if point.province_code in provinces)
    inside = [(x, y) for x, y in places if 0 < x < MAP_WIDTH and 0 < y < MAP_HEIGHT]
    return f'<path class="plot-ground" d="{"".join(f"M{x:.0f} {y:.0f}h0" for x, y in inside)}"/>'


def _circle(ring: _Ring) -> str:
    dot = ring.dot
    tone = "bad" if dot.troubled * 4 >= dot.count else "some" if dot.troubled else "good"
    told = f"{dot.name}: {dot.count}" + (f" ({dot.troubled})" if dot.troubled else "")
    at = f'cx="{ring.x:.1f}" cy="{ring.y:.1f}" r="{ring.radius:.1f}"'
    return f'<circle class="plot-{tone}" {at}><title>{escape(told)}</title></circle>'


def _names(rings: Sequence[_Ring]) -> list[str]:
    """Names of the largest, each under, above or beside its circle, where it lies over no other name or circle."""
    taken = [_box(ring.x, ring.y, 2 * ring.radius, 2 * ring.radius) for ring in rings]
    marks: list[str] = []
    for ring in rings:
        wide, away = NAME_LETTER * len(ring.dot.name), ring.radius + NAME_TALL / 2 + 2
        beside = ring.radius + wide / 2 + 6
        for right, down in ((0.0, away), (0.0, -away), (beside, 0.0), (-beside, 0.0)):
            box = _box(ring.x + right, ring.y + down, wide, NAME_TALL)
            if len(marks) < SHOWN_NAMES and _inside(box) and not any(_meet(box, other) for other in taken):
                taken.append(box)
                marks.append(_text(ring.x + right, ring.y + down + 5, ring.dot.name))
                break
    return marks


def share_bars(shares: Sequence[Share], title: str) -> str:
    """One bar across under each share's label, its parts side by side as large as they are of the whole."""
    rows = []
    for number, share in enumerate(shares):
        top, left = number * ROW + LABEL_TALL, 2.0
        whole = sum(count for _, count, _ in share.parts) or 1
        rows.append(f'<text class="plot-text" x="0" y="{top - 8}">{escape(share.label)}</text>')
        for tone, count, words in share.parts:
            length = (BARS_WIDTH - 4) * count / whole
            told = escape(f"{words}: {count} ({100 * count / whole:.0f} %)")
            rows.append(
                f'<rect class="plot-{tone}" x="{left:.1f}" y="{top}" width="{length:.1f}" height="30">'
                f"<title>{told}</title></rect>"
            )
            if length > 44:
                rows.append(_text(left + length / 2, top + 21, str(count), ON.get(tone, "plot-on")))
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


_Box = tuple[float, float, float, float]


def _box(x: float, y: float, wide: float, tall: float) -> _Box:
    """Left, top, right, bottom around a middle."""
    return x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2


def _inside(box: _Box) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= MAP_WIDTH and box[3] <= MAP_HEIGHT


def _meet(one: _Box, other: _Box) -> bool:
    """Whether two boxes lie over each other."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _text(x: float, y: float, words: str, kind: str = "plot-text") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(words)}</text>'


def _svg(width: float, height: float, title: str, drawn: str) -> str:
    return (
        f'<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img"'
        f' aria-label="{escape(title)}">{drawn}</svg>'
    )
