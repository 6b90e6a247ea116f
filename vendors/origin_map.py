"""A small map of where goods come from, drawn as SVG: the commune, its neighbours, a scale, and the province.

There are points and areas of communes but no boundaries (docs/data.md), so a commune is a circle of its own area at
the map's scale, and nothing pretends to be a border.
"""

from collections.abc import Iterator
from functools import lru_cache
from html import escape
from math import pi, sqrt

from kit.points import Point, around, offset_km, points

WIDTH, HEIGHT = 400, 300
KM_ACROSS = 48.0
SCALE_KM = 10
LABELS_MAX = 7
LETTER_PX, LINE_PX = 7.4, 16
SMALL_WIDTH, SMALL_HEIGHT, SMALL_MARGIN = 84, 104, 8
GROUND, LAND, EDGE, INK, MARK = "#f3f1e6", "#dff0e4", "#9db7a6", "#2b3a31", "#b3261e"

Box = tuple[float, float, float, float]


@lru_cache(maxsize=512)
def origin_map(code: str) -> str | None:
    """The map around the commune with this code, north above; None when there is no such commune."""
    origin = points().get(code)
    if origin is None:
        return None
    a_km = WIDTH / KM_ACROSS
    near = around(origin, km=KM_ACROSS)
    circles = "".join(_circle(*_at(origin, one, a_km), _radius(one, a_km), LAND) for one in reversed(near))
    mark = _circle(WIDTH / 2, HEIGHT / 2, _radius(origin, a_km), "#f6d9a8", MARK)
    names = "".join(_labels(origin, near, a_km))
    drawn = f"{circles}{mark}{names}{_scale(a_km)}{_province(origin)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' font-family="system-ui, sans-serif" font-size="13"><rect width="100%" height="100%" fill="{GROUND}"/>'
        f"{drawn}</svg>"
    )


@lru_cache(maxsize=4096)
def neighbours(code: str, *, most: int = 4) -> tuple[str, ...]:
    """The names of the nearest communes, for who cannot see the map; each is looked for once among all."""
    origin = points().get(code)
    return tuple(one.name for one in around(origin, km=KM_ACROSS)[:most]) if origin else ()


def _at(origin: Point, one: Point, a_km: float) -> tuple[float, float]:
    east, south = offset_km(origin, one)
    return WIDTH / 2 + east * a_km, HEIGHT / 2 + south * a_km


def _radius(one: Point, a_km: float) -> float:
    return max(3.0, sqrt(one.area_km2 / pi) * a_km)


def _circle(x: float, y: float, radius: float, fill: str, edge: str = EDGE) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" fill-opacity=".85" stroke="{edge}"/>'


def _labels(origin: Point, near: list[Point], a_km: float) -> Iterator[str]:
    """The origin's name, then those of the nearest that leave each other room."""
    taken: list[Box] = [
        (0, HEIGHT - 34, 110, HEIGHT),
        (WIDTH - SMALL_WIDTH - SMALL_MARGIN * 2, HEIGHT - SMALL_HEIGHT - SMALL_MARGIN * 2, WIDTH, HEIGHT),
    ]
    for one in [origin, *near]:
        x, y = _at(origin, one, a_km)
        half = len(one.name) * LETTER_PX / 2 + 3
        box = (x - half, y - LINE_PX / 2, x + half, y + LINE_PX / 2)
        if one is not origin and (not _inside(box) or any(_meet(box, other) for other in taken)):
            continue
        taken.append(box)
        weight = ' font-weight="700"' if one is origin else ""
        yield (
            f'<text x="{x:.1f}" y="{y + 4.5:.1f}" text-anchor="middle" fill="{INK}"{weight}>{escape(one.name)}</text>'
        )
        if len(taken) == LABELS_MAX + 3:
            return


def _inside(box: Box) -> bool:
    return box[0] >= 2 and box[1] >= 2 and box[2] <= WIDTH - 2 and box[3] <= HEIGHT - 2


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _scale(a_km: float) -> str:
    length, y = SCALE_KM * a_km, HEIGHT - 14
    return (
        f'<rect x="0" y="{HEIGHT - 38}" width="{length + 24:.0f}" height="38" fill="{GROUND}" fill-opacity=".9"/>'
        f'<path d="M10 {y - 5}v5h{length:.1f}v-5" fill="none" stroke="{INK}" stroke-width="1.5"/>'
        f'<text x="{10 + length / 2:.1f}" y="{y - 8}" text-anchor="middle" fill="{INK}">{SCALE_KM} km</text>'
    )


def _province(origin: Point) -> str:
    """All communes of the province in a corner, the origin among them."""
    all_of_it = [one for one in points().values() if one.province_code == origin.province_code]
    offsets = [(one, *offset_km(origin, one)) for one in all_of_it]
    west, east = min(x for _, x, _ in offsets), max(x for _, x, _ in offsets)
    north, south = min(y for *_, y in offsets), max(y for *_, y in offsets)
    inner_width, inner_height = SMALL_WIDTH - 14, SMALL_HEIGHT - 14
    a_km = min(inner_width / max(east - west, 1), inner_height / max(south - north, 1))
    left, top = WIDTH - SMALL_WIDTH - SMALL_MARGIN, HEIGHT - SMALL_HEIGHT - SMALL_MARGIN
    x0 = left + SMALL_WIDTH / 2 - (west + east) / 2 * a_km
    y0 = top + SMALL_HEIGHT / 2 - (north + south) / 2 * a_km
    dots = "".join(
        f'<circle cx="{x0 + x * a_km:.1f}" cy="{y0 + y * a_km:.1f}" r="1.6" fill="{EDGE}"/>'
        for _, x, y in offsets
    )
    return (
        f'<rect x="{left}" y="{top}" width="{SMALL_WIDTH}" height="{SMALL_HEIGHT}" rx="6" fill="#fff" stroke="{EDGE}"/>'
        f'{dots}<circle cx="{x0:.1f}" cy="{y0:.1f}" r="4" fill="{MARK}"/>'
    )
