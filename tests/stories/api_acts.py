"""Acts of the job by the API that follow a delivery: the contract, ratings, pieces that lack, money at the door."""

from typing import Any

from kit.clock import StoppedClock
from orders.models import Order
from tests.factories import pay_order, photo_bytes
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
