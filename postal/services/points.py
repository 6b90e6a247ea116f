"""Post offices as places where parcels are fetched: entered by clerks and the demo, found by commune."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import NotFound
from kit.points import Point, around, points
from kit.units import Unit
from postal.models import PostalPoint

NEAR_KM = 25.0
SHOWN_MAX = 24


@dataclass(frozen=True)
class PointView:
    """A post office. `hours` are as people say them; `phone` is E.164 or empty."""

    id: int
    name: str
    commune_code: str
    commune: str
    line: str
    hours: str
    phone: str
    keeps_parcels: bool


async def open_point(name: str, commune: Unit, *, line: str = "", hours: str = "", phone: str = "") -> None:
    """Notes a post office that collects and delivers in a commune; one that stands there already is left alone."""
    given = {"commune": commune.name, "line": line, "hours": hours, "phone": phone}
    await PostalPoint.get_or_create(commune_code=commune.code, name=name, defaults=given)


async def change_point(
    point_id: int, *, line: str, hours: str, phone: str, keeps_parcels: bool, person_id: int
) -> None:
    """Changes where a post office is and when it is open. NotFound."""
    async with transaction():
        row = (await locked(PostalPoint, [point_id])).get(point_id)
        if row is None:
            raise NotFound()
        row.line, row.hours, row.phone, row.keeps_parcels = line, hours, phone, keeps_parcels
        await row.save(update_fields=["line", "hours", "phone", "keeps_parcels"])
        await record(person_id, "postal_point_changed", "postal_point", point_id, hours=hours)


async def point(point_id: int) -> PointView:
    """One post office. NotFound."""
    row = await PostalPoint.get_or_none(id=point_id)
    if row is None:
        raise NotFound()
    return _view(row)


async def points_for(commune_code: str = "", *, limit: int = SHOWN_MAX) -> list[PointView]:
    """The offices of a commune and of those within 25 km, the nearest first; without a commune all, by name."""
    if not commune_code:
        return [_view(row) for row in await PostalPoint.all().order_by("name", "id").limit(limit)]
    codes = [commune_code, *_near(points().get(commune_code))]
    rows = await PostalPoint.filter(commune_code__in=codes).limit(limit)
    return sorted(map(_view, rows), key=lambda one: (codes.index(one.commune_code), one.name))


async def point_of(commune_code: str) -> PointView | None:
    """The office of a commune that keeps parcels for people to fetch; None when there is none."""
    keeps = PostalPoint.filter(commune_code=commune_code, keeps_parcels=True)
    row = await keeps.order_by("id").first()
    return _view(row) if row else None


def _near(origin: Point | None) -> Sequence[str]:
    return [one.code for one in around(origin, km=NEAR_KM)] if origin else []


def _view(row: PostalPoint) -> PointView:
    return PointView(
        row.id, row.name, row.commune_code, row.commune, row.line, row.hours, row.phone, row.keeps_parcels
    )
