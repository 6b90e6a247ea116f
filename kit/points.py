"""Where the communes in force lie: a point and an area for each, from a file; distances between them."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from math import cos, hypot, radians
from pathlib import Path

POINTS_CSV = Path(__file__).resolve().parent / "data" / "commune_points.csv"
VIETNAM_NORTH_SOUTH, VIETNAM_WEST_EAST = (8.0, 24.0), (102.0, 110.5)
KM_A_DEGREE_NORTH, KM_A_DEGREE_EAST = 110.574, 111.320  # WGS 84, the second at the equator


@dataclass(frozen=True)
class Point:
    """A commune's point in degrees and its area; `name` is without its type."""

    code: str
    province_code: str
    name: str
    latitude: float
    longitude: float
    area_km2: float


def in_vietnam(latitude: float, longitude: float) -> bool:
    """Whether a point in degrees lies within the country's outermost bounds."""
    (south, north), (west, east) = VIETNAM_NORTH_SOUTH, VIETNAM_WEST_EAST
    return south <= latitude <= north and west <= longitude <= east


@lru_cache(maxsize=1)
def points() -> dict[str, Point]:
    """All communes in force by code."""
    with POINTS_CSV.open(encoding="utf-8", newline="") as file:
        return {row["code"]: _point(row) for row in csv.DictReader(file)}


def offset_km(origin: Point, other: Point) -> tuple[float, float]:
    """How far east and south of `origin` another point lies; good to a per cent within a province."""
    east = (other.longitude - origin.longitude) * KM_A_DEGREE_EAST * cos(radians(origin.latitude))
    return east, (origin.latitude - other.latitude) * KM_A_DEGREE_NORTH


def around(origin: Point, *, km: float) -> list[Point]:
    """The other communes within so many kilometres, the nearest first."""
    north = km / KM_A_DEGREE_NORTH
    strip = (one for one in points().values() if abs(one.latitude - origin.latitude) <= north)
    near = [(hypot(*offset_km(origin, one)), one.code, one) for one in strip if one.code != origin.code]
    return [one for _, _, one in sorted(pair for pair in near if pair[0] <= km)]


def _point(row: dict[str, str]) -> Point:
    return Point(
        row["code"],
        row["province_code"],
        row["name"],
        float(row["latitude"]),
        float(row["longitude"]),
        float(row["area_km2"]),
    )
