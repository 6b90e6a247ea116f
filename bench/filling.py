"""Puts the goods of bench/goods.py into a market's database, in statements of two thousand rows."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from bench.goods import SELLERS_A_LISTING, Seller, Thing, sellers, things
from kit.db import sql
from kit.text import sort_key
from vendors.kinds import BY_CODE

ROWS = 2_000
STALLS_EVERY = 5
VENDORS = """
    INSERT INTO vendor (slug, kind, name, name_key, contact_name, phone, commune_code, commune, province, line, about,
        state, identity_state, is_demo, created_at)
    SELECT slug, kind, name, name_key, name, '+84900000000', commune_code, commune, province, '', '', 'can_sell',
        'verified', true, now()
    FROM jsonb_to_recordset($1) AS row (slug text, kind text, name text, name_key text, commune_code text,
        commune text, province text)
    ON CONFLICT DO NOTHING
"""
STALLS = """
    INSERT INTO stall (number, market_id, vendor_id, is_claimed, photo_key)
    SELECT 'B' || vendor.id, market.id, vendor.id, false, ''
    FROM vendor JOIN market ON market.id = 1 + vendor.id % (SELECT count(*) FROM market)
    WHERE vendor.slug LIKE 'bench-%' AND vendor.id % $1 = 0
    ON CONFLICT DO NOTHING
"""
LISTINGS = """
    INSERT INTO listing (code, slug, vendor_id, name, kind, price_dong, unit, weight_g, stock, reserved, sold,
        commune_code, commune, province, about, art, is_adult_only, own_code, sent_hash, state, returned_because,
        takes_orders, is_demo, created_at, changed_at)
    SELECT row.code, lower(row.code), vendor.id, row.name, row.kind, row.price_dong, row.unit, 500, row.stock, 0, 0,
        vendor.commune_code, vendor.commune, vendor.province, row.about, row.art, row.adult, '', '', 'on_sale', '',
        true, true, row.made, row.made
    FROM jsonb_to_recordset($1) AS row (code text, slug text, name text, kind text, price_dong bigint, unit text,
        stock int, about text, art text, adult boolean, made timestamptz)
    JOIN vendor ON vendor.slug = row.slug
    ON CONFLICT DO NOTHING
"""
CERTIFICATES = """
    INSERT INTO certificate (code, listing_id, product, stars, decision_no, decided_on, valid_to, valid_because,
        issuer_level, criteria, state, returned_because, document_key, lapse_shown, created_at, changed_at)
    SELECT 'C' || row.code, listing.id, '', row.stars, '1/QĐ', current_date - 30, current_date + 900, '', '', '',
        'confirmed', '', '', false, now(), now()
    FROM jsonb_to_recordset($1) AS row (code text, stars int) JOIN listing ON listing.code = row.code
    WHERE row.stars > 0
    ON CONFLICT DO NOTHING
"""


async def fill(listings: int) -> None:
    """So many listings with their sellers, some of whom have stalls; what is there already is left as it is."""
    now = datetime.now(UTC)
    for some in _batches(map(_seller_row, sellers(max(1, listings // SELLERS_A_LISTING)))):
        await sql(VENDORS, [json.dumps(some)])
    await sql(STALLS, [STALLS_EVERY])
    for rows in _batches(_thing_row(one, now) for one in things(listings)):
        await sql(LISTINGS, [json.dumps(rows)])
        await sql(CERTIFICATES, [json.dumps([{"code": row["code"], "stars": row["stars"]} for row in rows])])
    await sql("ANALYZE")


def _batches(rows: Iterable[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    some: list[dict[str, object]] = []
    for row in rows:
        some.append(row)
        if len(some) == ROWS:
            yield some
            some = []
    if some:
        yield some


def _seller_row(one: Seller) -> dict[str, object]:
    return {
        "slug": _slug(one),
        "kind": one.kind,
        "name": one.name,
        "name_key": sort_key(one.name)[:400],
        "commune_code": one.place.code,
        "commune": one.place.name,
        "province": one.place.province,
    }


def _thing_row(one: Thing, now: datetime) -> dict[str, object]:
    return {
        "code": one.code,
        "slug": _slug(one.seller),
        "name": one.name,
        "kind": one.kind,
        "price_dong": one.price_dong,
        "unit": one.unit,
        "stock": one.stock,
        "stars": one.stars,
        "about": one.about,
        "art": BY_CODE[one.kind].art,
        "adult": BY_CODE[one.kind].adult_only,
        "made": (now - timedelta(days=one.days_old)).isoformat(),
    }


def _slug(seller: Seller) -> str:
    return f"bench-{seller.number}"
