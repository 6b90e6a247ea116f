"""Markets and certificates as administrators (and the demo market) enter them."""

from datetime import date

from accounts.services import record
from kit.codes import new_code
from kit.db import transaction
from kit.outbox import later
from kit.text import slug
from kit.units import Unit
from vendors.models import Certificate, Market
from vendors.ocop import era_of


async def open_market(
    name: str, commune: Unit, *, by: int | None, line: str = "", about: str = "", schedule: str = ""
) -> Market:
    """The market with this name's slug, made now if there is none."""
    async with transaction():
        market, is_new = await Market.get_or_create(
            slug=slug(name, 80),
            defaults={
                "name": name,
                "commune_code": commune.code,
                "commune": commune.name,
                "line": line,
                "about": about,
                "schedule": schedule,
            },
        )
        if is_new:
            await record(by, "market_opened", "market", market.id)
    return market


async def certify(
    listing_id: int,
    *,
    stars: int,
    decision_no: str,
    decided_on: date | None,
    valid_to: date | None,
    issuer_level: str = "",
    by: int | None,
) -> Certificate:
    """Notes an OCOP certificate of 3 to 5 stars; without both dates it is kept but gives no stars."""
    async with transaction():
        certificate = await Certificate.create(
            code=new_code("S"),
            listing_id=listing_id,
            criteria=era_of(decided_on).criteria if decided_on else "",
            stars=stars,
            decision_no=decision_no,
            decided_on=decided_on,
            valid_to=valid_to,
            issuer_level=issuer_level,
        )
        await record(by, "listing_certified", "listing", listing_id, stars=stars, decision_no=decision_no)
        await later("index_listing", listing_id)
    return certificate
