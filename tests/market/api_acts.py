"""Acts of the job by the API that follow a delivery: the contract, ratings, pieces that lack, money at the door."""

from typing import Any

from kit.clock import StoppedClock
from kit.db import transaction
from orders.models import Order
from payments import ledger
from payments.models import Notice
from payments.services import settle
from postal.models import Parcel
from tests.factories import booked_parcel, pay_order, photo_bytes
from tests.orders.heavy import apples
from tests.programs import ADDRESS
from vendors.models import Listing, RatingTakeDown


async def read_the_contract(minh: Any, hoa: Any, thao: Any, order: Any) -> None:
    """Both sides read what was agreed, nobody else."""
    path = f"/orders/{order['code']}/contract"
    for side in (minh, hoa):
        said = await side.read(path)
        assert (said["code"], said["goods_dong"]) == (order["code"], 120_000) and said["terms"]
    assert (await thao.get(f"/api/v1{path}")).status_code == 404


async def rate_the_goods(minh: Any, hoa: Any, son: Any, thao: Any, order: Any, code: str) -> None:
    """Rated once with a photo, answered once, reported and kept, taken down, appealed and shown again."""
    path = f"/orders/{order['code']}"
    [line] = await items(minh, f"{path}/ratings")
    assert line["can_be_rated"]
    photo = await minh.post(f"/api/v1{path}/rating-photos", content=photo_bytes())
    said = {"stars": 5, "words": "Na ngọt, giao nhanh.", "photos": photo.json()["photo"]}
    rating = f"{path}/ratings/{line['line']}"
    assert (await minh.act(rating, {**said, "stars": 6})).status_code == 422
    assert (await minh.act(rating, said)).json()["stars"] == 5
    [shown] = (await thao.read(f"/goods/{code}/ratings"))["items"]
    assert shown["name"].count("*") or "." in shown["name"], "a masked name"
    seller = (await Listing.get(code=code).select_related("vendor")).vendor.slug
    assert (await thao.read(f"/vendors/{seller}/ratings"))["rated"] == 1
    [own] = await items(hoa, "/sell/ratings")
    number = own["id"]
    answered = await hoa.act(f"/sell/ratings/{number}/answer", {"answer": "Cảm ơn bạn đã mua na."})
    assert answered.json()["answer"] == "Cảm ơn bạn đã mua na."
    assert (await hoa.act(f"/sell/ratings/{number}/answer", {"answer": "Lần nữa."})).status_code == 409
    for fault in ("advert", "other"):
        told = await thao.act(f"/ratings/{number}/reports", {"fault": fault, "words": "xem giúp lời này"})
        assert told.status_code == 201, told.text
        if fault == "advert":
            kept = await son.act(
                f"/admin/ratings/{number}/keeping", {"answer": "Lời khen thật, được giữ lại."}
            )
            assert kept.status_code == 200, kept.text
    down = {"fault": "advert", "words": "Có lời quảng cáo cho quầy khác."}
    assert (await son.act(f"/admin/ratings/{number}/take-down", down)).json()["taken_down_at"]
    assert (await thao.read(f"/goods/{code}/ratings"))["items"][0]["words"] == ""
    appeal = await minh.act(f"{rating}/appeal", {"words": "Tôi chỉ khen na ngon, không quảng cáo."})
    assert appeal.status_code == 200, appeal.text
    decision = {"answer": "Xem lại thì không phải quảng cáo.", "is_granted": True}
    assert (await son.act(f"/admin/ratings/{number}/decision", decision)).status_code == 403, (
        "who took it down"
    )
    await RatingTakeDown.all().update(taken_by=999)
    shown_again = await son.act(f"/admin/ratings/{number}/decision", decision)
    assert shown_again.json()["words"] == "Na ngọt, giao nhanh."


async def items(program: Any, path: str) -> Any:
    """The rows of a list."""
    return (await program.read(path))["items"]


async def lack_pieces(hoa: Any, minh: Any, code: str, clock: StoppedClock) -> None:
    """The seller can pack a part and thinks better of it; of another order the buyer takes the part that is there."""
    for choice in ("", "accept"):
        order = await bought(minh, code, 3, clock)
        [line] = (await minh.read(f"/orders/{order.code}"))["lines"]
        sale = f"/sell/orders/{order.code}/shortage"
        assert (await minh.read(f"/orders/{order.code}/shortage"))["state"] == "none"
        wrong = {"packed": f"{line['line']}=4", "reason": "Na chín không đủ"}
        assert (await hoa.act(sale, wrong)).status_code == 422
        told = await hoa.act(sale, {**wrong, "packed": f"{line['line']}=1"})
        assert (told.json()["state"], told.json()["short_dong"]) == ("asked", 120_000), told.text
        if not choice:
            assert (await hoa.act(f"{sale}/withdrawal")).json()["state"] == "withdrawn"
            continue
        said = await minh.act(f"/orders/{order.code}/shortage", {"choice": choice})
        assert (said.json()["state"], said.json()["lines"][0]["packed"]) == ("accepted", 1), said.text


async def weigh_more(hoa: Any, minh: Any, code: str, clock: StoppedClock) -> None:
    """Na by the kilogram weighs more: the buyer reads the most, then what to pay; waived once, paid once."""
    seller = (await Listing.get(code=code).select_related("vendor")).vendor
    goods = await apples(vendor=seller, name="Na bở theo cân", sent_id="na-bo-theo-can")
    for act, state in (("waiver", "waived"), ("money", "paid")):
        line = {"listing": goods.code, "quantity": 1}
        added = (await minh.act("/basket/lines", line)).json()["items"]
        assert [one["more_most_dong"] for one in added] == [12_000]
        order = await bought(minh, goods.code, 0, clock)
        path, sale = f"/orders/{order.code}/difference", f"/sell/orders/{order.code}"
        none = await minh.read(path)
        assert (none["state"], none["most_dong"]) == ("none", 12_000)
        assert (await hoa.act(f"{sale}/difference/{act}")).status_code == 409
        [weighed] = (await minh.read(f"/orders/{order.code}"))["lines"]
        packed = await hoa.act(f"{sale}/packing", {"weights": f"{weighed['line']}=2150"})
        assert packed.json()["state"] == "paid", packed.text
        asked = await minh.read(path)
        assert (asked["state"], asked["payment"]["amount_dong"]) == ("asked", 9_000)
        assert [one["gate"] for one in await items(minh, f"/orders/{order.code}/ways")]
        done = (await hoa.act(f"{sale}/difference/{act}")).json()
        assert (done["state"], done["payment"]) == (state, None)


async def bought(minh: Any, code: str, quantity: int, clock: StoppedClock) -> Order:
    """An order of these goods, paid by transfer; of 0 pieces: of what lies in the basket."""
    if quantity:
        line = {"listing": code, "quantity": quantity}
        assert (await minh.act("/basket/lines", line)).status_code == 201
    review = await minh.read("/checkout", commune_code=ADDRESS["commune_code"])
    [number] = (await minh.act("/orders", {**ADDRESS, "seen": review["seen"]})).json()["codes"]
    order = await Order.get(code=number)
    await pay_order(order, 90_000 + order.id, now=clock.now())
    return order


async def take_money_at_the_door(hoa: Any, minh: Any) -> None:
    """The seller offers it, and sees what was collected; others have no such page."""
    assert await hoa.read("/door-offer") == {"is_on": False}
    assert (await hoa.act("/door-offer", {"is_on": "perhaps"})).status_code == 422
    assert (await hoa.act("/door-offer", {"is_on": True})).json() == {"is_on": True}
    assert await items(hoa, "/collections") == []
    assert (await minh.get("/api/v1/collections")).status_code == 403


async def compare_and_correct(hoa: Any, minh: Any, thao: Any, order: Any) -> None:
    """A seller compares carriers' prices; a clerk sets right what was told of a parcel, once and with a reason."""
    asked = {"commune_code": ADDRESS["commune_code"], "weight_g": 1200}
    prices = (await hoa.read("/sell/post/prices", **asked))["items"]
    assert "staff" in [one["carrier"] for one in prices]
    assert [one["price_dong"] for one in prices] == sorted(one["price_dong"] for one in prices)
    for wrong in ({**asked, "weight_g": 0}, {"weight_g": 1200}, {**asked, "commune_code": "x"}):
        assert (await hoa.get("/api/v1/sell/post/prices", params=wrong)).status_code == 422
    assert (await minh.get("/api/v1/sell/post/prices", params=asked)).status_code == 403
    parcel = (await minh.read(f"/orders/{order['code']}"))["parcel_code"]
    path = f"/post/parcels/{parcel}/corrections"
    said = {
        "state": "at_delivery_office",
        "words": "Nhầm gói, đã gọi người nhận",
        "event_key": "correction-01",
    }
    assert (await minh.act(path, said)).status_code == 403
    assert (await thao.act(path, {**said, "words": ""})).status_code == 422
    for _ in range(2):
        assert (await thao.act(path, said)).json() == {"code": parcel, "state": "at_delivery_office"}
    back = {**said, "state": "delivered", "words": "Đúng là đã giao", "event_key": "correction-02"}
    assert (await thao.act(path, back)).json()["state"] == "delivered"
    assert (await thao.act(path, {**back, "event_key": "correction-03"})).status_code == 409


async def take_cash_to_the_bank(minh: Any, thao: Any, son: Any, clock: StoppedClock) -> None:
    """Cash of the box is taken to the bank with its slip; another explains what the bank told otherwise."""
    async with transaction():
        sides = [(ledger.POST_BOX, 90_000), (ledger.post_cash(7), -90_000)]
        await ledger.post("door_counted", "debrief:api", sides, at=clock.now())
    assert (await thao.read("/post/box"))["in_box_dong"] == 90_000
    assert (await thao.act("/post/box/pay-ins", {"amount": 90_001})).status_code == 422
    assert (await minh.act("/post/box/pay-ins", {"amount": 9_000})).status_code == 403
    made = (await thao.act("/post/box/pay-ins", {"amount": 50_000})).json()
    photo = (await thao.post("/api/v1/post/box/slip-photos", content=photo_bytes())).json()["photo"]
    path, slip = f"/post/box/pay-ins/{made['code']}", {"slip_number": "GNT-2026", "photo": photo}
    assert (await son.act(f"{path}/slip", slip)).status_code == 403
    assert (await thao.act(f"{path}/slip", {**slip, "photo": f"slip/{'x' * 43}"})).status_code == 422
    assert (await thao.act(f"{path}/slip", slip)).json()["state"] == "paid_in"
    notice = await Notice.create(
        source="sepay", event_key="cash-api", body="{}", is_incoming=True, amount_dong=49_000,
        account_number="0011001234567", content=made["code"], received_at=clock.now(), happened_at=clock.now(),
    )  # fmt: skip
    async with transaction():
        await settle(notice.id, now=clock.now())
    [told] = await items(thao, "/post/box/pay-ins")
    assert (told["state"], told["lacking_dong"]) == ("differs", 1_000)
    why = {"why": "fee", "words": "Phí nộp tiền mặt"}
    assert (await thao.act(f"{path}/explanation", why)).status_code == 409
    assert (await son.act(f"{path}/explanation", why)).json()["state"] == "explained"
    other = (await thao.act("/post/box/pay-ins", {"amount": 40_000})).json()["code"]
    back = await thao.act(f"/post/box/pay-ins/{other}/cancellation", {"words": "Ngân hàng nghỉ"})
    assert back.json()["state"] == "cancelled"


async def be_compensated(hoa: Any, thao: Any, order: Any) -> None:
    """A parcel that a carrier lost is claimed for, agreed to and paid; only clerks may."""
    lost = (await booked_parcel("order:lost-api", now=(await Order.get(code=order["code"])).placed_at)).code
    await Parcel.filter(code=lost).update(
        carrier="ghn", state="lost", vendor_id=(await Order.get(code=order["code"])).vendor_id
    )
    path = f"/post/parcels/{lost}/claim"
    assert (await hoa.act(path, {"dong": 50_000})).status_code == 403
    assert (await thao.act(path, {"dong": 0})).status_code == 422
    assert (await thao.act(path, {"dong": 50_000, "words": "Công văn 12"})).json()["state"] == "opened"
    assert (await thao.act(path, {"dong": 50_000})).status_code == 409
    agreed = {"answer": "answered", "dong": 40_000, "words": "Đồng ý một phần"}
    assert (await thao.act(f"{path}/answer", agreed)).json()["agreed_dong"] == 40_000
    paid = await thao.act(f"{path}/payment", {"dong": 40_000, "to": "market"})
    assert (paid.json()["state"], paid.json()["due"]) == ("paid", None)
    assert [one["parcel"] for one in await items(thao, "/post/claims")] == [lost]
