"""One idempotency key on many connections: the act is done once, the same answer for all; another body is refused."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime

import httpx2
import pytest
from starlette.types import ASGIApp

from accounts.services import make_api_token, person_of
from kit.clock import StoppedClock
from kit.errors import Conflict, Refusal
from kit.models import AdminUnit, Job, KeptAnswer
from kit.web.idempotency import answered_once
from orders.models import BasketLine, Order
from payments.services import assert_balanced
from tests.factories import COMMUNES_OF_ORDERS, HOA, LA_HIEN, listing, units
from vendors.models import Listing

pytestmark = pytest.mark.usefixtures("committed")
TIMES = 12
KEY = {"idempotency-key": "one-key-0001"}


async def outcome(asker: str, body: str, *, fails: bool = False) -> object:
    """What one request gets; the act leaves a row, so that acts can be counted."""

    async def act() -> tuple[int, str]:
        await Job.create(name="done", subject_id=0, due_at=datetime.now(UTC))
        await asyncio.sleep(0.02)
        if fails:
            raise Refusal(asker)  # type: ignore[arg-type]
        return 201, body

    try:
        return await answered_once(asker, "one-key-0001", body, act)
    except (Refusal, Conflict) as no:
        return no.status


async def acts() -> int:
    return await Job.filter(name="done").count()


async def test_the_same_body_is_done_once_and_answered_alike() -> None:
    answers = await asyncio.gather(*(outcome("person:1", "a") for _ in range(TIMES)))
    assert set(answers) == {(201, "a")}
    assert (await acts(), await KeptAnswer.all().count()) == (1, 1)


async def test_of_two_bodies_under_one_key_one_is_done_and_the_other_told_so() -> None:
    answers = await asyncio.gather(*(outcome("person:1", "ab"[n % 2]) for n in range(TIMES)))
    told = Counter(map(str, answers))
    [body] = {one[1] for one in answers if isinstance(one, tuple)}
    assert told == {str((201, body)): TIMES // 2, "422": TIMES // 2}
    assert await acts() == 1


async def test_one_key_of_two_people_is_two_acts() -> None:
    answers = await asyncio.gather(*(outcome(f"person:{n % 2}", "a") for n in range(TIMES)))
    assert set(answers) == {(201, "a")}
    assert await acts() == 2


async def test_a_refused_act_leaves_its_key_free_for_the_next() -> None:
    """Half of them fail: whoever waited for one that failed does it anew."""
    answers = await asyncio.gather(*(outcome("person:1", "a", fails=n % 2 == 0) for n in range(TIMES)))
    done = [one for one in answers if isinstance(one, tuple)]
    assert done and set(done) == {(201, "a")}
    assert (await acts(), await KeptAnswer.all().count()) == (1, 1)


async def test_an_order_sent_on_twelve_connections_is_one_order(app: ASGIApp, clock: StoppedClock) -> None:
    """The basket too: five pieces put in under one key are five, not sixty."""
    had = set(await AdminUnit.all().values_list("id", flat=True))
    await units(*COMMUNES_OF_ORDERS)
    tea = await listing(stock=50)
    token = await make_api_token((await person_of(HOA)).id, "race", now=clock.now())

    async def act(path: str, sent: object) -> tuple[int, str]:
        headers = {**KEY, "authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://test", headers=headers
        ) as program:
            if sent is None:
                answer = await program.get(path)
            else:
                answer = await program.post(
                    path, json=sent, headers={**KEY, "idempotency-key": f"key-{path}"}
                )
            return answer.status_code, answer.text

    line = {"listing": tea.code, "quantity": 5}
    put = await asyncio.gather(*(act("/api/v1/basket/lines", line) for _ in range(TIMES)))
    assert len(set(put)) == 1 and put[0][0] == 201
    assert [one.quantity for one in await BasketLine.all()] == [5]
    _, review = await act(f"/api/v1/checkout?commune_code={LA_HIEN}", None)
    sent = {
        "name": "Nguyễn Thị Hoa",
        "phone": "0912 345 678",
        "line": "Xóm Cây Bòng",
        "commune_code": LA_HIEN,
        "seen": json.loads(review)["seen"],
    }
    placed = await asyncio.gather(*(act("/api/v1/orders", sent) for _ in range(TIMES)))
    assert len(set(placed)) == 1 and placed[0][0] == 201, placed[0]
    assert await Order.all().count() == 1
    assert ((await Listing.get()).stock, (await Listing.get()).reserved) == (45, 5)
    await assert_balanced()
    await AdminUnit.exclude(id__in=list(had) or [0]).delete()
