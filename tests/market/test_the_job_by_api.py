"""The market's main job by programs alone: a grower, the administrator, a shopper, the bank and the post."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from starlette.types import ASGIApp

from accounts.services import grant
from accounts.sms_gate import recent_texts
from kit.clock import StoppedClock
from kit.parts import Parts
from kit.roles import Role
from kit.settings import Settings
from kit.units import commune
from orders.models import Order
from orders.services import pack_order
from payments.gate import StatementLine
from payments.qr import parse
from payments.services import assert_balanced
from payments.services.notices import SEPAY
from payments.services.reconciling import compare_lines
from postal.delivery_code import delivery_code
from postal.models import Parcel
from tests.conftest import SECRET, Browser
from tests.factories import LA_HIEN, TAN_CUONG, listing, pay_order, photo_bytes, stall, units
from tests.market.api_acts import (
    be_compensated,
    compare_and_correct,
    lack_pieces,
    rate_the_goods,
    read_the_contract,
    take_cash_to_the_bank,
    take_money_at_the_door,
    weigh_more,
)
from tests.market.api_afterwards import (
    decide_about_a_found_parcel,
    end_what_nobody_fetched,
    publish_a_held_rating,
    say_where_one_may_fetch,
    wait_for_a_part,
)
from tests.orders.fetching import market_with_desk, seller_at
from tests.programs import ADDRESS, Contract, signed_notice
from vendors.models import HelpScope, HouseholdSource, Listing, Rating
from vendors.services import Member, NewHousehold, add_household, load_banks
from vendors.services.help.acts import read_identity_for
from vendors.services.help.consents import Place, Wanted, Witness, sign_consent
from vendors.services.webhooks.sending import Outcome, message_tried

Jobs = Callable[[], Awaitable[int]]
HOA, MINH, THAO, SON = "0912000101", "0912000102", "0912000103", "0912000104"
ABOARD = {
    "kind": "grower",
    "name": "Na nhà cô Hoa",
    "contact_name": "Nguyễn Thị Hoa",
    "commune_code": LA_HIEN,
    "line": "Xóm Hiên Bình",
    "place": "home",
    "bin": "970436",
    "account": "0123 456 789",
    "holder": "Nguyễn Thị Hoa",
}
CUSTARD_APPLES = {
    "name": "Na dai La Hiên",
    "kind": "custard_apple",
    "price_dong": 60_000,
    "unit": "kg",
    "stock": 20,
    "commune_code": LA_HIEN,
    "about": "Na hái buổi sáng, gửi trong ngày.",
}
ACCOUNT = "0123456789"


class Program(Browser):
    """A person's program: reads nothing but JSON, and every answer is held against the document."""

    def __init__(self, app: ASGIApp, contract: Contract, phone: str, language: str = "vi") -> None:
        super().__init__(app)
        self.phone = phone
        self.headers["accept-language"] = language
        self.event_hooks["response"].append(contract.hold)
        self._keys = 0

    async def act(self, path: str, sent: Any = None, *, key: str = "", **more: Any) -> httpx2.Response:
        """A POST with an idempotency key, a new one unless told otherwise."""
        self._keys += 1
        headers = {"idempotency-key": key or f"{self.phone}-{self._keys}"}
        return await self.post(f"/api/v1{path}", json=sent, headers=headers, **more)

    async def read(self, path: str, **query: Any) -> Any:
        """What a GET gives."""
        answer = await self.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def contract(app: ASGIApp) -> Contract:
    """The market's own document."""
    async with Browser(app) as reader:
        return Contract((await reader.get("/api/v1/openapi.json")).json())


@pytest.fixture
async def programs(db: None, app: ASGIApp, contract: Contract) -> AsyncIterator[dict[str, Program]]:
    """A program for each person; the administrator's and the clerk's ask for English."""
    await units("19", LA_HIEN, ADDRESS["commune_code"])
    await load_banks()
    async with AsyncExitStack() as stack:
        languages = {HOA: "vi", MINH: "vi", THAO: "en", SON: "en-GB,en;q=0.9"}
        yield {
            phone: await stack.enter_async_context(Program(app, contract, phone, language))
            for phone, language in languages.items()
        }


async def test_the_whole_job_by_api_alone(
    programs: dict[str, Program],
    contract: Contract,
    parts: Parts,
    clock: StoppedClock,
    run_jobs: Jobs,
) -> None:
    """From a stranger's phone number to a delivered parcel, with the mistakes people make on the way."""
    hoa, minh, thao, son = programs[HOA], programs[MINH], programs[THAO], programs[SON]
    await nobody_sells_unasked(hoa)
    for program in programs.values():
        await sign_in(program, parts, run_jobs)
    await grant((await thao.read("/me"))["id"], Role.CLERK)
    await grant((await son.read("/me"))["id"], Role.ADMIN)

    await come_aboard(hoa)
    code = await list_with_photo(hoa, minh)
    await approve(son, hoa, code)
    await run_jobs()
    await find_without_marks(minh, code)
    order = await order_once(minh, thao, code)
    await pay_by_qr(minh, order, parts, clock, run_jobs)
    await deliver(thao, minh, order["code"], run_jobs)
    await compare_and_correct(hoa, minh, thao, order)
    await take_cash_to_the_bank(minh, thao, son, clock)
    await be_compensated(hoa, thao, order)
    await look_at_the_money(hoa, minh, order)
    await read_the_contract(minh, hoa, thao, order)
    await rate_the_goods(minh, hoa, son, thao, order, code)
    await give_money_back(hoa, minh, son, order)
    await change_ones_mind(minh, code)
    await offer_in_sizes(hoa, code)
    await sell_at_the_stall(hoa, minh)
    await keep_the_book(hoa, minh, order)
    await connect_a_key(hoa, son, clock)
    await change_the_account(hoa, parts, clock, run_jobs)
    await be_helped(hoa, thao, clock)
    await mind_ones_own(minh, son, code)
    await claim_what_lacked(minh, hoa, order)
    await be_told(minh)
    await tell_ones_own_software(hoa, clock)
    await lack_pieces(hoa, minh, code, clock)
    await weigh_more(hoa, minh, code, clock)
    await take_money_at_the_door(hoa, minh)
    await fetch_and_travel_together(hoa, minh, son, code, clock, run_jobs)
    await decide_about_a_found_parcel(son, minh, code, clock, run_jobs)
    await publish_a_held_rating(son, (await Rating.all().order_by("id").first()).id, clock)

    assert contract.answered == set(contract.operations), "every operation has answered as the document says"
    await assert_balanced()


async def nobody_sells_unasked(program: Program) -> None:
    """401 in both languages, and a number that gets no texts is named at its field."""
    answer = await program.act("/vendors", ABOARD)
    assert answer.status_code == 401
    assert answer.json()["title"] == "Hãy đăng nhập, hoặc gửi kèm mã truy cập."
    english = await program.get("/api/v1/me", headers={"accept-language": "en"})
    assert (english.status_code, english.headers["content-language"]) == (401, "en")
    assert english.json()["title"] == "Please sign in, or send an access token."
    for phone in ("123", "02083855123", None, ["0912000101"]):
        answer = await program.act("/sign-in/codes", {"phone": phone})
        assert answer.status_code == 422 and list(answer.json()["errors"]) == ["phone"]


async def sign_in(program: Program, parts: Parts, run_jobs: Jobs) -> None:
    """The code comes by text; a wrong one costs a try and says how many are left."""
    asked = await program.act("/sign-in/codes", {"phone": program.phone})
    assert asked.status_code == 202 and asked.json()["good_for_seconds"] == 300
    await run_jobs()
    text = recent_texts(parts[Settings].var_path / "twins")[0]
    assert text.phone == "+84" + program.phone[1:]
    code = "".join(filter(str.isdecimal, text.words.replace("4.0", "")))[:6]
    wrong = await program.act("/sign-in", {"phone": program.phone, "code": f"{(int(code) + 1) % 10**6:06}"})
    assert wrong.status_code == 422 and "4" in wrong.json()["errors"]["code"]
    given = await program.act("/sign-in", {"phone": program.phone, "code": code})
    assert given.status_code == 201 and given.json()["is_new"]
    again = await program.act("/sign-in", {"phone": program.phone, "code": code})
    assert again.status_code == 422, "a code is good once"
    program.headers["authorization"] = f"Bearer {given.json()['token']}"
    assert (await program.read("/me"))["phone"] == text.phone


async def come_aboard(hoa: Program) -> None:
    """Commune and bank are chosen from what the market knows; the account is checked before anything is kept."""
    assert (await hoa.act("/listings", CUSTARD_APPLES)).status_code == 403, "no stall yet"
    [commune] = (await hoa.read("/communes", q="la hien"))["items"]
    assert commune["code"] == LA_HIEN
    assert "970436" in [bank["bin"] for bank in (await hoa.read("/banks"))["items"]]
    short = await hoa.act("/vendors", {**ABOARD, "account": "12345"})
    assert short.status_code == 422
    assert short.json()["errors"] == {"account": "Số tài khoản cần 6 đến 19 chữ số. Bạn vừa nhập 5."}
    made = await hoa.act("/vendors", ABOARD)
    assert (made.status_code, made.json()["state"]) == (201, "can_sell")
    seller = await hoa.read(f"/vendors/{made.json()['slug']}")
    assert (seller["commune"], seller["goods"]) == ("Xã La Hiên", [])


async def list_with_photo(hoa: Program, minh: Program) -> str:
    """Goods with a photo wait for approval, seen by their seller and nobody else."""
    bad = {**CUSTARD_APPLES, "name": "", "price_dong": "sáu chục", "stock": -1}
    refused = await hoa.act("/listings", bad)
    assert refused.status_code == 422 and set(refused.json()["errors"]) == {"name", "price_dong", "stock"}
    assert not await Listing.exists()
    put_up = await hoa.act("/listings", CUSTARD_APPLES)
    assert (put_up.status_code, put_up.json()["state"]) == (201, "submitted")
    code = str(put_up.json()["code"])
    photos = f"/api/v1/listings/{code}/photos"
    assert (await hoa.post(photos, content=b"GIF89a is no photo of ours")).status_code == 422
    hung = await hoa.post(photos, content=photo_bytes(), headers={"content-type": "image/jpeg"})
    assert hung.status_code == 200
    assert (await hoa.get(hung.json()["url"])).headers["content-type"].startswith("image/")
    [own] = (await hoa.read("/sell/listings"))["items"]
    assert (own["code"], own["state"]) == (code, "submitted")
    assert (await minh.get(f"/api/v1/goods/{code}")).status_code == 404
    assert (await minh.get("/api/v1/sell/listings")).status_code == 403
    return code


async def approve(son: Program, hoa: Program, code: str) -> None:
    """Only an administrator, and only what waits."""
    [waiting] = (await son.read("/admin/listings"))["items"]
    assert (waiting["code"], waiting["name"]) == (code, CUSTARD_APPLES["name"])
    assert (await hoa.get("/api/v1/admin/listings")).status_code == 403
    assert (await hoa.act(f"/listings/{code}/approval")).status_code == 403
    unknown = await son.act("/listings/H000000000/approval")
    assert (unknown.status_code, unknown.headers["content-language"]) == (404, "en")
    approved = await son.act(f"/listings/{code}/approval")
    assert approved.json() == {"code": code, "state": "on_sale"}
    assert (await son.read("/admin/listings"))["items"] == []


async def find_without_marks(minh: Program, code: str) -> None:
    """As people type on a phone."""
    for typed in ("na la hien", "na dai", "LA HIÊN"):
        found = await minh.read("/search", q=typed)
        assert [(one["code"], one["commune"]) for one in found["items"]] == [(code, "Xã La Hiên")], typed
    assert (await minh.read("/search", q="mien viet cuong"))["total"] == 0
    goods = await minh.read(f"/goods/{code}")
    assert (goods["price_dong"], goods["stock"], len(goods["photos"])) == (60_000, 20, 1)


async def order_once(minh: Program, thao: Program, code: str) -> Any:
    """Read first, then order; sent twice it is one order, and it is its buyer's alone."""
    for quantity in (21, 1):
        answer = await minh.act("/basket/lines", {"listing": code, "quantity": quantity})
        assert answer.status_code == (422 if quantity == 21 else 201)
    [line] = answer.json()["items"]
    assert (await minh.act(f"/basket/lines/{line['line']}", {"quantity": 100})).status_code == 422
    changed = await minh.act(f"/basket/lines/{line['line']}", {"quantity": 2})
    assert [(one["quantity"], one["sum_dong"]) for one in changed.json()["items"]] == [(2, 120_000)]
    assert (await minh.get("/api/v1/checkout?commune_code=99999")).status_code == 422
    review = await minh.read("/checkout", commune_code=ADDRESS["commune_code"])
    assert review["can_be_ordered"] and review["total_dong"] == 120_000 + review["delivery_dong"]
    sent = {**ADDRESS, "seen": review["seen"]}

    keyless = await minh.post("/api/v1/orders", json=sent)
    assert keyless.status_code == 400 and "Idempotency-Key" in keyless.json()["title"]
    wrong = await minh.act("/orders", {**sent, "phone": "12", "name": ""})
    assert wrong.status_code == 422 and set(wrong.json()["errors"]) == {"phone", "name"}
    assert (await minh.act("/orders", {**sent, "seen": "0" * 32})).status_code == 409
    assert not await Order.exists()

    answers = [await minh.act("/orders", sent, key="order-of-minh-1") for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201] and answers[0].json() == answers[1].json()
    assert await Order.all().count() == 1
    other = await minh.act("/orders", {**sent, "line": "Số 6"}, key="order-of-minh-1")
    assert other.status_code == 422, "a key stands for one request"
    [number] = answers[0].json()["codes"]
    assert (await thao.get(f"/api/v1/orders/{number}")).status_code == 404
    assert (await thao.post(f"/api/v1/orders/{number}/cancellation")).status_code == 404
    assert [one["code"] for one in (await minh.read("/orders"))["items"]] == [number]
    return await minh.read(f"/orders/{number}")


async def pay_by_qr(minh: Program, order: Any, parts: Parts, clock: StoppedClock, run_jobs: Jobs) -> None:
    """The QR names the grower's own account; only a signed notice makes the order paid, and only once."""
    asked = parse(order["payment"]["qr_text"])
    assert (asked.account, asked.amount_dong) == (ACCOUNT, order["total_dong"])
    assert asked.purpose == order["payment"]["content"]
    secret = parts[Settings].sepay_secret

    async def told(secret: str) -> int:
        raw, headers = signed_notice(
            secret,
            number=92704,
            account=asked.account or "",
            amount_dong=asked.amount_dong or 0,
            content=asked.purpose or "",
            at=clock.now(),
        )
        return (await minh.post("/payments/notices/sepay", content=raw, headers=headers)).status_code

    assert await told("somebody else's secret") == 401
    await run_jobs()
    assert (await minh.read(f"/orders/{order['code']}"))["state"] == "placed"
    assert [await told(secret), await told(secret)] == [200, 200]
    await run_jobs()
    paid = await minh.read(f"/orders/{order['code']}")
    assert paid["state"] == "paid" and paid["payment"] is None and paid["parcel_code"]
    payment = await minh.read(f"/payments/{order['payment']['content']}")
    assert (payment["state"], payment["received_dong"], payment["extra_dong"]) == (
        "paid",
        order["total_dong"],
        0,
    )
    late = await minh.post(f"/api/v1/orders/{order['code']}/cancellation")
    assert late.status_code == 409, "what is paid is not taken back"


async def deliver(thao: Program, minh: Program, number: str, run_jobs: Jobs) -> None:
    """Collected, taken out, delivered; the shopper reads each step in words, without anybody's name."""
    [parcel] = (await thao.read("/post/pickups"))["items"]
    acts = f"/post/parcels/{parcel['code']}/acts"
    assert (await minh.get("/api/v1/post/pickups")).status_code == 403
    assert (await minh.act(acts, {"act": "accept", "event_key": "shopper-0001"})).status_code == 403
    early = await thao.act(acts, {"act": "deliver", "event_key": "device-0000"})
    assert early.status_code == 409 and early.headers["content-language"] == "en"
    assert "deliver" in early.json()["title"].lower()
    assert (await thao.act(acts, {"act": "fly", "event_key": "device-0000"})).status_code == 422
    for count, (act, state) in enumerate([("accept", "picked_up"), ("take_out", "out_for_delivery")], 1):
        done = await thao.act(acts, {"act": act, "event_key": f"device-000{count}"})
        assert (done.status_code, done.json()["state"]) == (201, state), done.text
    [listed] = (await thao.read("/post/deliveries"))["items"]
    assert listed["recipient"]["phone"] == ADDRESS["phone"]
    await tell_from_the_door(thao, parcel["code"])
    await run_jobs()
    assert await Parcel.all().count() == 1
    followed = await minh.get(f"/api/v1/parcels/{parcel['code']}")
    assert followed.json()["state"] == "delivered" and "Minh" not in followed.text
    order = await minh.read(f"/orders/{number}")
    assert (order["state"], order["parcel_code"]) == ("delivered", parcel["code"]) and order["delivered_at"]


async def tell_from_the_door(thao: Program, code: str) -> None:
    """The stop of the round, the code that the buyer reads out, a slip in it, and the same act told twice."""
    [stop] = (await thao.read("/post/round"))["items"]
    assert (stop["code"], stop["kind"], stop["latitude"] is not None) == (code, "deliver", True)
    said = {"code": code, "act": "deliver", "sent_id": "door-of-the-story-0001", "received_by": "self"}
    assert (await thao.act("/post/round/acts", {**said, "delivery_code": "123456"})).status_code == 422
    right = delivery_code(code, SECRET)
    for _ in range(2):
        told = await thao.act("/post/round/acts", {**said, "delivery_code": right})
        assert (told.json()["state"], told.json()["doubt"]) == ("delivered", ""), told.text
    assert (await thao.read("/post/troubles"))["items"] == []
    assert isinstance((await thao.read("/post-offices"))["items"], list)
    assert (await thao.read("/post/kept"))["items"] == []


async def fetch_and_travel_together(
    hoa: Program, minh: Program, son: Program, code: str, clock: StoppedClock, run_jobs: Jobs
) -> None:
    """Fetched at the stall and at the market's desk by code; two stalls' goods gathered into one parcel."""
    await units(TAN_CUONG)
    place, goods = await market_with_desk(), await Listing.get(code=code).select_related("vendor")
    await stall(goods.vendor, "B7", place)
    await say_where_one_may_fetch(hoa)
    desk, key = f"/board/markets/{place.slug}/desk", 7_000

    async def bought(ways: str, *codes: str, joint: str = "") -> list[Order]:
        for one in codes:
            assert (await minh.act("/basket/lines", {"listing": one, "quantity": 1})).status_code == 201
        asked = {"commune_code": ADDRESS["commune_code"], "ways": ways, "joint": joint}
        review = await minh.read("/checkout", **asked)
        sent = {**ADDRESS, "seen": review["seen"], "ways": ways, "joint": bool(joint)}
        numbers = (await minh.act("/orders", sent)).json()["codes"]
        orders = [await Order.get(code=one) for one in numbers]
        for number, one in enumerate(orders):
            await pay_order(one, key + one.id * 10 + number, now=clock.now())
        return orders

    for way, path in (("stall", "/sell/fetching"), (f"desk.{place.id}", f"{desk}/fetched")):
        [order] = await bought(f"{goods.vendor_id}={way}", code)
        assert (await hoa.act(f"/sell/orders/{order.code}/packing", {"weights": "1"})).status_code == 422
        packed = (await hoa.act(f"/sell/orders/{order.code}/packing", {})).json()
        assert packed["state"] == ("ready" if way == "stall" else "paid")
        who = hoa if way == "stall" else son
        if way != "stall":
            assert (await son.act(f"{desk}/brought", {"order": "nothing"})).status_code == 422
            assert (await son.act(f"{desk}/brought", {"order": order.code})).json()["state"] == "ready"
        read = await hoa.read("/sell/fetching") if way == "stall" else await son.read(desk)
        assert [one["order"] for one in read["items" if way == "stall" else "waiting"]] == [order.code]
        assert (await minh.read(f"/orders/{order.code}"))["fetch"]["kept_until"]
        assert (await who.act(path, {"code": "123"})).status_code == 422
        shown = f"{order.code}-{delivery_code(order.code, SECRET)}"
        assert (await who.act(path, {"code": shown})).json()["state"] == "delivered"

    other = await listing(await seller_at(place, "B8", name="Mật ong Hà"), "Mật ong hoa rừng")
    orders = await bought("", code, other.code, joint="1")
    await wait_for_a_part(son, place)
    for order in orders:
        await pack_order(order.id, person_id=1, now=clock.now())
        assert (await son.act(f"{desk}/brought", {"order": order.code})).status_code == 200
    [joint] = (await son.read(desk))["joints"]
    assert all(one["is_brought"] for one in joint["parts"])
    path = f"{desk}/joints/{joint['joint']}/packing"
    assert (await son.act(path, {})).json()["state"] == "packed"
    assert (await son.act(path, {})).status_code == 409
    await run_jobs()
    codes = {(await minh.read(f"/orders/{one.code}"))["parcel_code"] for one in orders}
    assert len(codes) == 1 and "" not in codes
    await end_what_nobody_fetched(hoa, minh, goods, clock)


async def look_at_the_money(hoa: Program, minh: Program, order: Any) -> None:
    """The seller reads what came in; nobody else may, and stock is what was sold."""
    money = await hoa.read("/sell/money")
    assert (money["today_dong"], money["today_count"]) == (order["total_dong"], 1)
    assert (await minh.get("/api/v1/sell/money")).status_code == 403
    assert [one["stock"] for one in (await hoa.read("/sell/listings"))["items"]] == [18]


async def give_money_back(hoa: Program, minh: Program, son: Program, order: Any) -> None:
    """The buyer asks for a line, the grower agrees and transfers; then gives a little more by themselves."""
    path, sale = f"/orders/{order['code']}", f"/sell/orders/{order['code']}"
    [line] = (await minh.read(path))["lines"]
    bad = await minh.act(f"{path}/returns", {"what": "lines", "reason": "dập"})
    assert bad.status_code == 422 and list(bad.json()["errors"]) == ["lines"]
    asking = {"what": "lines", "lines": str(line["line"]), "reason": "Na bị dập"}
    asked = await minh.act(f"{path}/returns", asking)
    assert (asked.status_code, asked.json()["asked_dong"]) == (201, 120_000), asked.text
    assert (await minh.act(f"{sale}/answer", {"agrees": "yes"})).status_code == 403
    agreed = await hoa.act(f"{sale}/answer", {"agrees": "yes"})
    [refund] = agreed.json()["refunds"]
    assert (refund["state"], refund["amount_dong"], refund["waits_for_account"]) == (
        "requested",
        120_000,
        True,
    )
    where = {"bin": "970436", "account": "12", "holder": "Trần Văn Minh"}
    wrong = await minh.act(f"{path}/return-account", where)
    assert wrong.status_code == 422 and list(wrong.json()["errors"]) == ["account"]
    told = await minh.act(f"{path}/return-account", {**where, "account": "1029384756"})
    assert told.json()["account_tail"] == "4756" and "1029384756" not in told.text
    assert [one["code"] for one in (await son.read("/admin/refunds"))["items"]] == [refund["code"]]
    done = await hoa.act(f"/sell/refunds/{refund['code']}/confirmation", {"words": "đã chuyển"})
    assert (done.status_code, done.json()["state"], done.json()["is_proved"]) == (200, "succeeded", False)
    too_much = await hoa.act(f"{sale}/refunds", {"what": "sum", "amount_dong": 120_000, "reason": "bù"})
    assert too_much.status_code == 422 and list(too_much.json()["errors"]) == ["amount_dong"]
    given = await hoa.act(f"{sale}/refunds", {"what": "sum", "amount_dong": 1_000, "reason": "bù"})
    assert given.status_code == 201
    assert len((await minh.read(f"{path}/returns"))["refunds"]) == 2
    assert len((await hoa.read("/sell/refunds"))["items"]) == 2
    assert await hoa.read("/sell/payouts") == {"owed_dong": 0, "payouts": []}
    assert (await son.read("/admin/payouts"))["items"] == []


async def change_ones_mind(minh: Program, code: str) -> None:
    """A line taken out, an order taken back: the basket is empty and the goods are there again."""
    [line] = (await minh.act("/basket/lines", {"listing": code})).json()["items"]
    assert (await minh.act(f"/basket/lines/{line['line']}", {"quantity": 0})).json() == {"items": []}
    await minh.act("/basket/lines", {"listing": code, "quantity": 3})
    assert [one["quantity"] for one in (await minh.read("/basket/lines"))["items"]] == [3]
    seen = (await minh.read("/checkout", commune_code=LA_HIEN))["seen"]
    placed = await minh.act("/orders", {**ADDRESS, "commune_code": LA_HIEN, "seen": seen})
    [number] = placed.json()["codes"]
    assert (await minh.read(f"/goods/{code}"))["stock"] == 15
    await try_a_wallet(minh, number)
    taken_back = await minh.post(f"/api/v1/orders/{number}/cancellation")
    assert (taken_back.status_code, taken_back.json()["state"]) == (200, "cancelled")
    assert (await minh.read(f"/goods/{code}"))["stock"] == 18


async def offer_in_sizes(hoa: Program, code: str) -> None:
    """Goods sold as one thing stay one thing; those that began with a named size take others."""
    large = {"name": "giỏ 5 kg", "price_dong": 280_000, "weight_g": 5_400, "stock": 4}
    assert (await hoa.act(f"/listings/{code}/variants", large)).status_code == 409
    put_up = await hoa.act("/listings", {**CUSTARD_APPLES, "name": "Na giỏ", "variant_name": "giỏ 1 kg"})
    sized = put_up.json()["code"]
    assert (await hoa.act(f"/listings/{sized}/variants", {**large, "stock": -1})).status_code == 422
    assert (await hoa.act(f"/listings/{sized}/variants", large)).json()["state"] == "submitted"
    goods = await hoa.read(f"/goods/{sized}")
    assert [(one["name"], one["price_dong"]) for one in goods["variants"]] == [
        ("giỏ 1 kg", 60_000),
        ("giỏ 5 kg", 280_000),
    ]
    assert (goods["price_dong"], goods["price_to_dong"], goods["stock"]) == (60_000, 280_000, 24)
    lot = {"harvested_on": "2026-01-05", "plot": "vườn nhà, xóm Hiên Bình", "quantity": 6}
    assert (await hoa.act(f"/listings/{sized}/lots", lot)).json()["errors"].keys() == {"variant"}
    added = await hoa.act(f"/listings/{code}/lots", lot)
    assert added.status_code == 201
    trace = await hoa.read(added.json()["url"])
    assert (trace["plot"], trace["quantity"], trace["harvested_on"]) == (lot["plot"], 6, "2026-01-05")


async def sell_at_the_stall(hoa: Program, minh: Program) -> None:
    """A code to show, cash noted once however often it is sent, the seller's word, a sale taken back."""
    sale = {"client_key": "scale-000001", "way": "qr", "amount": 35_000}
    shown = (await hoa.act("/till/sales", sale)).json()
    assert parse(shown["qr_text"]).amount_dong == 35_000
    assert (await hoa.act("/till/sales", sale)).json()["id"] == shown["id"]
    assert (await hoa.act("/till/sales", {**sale, "amount": 36_000})).status_code == 409
    assert (await hoa.act("/till/sales", {**sale, "amount": 0})).status_code == 422
    number = shown["id"]
    place = f"/till/sales/{number}"
    assert (await hoa.read(place))["state"] == "waiting"
    assert (await minh.get(f"/api/v1/till/sales/{number}")).status_code == 403
    said = await hoa.act(place + "/confirmation", {"by": "bank"})
    assert (said.json()["state"], said.json()["rest_dong"]) == ("paid", 0)
    assert (await hoa.act(place + "/cancellation")).status_code == 409
    cash = {"client_key": "scale-000002", "way": "cash", "amount": 20_000}
    noted = (await hoa.act("/till/sales", cash)).json()
    taken_back = await hoa.act(f"/till/sales/{noted['id']}/cancellation")
    assert taken_back.json()["state"] == "cancelled"
    till = await hoa.read("/till")
    assert (till["said_dong"], till["cash_dong"], len(till["last"])) == (35_000, 0, 2)
    assert (await hoa.read("/sell/fees"))["items"] == []


async def try_a_wallet(minh: Program, number: str) -> None:
    """The ways that are offered, a try at one of them, and how it stands; the same again is the same try."""
    offered = [one["gate"] for one in (await minh.read(f"/orders/{number}/ways"))["items"]]
    assert offered[:2] == ["momo", "zalopay"]
    for wrong, status in (({}, 422), ({"gate": "gold"}, 404)):
        assert (await minh.act(f"/orders/{number}/attempts", wrong)).status_code == status
    tries = [await minh.act(f"/orders/{number}/attempts", {"gate": "momo"}) for _ in range(2)]
    assert [one.status_code for one in tries] == [201, 201]
    assert tries[0].json()["reference"] == tries[1].json()["reference"] and tries[0].json()["pay_url"]
    [listed] = (await minh.read(f"/orders/{number}/attempts"))["items"]
    assert (listed["state"], listed["received_dong"]) == ("pending", 0)


async def keep_the_book(hoa: Program, minh: Program, order: Any) -> None:
    """The order is in the book by itself; cash and another floor's order are noted, once, and put right."""
    book = await hoa.read("/sell/book", of="day")
    before_dong = book["dong"]
    online = next(one for one in book["channels"] if one["channel"] == "online")
    assert online["dong"] == order["total_dong"] and before_dong >= online["dong"]
    cash = {"client_key": "cash-of-hoa-1", "amount": 90_000, "words": "Na lẻ"}
    for key in ("cash-1", "cash-2"):
        noted = await hoa.act("/sell/book/cash", cash, key=f"book-{key}")
        assert noted.status_code == 201, noted.text
    assert (await hoa.act("/sell/book/cash", {**cash, "amount": 80_000})).status_code == 409
    assert (await hoa.act("/sell/book/cash", {**cash, "amount": "năm"})).status_code == 422
    mended = await hoa.act(
        f"/sell/book/entries/{noted.json()['id']}/corrections", {"right": 60_000, "because": "Thối nhầm"}
    )
    assert [one["amount_dong"] for one in mended.json()["items"]] == [-30_000]
    sale = {"floor": "shopee", "number": "SP1", "amount": 50_000, "day": book["first"]}
    taken = [(await hoa.act("/sell/book/floor-sales", sale)).json() for _ in range(2)]
    assert [(one["new"], one["known"]) for one in taken] == [(1, 0), (0, 1)]
    assert (await hoa.read("/sell/book", of="day"))["dong"] == before_dong + 110_000
    [floor] = (await hoa.read("/sell/book/entries", of="day", channel="floor"))["items"]
    assert (floor["reference"].split(":")[1:], floor["amount_dong"]) == (["shopee", "SP1", "sale"], 50_000)
    assert (await minh.get("/api/v1/sell/book")).status_code == 403
    mend = {"right": 0, "because": "Không phải"}
    other = await minh.act(f"/sell/book/entries/{noted.json()['id']}/corrections", mend)
    assert other.status_code == 403


async def connect_a_key(hoa: Program, son: Program, clock: StoppedClock) -> None:
    """A key is brought, tried, and never shown; what reconciliation found is worked off by an administrator."""
    assert (await hoa.act("/sell/money/keys", {"provider": "casso"})).json()["errors"].keys() == {"secret"}
    made = await hoa.act("/sell/money/keys", {"provider": "casso", "secret": "a-secret-of-casso"})
    assert made.status_code == 201 and "a-secret" not in made.text and made.json()["secret_tail"] == "asso"
    one = f"/sell/money/keys/{made.json()['id']}"
    assert [key["provider"] for key in (await hoa.read("/sell/money/keys"))["items"]] == ["casso"]
    assert (await hoa.act(one + "/test")).status_code == 200
    assert (await hoa.act(one + "/closing")).json() == {"items": []}
    assert (await hoa.act(one + "/closing")).status_code == 404
    line = StatementLine("990001", "", 75_000, True, clock.now(), "0123456789", "khong ro")
    await compare_lines([line], SEPAY, now=clock.now())
    await compare_lines([replace(line, amount_dong=70_000)], SEPAY, now=clock.now())
    [found] = (await son.read("/admin/differences"))["items"]
    assert (found["kind"], found["amount_dong"], found["other_dong"]) == ("differs", 75_000, 70_000)
    assert (await hoa.get("/api/v1/admin/differences")).status_code == 403
    closing = f"/admin/differences/{found['id']}/closing"
    assert (await son.act(closing, {"state": "settled", "note": ""})).status_code == 422
    closed = await son.act(closing, {"state": "explained", "note": "Ngân hàng sửa lại"})
    assert closed.json()["state"] == "explained"
    assert (await son.act(closing, {"state": "settled", "note": "Lần nữa"})).status_code == 409
    assert (await son.read("/admin/differences", state="settled"))["items"][0]["kind"] == "untold"


async def change_the_account(hoa: Program, parts: Parts, clock: StoppedClock, run_jobs: Jobs) -> None:
    """A second account comes with a texted code; choosing it and taking it away are asked for in the same way."""
    assert (await hoa.read("/catalogue", q="che"))["items"]
    assert (await hoa.read("/names"))["items"] == []
    clock.forward(seconds=40)
    second = {"bin": "970415", "account": "110022003300", "holder": "Nguyen Thi Hoa", "makes_default": False}
    asked = await hoa.act("/sell/accounts", second)
    assert asked.status_code == 201 and asked.json()["done_at"] is None
    await run_jobs()
    words = recent_texts(parts[Settings].var_path / "twins")[0].words
    [code] = re.findall(r"\b\d{6}\b", words)
    confirmed = await hoa.act(f"/sell/account-changes/{asked.json()['id']}/confirmation", {"code": code})
    assert confirmed.status_code == 200 and confirmed.json()["done_at"]
    [account] = [one for one in (await hoa.read("/sell/accounts"))["items"] if one["tail"] == "3300"]
    for act in ("default", "removal"):
        clock.forward(seconds=40)
        assert (await hoa.act(f"/sell/accounts/{account['id']}/{act}", {})).status_code == 201


async def be_helped(hoa: Program, thao: Program, clock: StoppedClock) -> None:
    """A member of the team helps under a signed consent; the seller reads what was done and stops it, once."""
    person, member_id = await hoa.read("/me"), (await thao.read("/me"))["id"]
    await grant(member_id, Role.TEAM, LA_HIEN)
    member = Member(member_id, "Chị Thảo", "+84912000103", frozenset({LA_HIEN}))
    place = await commune(LA_HIEN)
    assert place is not None
    now, new = clock.now(), NewHousehold("Hộ cô Hoa", person["phone"], place)
    household = await add_household(new, HouseholdSource.TEAM, by=member_id, now=now)
    wanted, witness = Wanted((HelpScope.IDENTITY,), 7), Witness("Ông Ba", "+84912000199")
    site = Place("http://test", "a secret")
    consent = await sign_consent(household, wanted, witness, "", member=member, now=now, place=site)
    await read_identity_for(household, member=member, now=now)
    [waiting] = (await thao.read("/team/households"))["items"]
    assert waiting["name"] == "Hộ cô Hoa"
    assert (await thao.read("/team/figures"))["items"][0]["households"] == 1
    [act] = (await hoa.read("/helped/acts"))["items"]
    assert (act["person"], act["words"]) == ("0912 *** 103", "Xem nháp hồ sơ người bán")
    assert (await hoa.read("/helped/consents"))["items"][0]["is_living"]
    assert (await thao.act(f"/helped/consents/{consent}/end", {})).status_code == 404
    for _ in range(2):
        ended = await hoa.act(f"/helped/consents/{consent}/end", {})
        assert (ended.status_code, ended.json()["is_living"]) == (200, False)


async def mind_ones_own(minh: Program, son: Program, code: str) -> None:
    """What one agrees to, a copy of one's data, and a report that an administrator finds with its clock."""
    items = (await minh.read("/me/consents"))["items"]
    assert items and not any(one["is_given"] for one in items)
    yes = {"purpose": "statistics", "version": items[-1]["version"], "is_given": True}
    assert (await minh.act("/me/consents", {**yes, "version": 99})).status_code == 409
    given = await minh.act("/me/consents", yes)
    assert [one["purpose"] for one in given.json()["items"] if one["is_given"]] == ["statistics"]
    asked = await minh.act("/me/requests", {"kind": "copy"})
    assert (asked.status_code, asked.json()["days_left"]) == (201, 10)
    assert (await minh.act("/me/requests", {"kind": "erase"})).status_code == 422, (
        "nobody is erased by a slip"
    )
    assert [one["kind"] for one in (await minh.read("/me/requests"))["items"]] == ["copy"]
    reported = await minh.act(f"/goods/{code}/reports", {"reason": "fake", "words": "Không phải na La Hiên"})
    assert reported.status_code == 201
    [row] = (await son.read("/admin/moderation"))["items"]
    assert (row["id"], row["code"], row["hours_left"]) == (reported.json()["id"], code, 72)
    assert (await minh.get("/api/v1/admin/moderation")).status_code == 403


async def claim_what_lacked(minh: Program, hoa: Program, order: Any) -> None:
    """The buyer says what was missing, the seller reads it and does not agree, the buyer lets it be."""
    path = f"/orders/{order['code']}/claim"
    told = {"kind": "missing", "wish": "replace", "words": "Thiếu một cân na so với đơn đã đặt."}
    assert (await hoa.act(path, told)).status_code == 404, "a seller claims nothing"
    made = await minh.act(path, told)
    assert (made.status_code, made.json()["acts"]) == (201, ["withdraw"])
    assert "accept" in (await hoa.read(path))["acts"]
    denied = await hoa.act(f"{path}/deny", {"words": "Đã cân đủ trước mặt bưu tá."})
    assert denied.status_code == 200
    assert (await minh.act(f"{path}/withdraw", {"words": ""})).json()["state"] == "withdrawn"


async def be_told(minh: Program) -> None:
    """What came meanwhile is read; sales by text are switched on; nights are longer."""
    assert any(not one["is_read"] for one in (await minh.read("/me/notices"))["items"])
    assert (await minh.act("/me/notices/read")).json()["read"] > 0
    assert len((await minh.read("/me/notices/choices"))["items"]) == 24
    chosen = {"kind": "order", "channel": "email", "is_on": True}
    assert chosen in (await minh.act("/me/notices/choices", chosen)).json()["items"]
    hours = {"quiet_from": 21, "quiet_to": 6}
    assert (await minh.act("/me/notices/hours", hours)).json()["quiet_from"] == 21
    assert (await minh.act("/me/notices/hours", {"quiet_from": 24})).status_code == 422


async def tell_ones_own_software(hoa: Program, clock: StoppedClock) -> None:
    """An endpoint is added, tested, refused for good, switched on, told again and taken away."""
    made = await hoa.act("/sell/webhooks", {"url": "https://kho.example.vn/tin", "events": "order.paid"})
    assert (made.status_code, made.json()["secret"][:6]) == (201, "whsec_")
    path = f"/sell/webhooks/{made.json()['id']}"
    assert [one["events"] for one in (await hoa.read("/sell/webhooks"))["items"]] == [["order.paid"]]
    assert (await hoa.act("/sell/webhooks", {"url": "https://10.0.0.1/"})).status_code == 422
    assert (await hoa.act(f"{path}/secret")).json()["secret"] != made.json()["secret"]
    assert (await hoa.act(f"{path}/test")).json()["items"][0]["event"] == "webhook.test"
    [message] = (await hoa.read(f"{path}/messages"))["items"]
    await message_tried(message["id"], Outcome(410, "", 1), now=clock.now())
    on = await hoa.act(path, {"label": "Kho", "is_on": True})
    assert (on.json()["label"], on.json()["is_on"]) == ("Kho", True)
    again = await hoa.act(f"{path}/messages/{message['id']}/replay")
    assert again.json()["items"][0]["state"] == "waiting"
    assert (await hoa.act(f"{path}/end")).json() == {"items": []}
