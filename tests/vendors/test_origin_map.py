"""The map of where goods come from: true to scale, honest about what it does not know, and cached."""

import re
import xml.etree.ElementTree as ElementTree
from math import hypot, pi, sqrt
from typing import Any

import pytest

from kit.points import around, offset_km, points
from tests.factories import LA_HIEN, TAN_CUONG
from vendors.origin_map import HEIGHT, KM_ACROSS, WIDTH, neighbours, origin_map


def test_every_commune_in_force_has_a_point_in_vietnam() -> None:
    assert len(points()) == 3321
    for one in points().values():
        assert 8 <= one.latitude <= 24 and 102 <= one.longitude <= 115, one


def test_distances_are_those_on_the_ground() -> None:
    """Bắc Kạn lies some 58 km north of Thái Nguyên's centre."""
    east, south = offset_km(points()["05443"], points()["01843"])
    assert abs(hypot(east, south) - 57.5) < 2 and south < 0
    near = around(points()[LA_HIEN], km=20)
    assert near[0].name in neighbours(LA_HIEN) and all(one.code != LA_HIEN for one in near)


def test_the_origin_stands_in_the_middle_as_large_as_its_area() -> None:
    drawn = origin_map(LA_HIEN)
    assert drawn is not None and drawn is origin_map(LA_HIEN), "drawn once"
    tree = ElementTree.fromstring(drawn)
    names = [text.text for text in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert names[0] == "La Hiên" and "10 km" in names and 3 <= len(names) <= 9
    radius = sqrt(points()[LA_HIEN].area_km2 / pi) * WIDTH / KM_ACROSS
    assert f'cx="{WIDTH / 2:.1f}" cy="{HEIGHT / 2:.1f}" r="{radius:.1f}"' in drawn
    bar = re.search(r"v5h([0-9.]+)v-5", drawn)
    assert bar is not None and abs(float(bar[1]) - 10 * WIDTH / KM_ACROSS) < 0.1


@pytest.mark.parametrize("code", sorted(points())[::97])
def test_any_commune_gives_a_drawing_that_reads_as_xml(code: str) -> None:
    drawn = origin_map(code)
    assert drawn is not None
    ElementTree.fromstring(drawn)


async def test_the_map_has_an_address_of_its_own(client: Any, db: None) -> None:
    answer = await client.get(f"/places/{TAN_CUONG}/map.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cache-control"] == "public, max-age=86400"
    for unknown in ("00000", "x", "05503'"):
        assert (await client.get(f"/places/{unknown}/map.svg")).status_code == 404
