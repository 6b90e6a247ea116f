"""Which pages bench.pages asks for, and what has to be there first: goods, somebody's basket and orders, parcels."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote_plus

from accounts.services import open_session, person_of
from bench.filling import fill
from bench.market import BenchMarket, with_database
from bench.parcels import parcels
from bench.shoppers import FIRST_PHONE, NUMBERS, order_once, shoppers, stock_up
from kit.db import sql
from postal.staff_carrier import CODE as STAFF
from search.forms import asked_of

NUMBER = 900  # our shopper, whose full basket nobody else may order
SHOPPER, SELLER, CLERK = f"+{FIRST_PHONE + NUMBER}", "+84912000001", "+84912000003"  # ours, two of the demo's
ORDERS, LINES, PARCELS = 6, 4, 30
WORDS = ("chè tân cương", "mien viet cuong", "na la hien", "mật ong", "che tan cuog", "ocop 5 sao", "gao nep")
TYPED = ("c", "ch", "che", "che t", "mien", "mat o", "na l")
GOODS = "SELECT code AS it FROM listing WHERE state = 'on_sale' AND NOT is_adult_only ORDER BY id LIMIT 12"
SELLERS = "SELECT slug AS it FROM vendor WHERE state = 'can_sell' ORDER BY id LIMIT 12"
MARKETS = "SELECT slug AS it FROM market ORDER BY id LIMIT 12"
COMMUNES = "SELECT DISTINCT commune_code AS it FROM listing WHERE state = 'on_sale' ORDER BY 1 LIMIT 12"
MANY = (
    "SELECT l.code AS it FROM listing l JOIN vendor v ON v.id = l.vendor_id WHERE v.slug LIKE 'bench-%'"
    " AND l.state = 'on_sale' AND NOT l.is_adult_only ORDER BY l.id"
)


@dataclass(frozen=True)
class Page:
    """A page to measure: for strangers and for our shopper, or only for whom `phone` names.

    `sql` names the floor's queries; "" for a page whose floor asks the database nothing.
    """

    name: str
    paths: tuple[str, ...]
    sql: str = ""
    phone: str = ""


async def public_pages() -> list[Page]:
    """The public pages, by what is on sale and which markets there are."""
    goods, sellers, communes = [await _column(query) for query in (GOODS, SELLERS, COMMUNES)]
    searches, markets = [quote_plus(words) for words in WORDS], await _column(MARKETS)
    return [
        Page("home", ("/",), "home"),
        Page("search page", tuple(f"/search?q={words}" for words in searches)),
        Page("search box", tuple(f"/search/box?q={quote_plus(typed)}" for typed in TYPED)),
        Page("goods", tuple(f"/goods/{code}" for code in goods), "goods"),
        Page("seller", tuple(f"/sellers/{slug}" for slug in sellers)),
        Page("seller's goods", tuple(f"/sellers/{slug}/goods" for slug in sellers)),
        Page("market", tuple(f"/markets/{slug}" for slug in markets)),
        Page("commune", tuple(_communes(communes))),
        Page("sign-in", ("/sign-in",)),
        Page("search JSON", tuple(f"/api/v1/search?q={words}" for words in searches)),
        Page("goods JSON", tuple(f"/api/v1/goods/{code}" for code in goods)),
    ]


def private_pages() -> list[Page]:
    """Pages that one person alone sees, a shopper, a seller or a clerk."""
    return [
        Page("basket", ("/basket",), phone=SHOPPER),
        Page("my orders", ("/orders",), phone=SHOPPER),
        Page("listings, seller's", ("/sell/listings",), phone=SELLER),
        Page("work list, clerk's", ("/post",), phone=CLERK),
    ]


def make_busy(market: BenchMarket) -> None:
    """Gives the shopper a basket and orders that wait for money, and the clerk parcels to be taken over."""
    codes = with_database(market, stock_up)
    [one] = with_database(market, lambda: shoppers(1, first=NUMBER))

    async def shop() -> None:
        line = one.line(market.port)
        for _ in range(ORDERS):
            await order_once(line, f"pages-{next(NUMBERS)}", codes)
        for code in codes[:LINES]:
            await line.act("/basket/lines", {"listing": code, "quantity": 1}, f"pages-{next(NUMBERS)}")
        await line.close()

    asyncio.run(shop())
    with_database(market, lambda: parcels("P", PARCELS, STAFF))


async def many_pages(listings: int) -> list[Page]:
    """So many more listings, and the pages of all of them."""
    await fill(listings)
    return [Page("goods, many", tuple(f"/goods/{code}" for code in await _column(MANY)), "goods")]


async def cookies_of(phone: str) -> str:
    """The cookies of somebody who has just signed in, with whatever else they were asked for."""
    person = await person_of(phone)
    session = await open_session(
        person.id, address="10.0.0.1", browser="bench", now=datetime.now(UTC), by_factor=True
    )
    return f"session={session}; device={secrets.token_urlsafe(16)}"


async def _column(query: str) -> list[str]:
    return [str(row["it"]) for row in await sql(query)]


def _communes(codes: Sequence[str]) -> list[str]:
    """Where communes are shown: the address that is right, so that nobody is sent on."""
    return [asked_of({"commune": code}).address() for code in codes]
