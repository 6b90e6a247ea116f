"""Acts of the job by the API around fetching: where one may, what nobody fetched, selling again what came back."""

from typing import Any

from kit.clock import StoppedClock
from orders.models import Order
from postal.services import act
from postal.services.correcting import correct
from postal.staff_carrier import Act
from postal.states import ParcelState
from tests.factories import SECRET, carried, pay_order
from tests.market.api_acts import bought
from tests.programs import ADDRESS
from vendors.models import Listing, Market, Rating


async def say_where_one_may_fetch(hoa: Any) -> None:
    """Kinds of places and hours; a stall without hours is refused at its place."""
    where = "/sell/fetching/settings"
    wrong = await hoa.act(where, {"fetch_at": "stall,moon"})
    assert wrong.status_code == 422 and list(wrong.json()["errors"]) == ["fetch_at"]
    unsaid = await hoa.act(where, {"fetch_at": "stall", "hours": ""})
    assert unsaid.status_code == 422 and list(unsaid.json()["errors"]) == ["hours"]
    said = (await hoa.act(where, {"fetch_at": "stall,desk", "hours": "6–11 giờ"})).json()
    assert (said["fetch_at"], said["hours"], len(said["desks"])) == (["stall", "desk"], "6–11 giờ", 1)
    assert await hoa.read(where) == said


async def end_what_nobody_fetched(hoa: Any, minh: Any, goods: Listing, clock: StoppedClock) -> None:
    """Kept until its last day, ended after it, and on sale again."""
    ways = f"{goods.vendor_id}=stall"
    assert (await minh.act("/basket/lines", {"listing": goods.code, "quantity": 1})).status_code == 201
    review = await minh.read("/checkout", commune_code=ADDRESS["commune_code"], ways=ways)
    placed = await minh.act("/orders", {**ADDRESS, "seen": review["seen"], "ways": ways})
    [code] = placed.json()["codes"]
    await pay_order(await Order.get(code=code), 95_001, now=clock.now())
    assert (await hoa.act(f"/sell/orders/{code}/packing", {})).json()["state"] == "ready"
    assert (await hoa.act(f"/sell/orders/{code}/unfetched")).status_code == 409
    assert (await hoa.read(f"/sell/orders/{code}/restock"))["lines"] == []
    clock.forward(days=4)
    assert (await hoa.act(f"/sell/orders/{code}/unfetched")).json()["state"] == "returned"
    [line] = (await hoa.read(f"/sell/orders/{code}/restock"))["lines"]
    assert line["pieces"] == 1 and line["back"] is None
    again = await hoa.act(f"/sell/orders/{code}/restock", {"back": f"{line['line']}=1"})
    assert again.json()["lines"][0]["back"] == 1, again.text
    assert (await hoa.act(f"/sell/orders/{code}/restock", {"as_suggested": True})).status_code == 409


async def wait_for_a_part(son: Any, place: Market) -> None:
    """The desk waits for what has not come yet."""
    desk = f"/board/markets/{place.slug}/desk"
    [joint] = (await son.read(desk))["joints"]
    waits = await son.act(f"{desk}/joints/{joint['joint']}/waiting")
    assert waits.json()["state"] == "gathering", waits.text


async def publish_a_held_rating(son: Any, number: int, clock: StoppedClock) -> None:
    """What waited for a look is shown again."""
    await Rating.filter(id=number).update(held_at=clock.now(), held_for="private")
    assert (await son.act(f"/admin/ratings/{number}/publication")).json()["id"] == number
    assert (await son.act(f"/admin/ratings/{number}/publication")).status_code == 409


async def decide_about_a_found_parcel(
    son: Any, minh: Any, code: str, clock: StoppedClock, run_jobs: Any
) -> None:
    """Lost, then told to be delivered: an administrator has the order follow its parcel, once."""
    order = await bought(minh, code, 1, clock)
    await run_jobs()
    parcel = (await minh.read(f"/orders/{order.code}"))["parcel_code"]
    await carried(parcel, Act.ACCEPT, Act.HAND_OVER, person_id=1, now=clock.now())
    said: dict[str, Any] = {"person_id": 1, "now": clock.now()}
    await act(parcel, Act.LOSE, event_key="lost", note="Rơi mất trên đường.", secret=SECRET, **said)
    await run_jobs()
    await correct(parcel, ParcelState.DELIVERED, words="Bưu cục gọi báo.", event_key="found", **said)
    await run_jobs()
    [told] = (await son.read("/admin/found"))["items"]
    assert (told["order"], told["state"], told["told"]) == (order.code, "lost", "delivered")
    where = f"/admin/found/{order.code}"
    assert (await son.act(where, {"choice": "follow", "words": ""})).status_code == 422
    decided = await son.act(where, {"choice": "follow", "words": "Khách nói đã nhận."})
    assert (decided.json()["state"], decided.json()["follows"]) == ("delivered", True)
    assert (await son.act(where, {"choice": "stay", "words": "Nghĩ lại."})).status_code == 409
