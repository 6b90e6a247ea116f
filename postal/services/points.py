"""Post offices as places where parcels are fetched: entered by clerks and the demo, found by commune."""

from dataclasses import dataclass
from functools import lru_cache

from accounts.services import record
from kit.db import locked, select, transaction
from kit.errors import NotFound
from kit.points import around, points
from kit.units import Unit
from postal.models import PostalPoint

NEAR_KM = 25.0
SHOWN_MAX = 24
# Joined with, not compared with, the list: its plan is made once.
_NEAREST = (
    "JOIN unnest($1::text[]) WITH ORDINALITY AS near (code, place) ON near.code = commune_code"
    " ORDER BY place, name, id LIMIT $2"
)


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
    return [_view(row) for row in await select(PostalPoint, _NEAREST, [list(_near(commune_code)), limit])]


async def point_of(commune_code: str) -> PointView | None:
    """The office of a commune that keeps parcels for people to fetch; None when there is none."""
    keeps = PostalPoint.filter(commune_code=commune_code, keeps_parcels=True)
    row = await keeps.order_by("id").first()
    return _view(row) if row else None


@lru_cache(maxsize=4000)  # every commune in force, some hundred bytes each
def _near(commune_code: str) -> tuple[str, ...]:
    """This commune and those around it, the nearest first: they change with a release only."""
    origin = points().get(commune_code)
    return (commune_code, *(one.code for one in around(origin, km=NEAR_KM))) if origin else (commune_code,)


def _view(row: PostalPoint) -> PointView:
    return PointView(
        row.id, row.name, row.commune_code, row.commune, row.line, row.hours, row.phone, row.keeps_parcels
    )
