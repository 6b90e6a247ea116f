"""What is left of a person in every table of the filled demo: all of it in their copy, none of it after erasing."""

import json
from collections.abc import Iterable

import pytest

from accounts.models import Person, RequestKind
from accounts.services.requests import ask
from kit.clock import StoppedClock
from kit.db import sql
from kit.sealed import seal_keys
from kit.settings import Settings
from market.copies import tables_of
from market.demo.people import BY_KEY
from market.erasing import erase

pytestmark = pytest.mark.usefixtures("demo")
_COLUMNS = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type IN ('character varying', 'text', 'jsonb', 'json')
    ORDER BY 1, 2
"""
_CODES = "SELECT code FROM customer_order WHERE person_id = $1"
Place = tuple[str, str]


async def places_of(words: Iterable[str]) -> set[Place]:
    """The (table, column)s of the whole database that hold one of these words."""
    wanted, found = list(words), set[Place]()
    for row in await sql(_COLUMNS, []):
        table, column = str(row["table_name"]), str(row["column_name"])
        holds = " OR ".join(f'"{column}"::text ILIKE ${number + 1}' for number in range(len(wanted)))
        patterns = [f"%{word}%" for word in wanted]
        if await sql(f'SELECT 1 FROM "{table}" WHERE {holds} LIMIT 1', patterns):
            found.add((table, column))
    return found


SHOWN_ON_EVERY_BILL = "a seller's name and phone, as orders and parcels of the law's term must say them"
KEPT: dict[Place, str] = {
    (
        "text_message",
        "phone",
    ): "the message that the data is erased; forgotten with all messages after their days",
    ("vendor", "name"): SHOWN_ON_EVERY_BILL,
    ("vendor", "phone"): SHOWN_ON_EVERY_BILL,
    ("customer_order", "vendor_name"): SHOWN_ON_EVERY_BILL,
    ("parcel", "sender_name"): SHOWN_ON_EVERY_BILL,
    ("parcel", "sender_phone"): SHOWN_ON_EVERY_BILL,
    ("person_notice", "title"): "what buyers were told, with the seller's trading name",
    ("person_notice", "words"): "what buyers were told, with the seller's trading name",
}
OF_SELLERS = {place for place, why in KEPT.items() if place != ("text_message", "phone")}


@pytest.mark.parametrize("who", sorted(BY_KEY))
async def test_nothing_of_an_erased_person_is_left(who: str, clock: StoppedClock, settings: Settings) -> None:
    """Every text of every table is looked through for the name and the phone, in each way it is written."""
    person = await Person.get(phone=BY_KEY[who].phone)
    words = [person.phone, person.phone.replace("+84", "0"), person.phone.removeprefix("+84"), person.name]
    before = await places_of(words)
    assert ("person", "phone") in before, "the search itself finds somebody"
    copy = json.dumps(await tables_of(person.id, keys=seal_keys(settings)), ensure_ascii=False, default=str)
    assert person.phone in copy and person.name in copy
    request_id = await ask(person.id, RequestKind.ERASE, now=clock.now())
    assert await erase(request_id, now=clock.now())
    left = await places_of(words)
    assert left <= set(KEPT), f"still there: {sorted(left - set(KEPT))}"
    if who != "hien":
        assert not left & OF_SELLERS, f"{who} sells nothing: {sorted(left & OF_SELLERS)}"


async def test_a_copy_holds_every_row_about_an_order(settings: Settings) -> None:
    """A shopper's copy names each of their orders in the orders', the payments' and the post's part."""
    minh = await Person.get(phone=BY_KEY["minh"].phone)
    tables = await tables_of(minh.id, keys=seal_keys(settings))
    codes = [str(row["code"]) for row in await sql(_CODES, [minh.id])]
    assert len(codes) > 3
    for part in ("orders", "payments"):
        said = json.dumps({name: rows for name, rows in tables.items() if name.startswith(part)}, default=str)
        assert [code for code in codes if code not in said] == [], part
