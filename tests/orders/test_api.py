"""The same job by program: basket, review, order, following, taking back."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.services import make_api_token, person_of
from kit.clock import StoppedClock
from orders.models import Order
from tests.conftest import Browser
from tests.factories import LA_HIEN, listing, pay_order
from vendors.models import ListingState

pytestmark = pytest.mark.usefixtures("books")
ADDRESS = {"name": "Nguyễn Thị Hoa", "phone": "0912345678", "line": "Xóm Cây Bòng", "commune_code": LA_HIEN}


@pytest.fixture
async def program(client: Browser, clock: StoppedClock) -> Browser:
    """A program with a person's token."""
    person = await person_of("+84912345678")
    token = await make_api_token(person.id, "tests", now=clock.now())
    client.headers["authorization"] = f"Bearer {token}"
    return client


async def seen_in(program: Browser) -> str:
    """The word of the review."""
    answer = await program.get(f"/api/v1/checkout?commune_code={LA_HIEN}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["seen"])


async def order_once(program: Browser, key: str = "key-12345", **changes: Any) -> Any:
    """Orders what is in the basket."""
    sent = {**ADDRESS, "seen": await seen_in(program), **changes}
    return await program.post("/api/v1/orders", json=sent, headers={"idempotency-key": key})


async def put_in(program: Browser, code: str, key: str = "line-12345", **more: Any) -> Any:
    """Puts goods into the basket."""
    return await program.post(
        "/api/v1/basket/lines", json={"listing": code, **more}, headers={"idempotency-key": key}
    )


async def test_the_whole_job_by_program(program: Browser, clock: StoppedClock) -> None:
    """What to transfer is in the answer and in the order, as text for a QR code and as fields."""
    tea = await listing()
    lines = (await put_in(program, tea.code, quantity=2)).json()["items"]
    assert [(one["listing"], one["quantity"], one["sum_dong"]) for one in lines] == [(tea.code, 2, 440_000)]
    answer = await order_once(program)
    assert answer.status_code == 201
    [code], [placed] = answer.json()["codes"], answer.json()["orders"]
    order = (await program.get(f"/api/v1/orders/{code}")).json()
    assert order["state"] == "placed"
    assert placed == {name: order[name] for name in ("code", "seller", "total_dong", "expires_at", "payment")}
    assert order["payment"]["qr_text"].startswith("000201") and order["payment"]["content"] == code
    assert order["payment"]["amount_dong"] == order["total_dong"]
    assert (await program.get("/api/v1/orders")).json()["items"][0]["code"] == code
    await pay_order(await Order.get(code=code), now=clock.now())
    paid = (await program.get(f"/api/v1/orders/{code}")).json()
    assert paid["state"] == "paid" and paid["payment"] is None and paid["paid_at"]


async def test_the_same_key_orders_once(program: Browser) -> None:
    """Both answers are alike."""
    await put_in(program, (await listing()).code)
    seen = await seen_in(program)
    first, second = [await order_once(program, seen=seen) for _ in range(2)]
    assert first.json() == second.json()
    assert await Order.all().count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"seen": "nonsense"}, "seen"),
        ({"phone": "1"}, "phone"),
        ({"name": None}, "name"),
        ({"name": ["a"]}, "name"),
        ({"commune_code": "99999"}, "commune"),
        ({"commune_code": None}, "commune"),
    ],
)
async def test_bad_input_is_a_problem_at_its_field(
    program: Browser, changes: dict[str, Any], field: str
) -> None:
    """422, problem+json, nothing ordered."""
    await put_in(program, (await listing()).code)
    answer = await order_once(program, **changes)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in answer.json()["errors"]
    assert not await Order.exists()


async def test_a_price_nobody_read_is_a_conflict(program: Browser) -> None:
    """Nothing done; the key may be used again."""
    await put_in(program, (await listing()).code)
    answer = await order_once(program, seen="0" * 32)
    assert answer.status_code == 409
    assert (await order_once(program)).status_code == 201


@pytest.mark.parametrize("commune", ["", "99999", "x" * 50])
async def test_a_review_needs_a_commune_in_force(program: Browser, commune: str) -> None:
    """422 with the field."""
    answer = await program.get(f"/api/v1/checkout?commune_code={commune}")
    assert answer.status_code == 422 and "commune_code" in answer.json()["errors"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [({}, 422), ({"listing": "H000000000"}, 404), ({"listing": "X", "quantity": 100}, 422)],
)
async def test_bad_lines_are_refused(program: Browser, sent: dict[str, Any], status: int) -> None:
    """With a problem, and no line."""
    answer = await program.post("/api/v1/basket/lines", json=sent, headers={"idempotency-key": "line-00001"})
    assert answer.status_code == status


async def test_an_order_is_its_buyers(program: Browser, browser: Callable[[], Browser]) -> None:
    """Others get 404; the buyer takes it back, twice as once."""
    await put_in(program, (await listing()).code)
    [code] = (await order_once(program)).json()["codes"]
    async with browser() as stranger:
        assert (await stranger.get(f"/api/v1/orders/{code}")).status_code == 404
        assert (await stranger.post(f"/api/v1/orders/{code}/cancellation")).status_code == 404
    for _ in range(2):
        answer = await program.post(f"/api/v1/orders/{code}/cancellation")
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")


async def test_a_line_is_changed_and_taken_out(program: Browser) -> None:
    """By its number; the basket comes back; 0 takes it out, once more is fine."""
    [line] = (await put_in(program, (await listing()).code)).json()["items"]
    path = f"/api/v1/basket/lines/{line['line']}"
    changed = await program.post(path, json={"quantity": 4})
    assert changed.status_code == 200
    assert [(one["quantity"], one["sum_dong"]) for one in changed.json()["items"]] == [(4, 880_000)]
    for _ in range(2):
        assert (await program.post(path, json={"quantity": 0})).json() == {"items": []}


@pytest.mark.parametrize("quantity", [None, -1, 100, 11, "many"])
async def test_a_bad_quantity_is_named_at_its_field(program: Browser, quantity: Any) -> None:
    """None, below none, over what one may buy, more than there is, no number."""
    [line] = (await put_in(program, (await listing()).code)).json()["items"]
    answer = await program.post(f"/api/v1/basket/lines/{line['line']}", json={"quantity": quantity})
    assert answer.status_code == 422 and list(answer.json()["errors"]) == ["quantity"]
    assert [one["quantity"] for one in (await program.get("/api/v1/basket/lines")).json()["items"]] == [1]


@pytest.mark.parametrize("number", [1, 10**30])
async def test_a_line_of_nobody_is_not_found(program: Browser, number: int) -> None:
    """Also one with a number that no row has."""
    answer = await program.post(f"/api/v1/basket/lines/{number}", json={"quantity": 1})
    assert answer.status_code == 404
    assert (await program.post("/api/v1/basket/lines/1", json={"quantity": 0})).json() == {"items": []}


async def test_goods_that_are_gone_can_be_taken_out(program: Browser) -> None:
    """Their line says so and blocks the order until then."""
    tea = await listing()
    await put_in(program, tea.code)
    tea.state = ListingState.HIDDEN
    await tea.save(update_fields=["state"])
    [line] = (await program.get("/api/v1/basket/lines")).json()["items"]
    assert (line["listing"], line["sum_dong"]) == ("", 0) and line["note"]
    emptied = await program.post(f"/api/v1/basket/lines/{line['line']}", json={"quantity": 0})
    assert emptied.json() == {"items": []}
