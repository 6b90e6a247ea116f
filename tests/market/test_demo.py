"""The demo market: loaded once, in every state, with books and stock that are right, and no stars that lapsed."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from kit.clock import StoppedClock
from kit.db import sql
from kit.outbox import dead_letters, due_jobs
from kit.parts import Parts
from kit.roles import Role
from kit.settings import ROOT, Settings
from kit.units import NEW, unit_rows
from market.demo import banner
from market.demo.load import load_demo
from market.demo.people import PEOPLE
from market.demo.stories import placed_at
from market.demo.tales import MINUTES, TALES
from orders.states import OrderState
from payments.services import assert_balanced
from postal.states import ParcelState
from search.engine import Engine, Query
from vendors.kinds import BY_CODE

TABLES = (
    "person",
    "role_grant",
    "vendor",
    "receiving_account",
    "market",
    "stall",
    "listing",
    "certificate",
    "stock_move",
    "customer_order",
    "order_line",
    "payment",
    "notice",
    "ledger_entry",
    "parcel",
    "parcel_event",
    "postal_point",
    "outbox_job",
)


async def counts() -> dict[str, int]:
    """Rows by table."""
    return {table: int(str((await sql(f"SELECT count(*) AS n FROM {table}"))[0]["n"])) for table in TABLES}


async def tally(table: str, column: str) -> Counter[str]:
    """How many rows stand at which value."""
    rows = await sql(f"SELECT {column} AS v, count(*) AS n FROM {table} GROUP BY 1")
    return Counter({str(row["v"]): int(str(row["n"])) for row in rows})


@pytest.mark.usefixtures("demo")
async def test_loading_again_doubles_nothing(settings: Settings, clock: StoppedClock) -> None:
    """Somebody sells here already."""
    before = await counts()
    assert min(before.values()) > 0
    clock.forward(days=1)
    assert not await load_demo(settings, now=clock.now())
    assert await counts() == before


@pytest.mark.usefixtures("demo")
async def test_orders_and_parcels_stand_in_every_state_and_the_books_balance() -> None:
    """Whoever looks finds an example, and no đồng is missing."""
    assert set(await tally("customer_order", "state")) == set(OrderState)
    parcels = set(await tally("parcel", "state"))
    assert parcels >= set(ParcelState) - {ParcelState.CREATED, ParcelState.DAMAGED, ParcelState.CANCELLED}
    assert set(await tally("notice", "verdict")) == {
        "matched",
        "partial",
        "over",
        "late",
        "none",
        "pay_in",
    }
    await assert_balanced()


@pytest.mark.usefixtures("demo")
async def test_no_piece_of_stock_is_lost(written: dict[str, Any]) -> None:
    """On the shelf, reserved and sold make up what was put there; what sold was paid or is on its way to be."""
    extra = await sql("SELECT sum(stock) AS n FROM listing WHERE state <> 'on_sale'")
    sums = (await sql("SELECT sum(stock + reserved + sold) AS all, sum(sold) AS sold FROM listing"))[0]
    put_there = sum(one["stock"] for one in written["goods"]) + int(str(extra[0]["n"]))
    assert int(str(sums["all"])) == put_there
    paid = await sql(
        "SELECT sum(l.quantity) AS n FROM order_line l JOIN customer_order o ON o.id = l.order_id"
        " WHERE o.paid_at IS NOT NULL OR (o.pays_on_delivery AND o.state = 'posted')"
    )
    assert sums["sold"] == paid[0]["n"]


@pytest.mark.usefixtures("demo")
async def test_no_job_is_left_and_none_died() -> None:
    """The worker that starts next has nothing to do but to ask the pretend carriers, who run beside it."""
    assert [job.name for job in await due_jobs()] == ["submit_parcel"] * 2
    assert not await dead_letters()


@pytest.mark.usefixtures("demo")
async def test_only_certificates_valid_today_give_stars(parts: Parts, written: dict[str, Any]) -> None:
    """Lapsed ones and those of unknown date are kept without stars; na La Hiên has none at all."""
    hits = await parts[Engine].search(Query(limit=100))
    starred = {doc.name for doc in hits.docs if doc.stars}
    assert len(hits.docs) == 63
    assert starred == {
        "Chè Đinh Tân Cương",
        "Du lịch văn hóa dân tộc Tày bản làng Thái Hải",
        "Trà tôm nõn hương quê",
    }
    certified = {one["name"] for one in written["goods"] if one["stars"]}
    assert len(certified) == 44 and (await counts())["certificate"] == 44
    assert "Miến Việt Cường" in certified and "Na La Hiên" not in certified


@pytest.mark.usefixtures("demo")
async def test_everything_is_marked_as_demo_and_no_account_can_take_real_money() -> None:
    """Account numbers that no bank gives out."""
    assert set(await tally("vendor", "is_demo")) == {"True"}
    assert set(await tally("listing", "is_demo")) == {"True"}
    wrong = await sql("SELECT id FROM receiving_account WHERE number NOT LIKE 'DEMO%'")
    assert not wrong


@pytest.mark.usefixtures("demo")
async def test_alcohol_is_for_grown_ups(written: dict[str, Any]) -> None:
    """All of it, and nothing else."""
    rows = await sql("SELECT name FROM listing WHERE is_adult_only")
    assert {row["name"] for row in rows} == {one["name"] for one in written["goods"] if one["kind"] == "wine"}


@pytest.mark.usefixtures("demo")
async def test_everybody_holds_their_role() -> None:
    """By phone: one of each role, and the seller over her own stall."""
    rows = await sql(
        "SELECT p.phone, g.role, g.scope FROM role_grant g JOIN person p ON p.id = g.person_id"
        " WHERE p.phone LIKE '+8491200000_'"
    )
    held = {(str(row["phone"])[-1], str(row["role"])) for row in rows}
    assert held == {
        ("1", Role.VENDOR),
        ("3", Role.CLERK),
        ("4", Role.ADMIN),
        ("5", Role.CARRIER),
        ("6", Role.TEAM),
        ("7", Role.BOARD),
    }


@pytest.mark.usefixtures("demo")
async def test_each_of_the_four_finds_something_on_their_first_page(browser: Any, sign_in_as: Any) -> None:
    """The page the banner names answers and is not empty."""
    for person in PEOPLE:
        if person.is_shown:
            async with browser() as client:
                await sign_in_as(client, person.phone)
                page = await client.get(person.start)
            assert page.status_code == 200, person
            assert 'class="empty"' not in page.text, person


@pytest.mark.parametrize("hour", [0, 5, 12, 17, 23])
def test_every_step_of_a_tale_lies_before_now(hour: int) -> None:
    """Whatever the hour at which somebody starts the demo; and steps follow one another."""
    now = datetime.fromisoformat(f"2026-11-22T{hour:02}:30:00+00:00")
    for tale in TALES:
        minutes = [MINUTES[step] for step in tale.steps]
        assert minutes == sorted(minutes), tale
        last = (now - placed_at(tale, now)).total_seconds() / 60
        assert last > max(minutes, default=0), tale


def test_goods_are_written_in_the_markets_own_words(written: dict[str, Any]) -> None:
    """63 goods of 42 producers: kinds and drawings that exist, communes in force, sums and weights above zero."""
    goods, producers = written["goods"], written["producers"]
    assert len(goods) == len({one["code"] for one in goods}) == 63
    assert len(producers) == len({one["name"] for one in producers}) == 42
    assert {one["producer"] for one in goods} == {one["name"] for one in producers}
    in_force = {row["code"] for row in unit_rows() if row["version"] == NEW and row["parent_code"] == "19"}
    for one in goods:
        assert one["kind"] in BY_CODE and one["commune_code"] in in_force, one["code"]
        assert (ROOT / "static/img/goods" / f"{one['art']}.svg").exists(), one["code"]
        assert one["price_dong"] > 0 and 0 < one["weight_g"] < 30_000 and one["stock"] > 0, one["code"]
        assert 20 <= len(one["about"]) <= 300 and "chữa" not in one["about"].replace(
            "không thay thuốc chữa", ""
        ), one["code"]


def test_the_banner_says_where_and_who() -> None:
    """Address, the four phones, where codes appear, the pretend bank; nobody's phone in production."""
    settings = replace(Settings(), base_url="http://127.0.0.1:8123")
    said = banner(settings, seconds=5.04)
    for words in ("http://127.0.0.1:8123 ", "5.0 s", "Cô Hiền", "/twins/texts", "/twins/bank"):
        assert words in said
    assert said.replace("\u00a0", " ").count("0912 000 00") == 4
    quiet = banner(replace(settings, mode="production"), seconds=1)
    assert "0912" not in quiet and "http://127.0.0.1:8123" in quiet


@pytest.mark.usefixtures("demo")
async def test_the_province_sees_what_people_looked_for_in_vain(browser: Any, sign_in_as: Any) -> None:
    async with browser() as client:
        await sign_in_as(client, "+84912000004")
        page = (await client.get("/admin/searches?only=missed")).text
        assert "trung ga" in page and "che dinh" not in page
        assert "che dinh" in (await client.get("/admin/searches")).text


@pytest.mark.usefixtures("demo")
async def test_fees_differences_and_a_revenue_book_are_there_to_look_at() -> None:
    """A fee paid by QR, one in cash, some open; differences to work off; a book that is near the threshold."""
    fees = await sql("SELECT state, cash_dong > 0 AS in_cash FROM market_fee GROUP BY 1, 2")
    seen = {(str(row["state"]), row["in_cash"]) for row in fees}
    assert seen == {("paid", False), ("paid", True), ("open", False)}
    assert await tally("difference", "kind") == Counter({"differs": 1, "untold": 1, "unlisted": 1})
    assert set(await tally("revenue_entry", "channel")) == {"cash", "online", "floor"}
    assert set(await tally("revenue_entry", "kind")) == {"sale", "returned", "correction"}


@pytest.mark.usefixtures("demo")
async def test_money_at_the_door_is_there_to_look_at() -> None:
    """One parcel with its seller, one on the round, one whose cash waits to be counted, one whose cash was."""
    rows = await sql("SELECT state, money FROM parcel WHERE cod_dong > 0")
    assert sorted((str(row["state"]), str(row["money"])) for row in rows) == [
        ("awaiting_pickup", "expected"),
        ("delivered", "collected"),
        ("delivered", "paid_in"),
        ("out_for_delivery", "expected"),
    ]


@pytest.mark.usefixtures("demo")
async def test_goods_that_lack_weigh_more_or_came_back_wait_for_an_answer() -> None:
    """A buyer chooses, another pays a difference, a seller may sell again; the clerk's cash goes to the bank."""
    assert await tally("shortage", "state") == Counter({"asked": 1})
    assert await tally("weight_difference", "state") == Counter({"asked": 1})
    assert not await sql("SELECT id FROM order_restock")
    assert await tally("pay_in", "state") == Counter({"proved": 1, "explained": 1, "paid_in": 1})
    assert await tally("carrier_claim", "state") == Counter({"answered": 1})
    assert (await sql("SELECT count(*) AS n FROM rating WHERE held_at IS NOT NULL"))[0]["n"] == 1
