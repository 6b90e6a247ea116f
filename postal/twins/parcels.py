"""Parcels at pretend carriers: booked, pushed along by hand, told of as real carriers tell, and how that fared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kit.clock import Clock
from kit.db import locked, transaction
from kit.gates import Malformed
from kit.outbox import TryAgain, later
from kit.parts import Parts
from kit.settings import Settings
from kit.twins import Outgoing, TwinsAreOff, send_out
from kit.web.callers import parts_of
from kit.web.routing import ANYONE, Endpoint, PageRoute, get
from kit.wire import json_object
from postal.models import TwinParcel, TwinPush

AWAY, LOST, CONFUSED = (
    503,
    504,
    205,
)  # weights in grams that end so: away; made, but the answer is lost or garbled
LATE_SECONDS = 30
ROWS_MAX = 12
ANSWER_MAX = 200
Steps = list[dict[str, str]]


@dataclass(frozen=True)
class Step:
    """One thing that happened to a parcel, in the carrier's own codes."""

    code: str
    at: datetime
    reason: str = ""
    is_returning: bool = False


@dataclass(frozen=True)
class Twin:
    """A pretend carrier: its code, how it tells of a step to a market at an address, how often, how far apart."""

    name: str
    told: Callable[[TwinParcel, Step, str, bool], Outgoing]
    sends_max: int
    retry_seconds: int


async def make_parcel(
    carrier: str,
    reference: str,
    asked: Mapping[str, object],
    *,
    number: Callable[[int], str],
    code: str,
    fee_dong: int,
    now: datetime,
) -> TwinParcel:
    """A new parcel in its first step; `number` makes the waybill of the row's number."""
    async with transaction():
        made = await TwinParcel.create(
            carrier=carrier,
            number=f"new:{reference}:{now.timestamp()}"[:40],
            reference=reference[:60],
            asked=dict(asked),
            steps=[_written(Step(code, now))],
            fee_dong=fee_dong,
            made_at=now,
            changed_at=now,
        )
        made.number = number(made.id)
        await made.save(update_fields=["number"])
        return made


async def parcel_with(carrier: str, number: str) -> TwinParcel | None:
    """The parcel of a waybill."""
    return await TwinParcel.get_or_none(carrier=carrier, number=number)


async def parcel_of(carrier: str, reference: str) -> TwinParcel | None:
    """The first parcel booked under the market's own key."""
    return await TwinParcel.filter(carrier=carrier, reference=reference).order_by("id").first()


def steps_of(parcel: TwinParcel) -> list[Step]:
    """What happened to it, oldest first."""
    return [_step(one) for one in parcel.steps]


def code_of(parcel: TwinParcel) -> str:
    """The code of its newest step."""
    return str(parcel.steps[-1]["code"])


def asked_of(parcel: TwinParcel, name: str) -> str:
    """A field of the booking, "" when it was not sent."""
    value = parcel.asked.get(name)
    return "" if value is None else str(value)


async def push(
    parcel_id: int,
    code: str,
    *,
    now: datetime,
    manner: str = "as_is",
    reason: str = "",
    returning: bool = False,
) -> None:
    """The parcel comes to a step; the market is told in a manner: as_is, twice, late, lost, forged, misordered.

    Misordered: the step before is told once more, afterwards.
    """
    async with transaction():
        parcel = (await locked(TwinParcel, [parcel_id]))[parcel_id]
        # Two steps of one second would be one fact twice for carriers that tell the time in seconds.
        moment = max(now, steps_of(parcel)[-1].at + timedelta(seconds=1))
        parcel.steps = [*parcel.steps, _written(Step(code, moment, reason, returning))]
        parcel.changed_at = now
        await parcel.save(update_fields=["steps", "changed_at"])
        if manner == "lost":
            return
        places = [len(parcel.steps) - 1] + ([len(parcel.steps) - 2] if manner == "misordered" else [])
        for nth, place in enumerate(places):
            told = await TwinPush.create(
                parcel=parcel,
                step=place,
                is_forged=manner == "forged",
                sends_left=2 if manner == "twice" else 1,
                made_at=now,
            )
            wait = LATE_SECONDS if manner == "late" else 2 * nth
            await later("send_twin_push", told.id, at=now + timedelta(seconds=wait) if wait else None)


async def send_push(parts: Parts, push_id: int, twins: Mapping[str, Twin]) -> None:
    """Job: tells the market as often as it should arrive; on any other answer again as the carrier would."""
    settings = parts[Settings]
    if settings.is_production or not settings.carrier_twins:
        raise TwinsAreOff("pretend carriers send nothing here")
    told = await TwinPush.get_or_none(id=push_id).prefetch_related("parcel")
    while told is not None and told.sends_left > 0:
        twin, step = twins[told.parcel.carrier], steps_of(told.parcel)[told.step]
        news = twin.told(told.parcel, step, settings.base_url, told.is_forged)
        taken, answer = await send_out(parts[httpx2.AsyncClient], news, _was_taken)
        told.sends += 1
        given_up = not taken and told.sends >= twin.sends_max
        told.sends_left = 0 if given_up else told.sends_left - taken
        told.last_answer = answer[:ANSWER_MAX]
        await told.save(update_fields=["sends", "sends_left", "last_answer"])
        if not taken and not given_up:
            raise TryAgain(answer, seconds=twin.retry_seconds)


def _was_taken(status: int, body: bytes) -> bool:
    return status == 200


async def last_parcels() -> list[TwinParcel]:
    """The last twelve parcels with what was told of them, the newest change first. Two queries."""
    rows = TwinParcel.all().order_by("-changed_at", "-id")
    return await rows.limit(ROWS_MAX).prefetch_related("pushes")


def trouble(weight_g: int, *, garbled: bool = False) -> Response | None:
    """What a weight that ends in a magic number brings upon a booking that has been made."""
    if weight_g % 1000 == LOST:
        return JSONResponse({}, 504)
    return JSONResponse({}, 502) if garbled and weight_g % 1000 == CONFUSED else None


def is_away(weight_g: int) -> bool:
    """Whether the carrier is away for a parcel of this weight."""
    return weight_g % 1000 == AWAY


def price_dong(base: int, step: int, weight_g: int, *, near: bool) -> int:
    """A pretend price: the first half kilogram, then each further one begun; half as much again beyond a province."""
    more = max(0, -(-(weight_g - 500) // 500))
    price = base + more * step
    return price if near else price * 3 // 2


def read(path: str, endpoint: Endpoint, *, name: str) -> PageRoute:
    """A question that a gate asks a pretend carrier: it checks its own token, and is no page."""
    route = get(path, endpoint, who=ANYONE, name=name)
    route.outside = True
    return route


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent; empty when it is none."""
    try:
        return json_object(await request.body())
    except Malformed:
        return {}


def now_of(request: Request) -> datetime:
    """The market's clock."""
    return parts_of(request)[Clock].now()


def whole(found: Mapping[str, Any], name: str) -> int:
    """A number of the booking, 0 when it is none."""
    value = str(found.get(name) or "0")
    return int(float(value)) if value.replace(".", "", 1).isdecimal() else 0


def objects(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object within the booking; empty when it is none."""
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def texts(found: Mapping[str, Any], name: str) -> Sequence[str]:
    """A list of words within the booking."""
    value = found.get(name)
    return [str(one) for one in value] if isinstance(value, list) else []


def _written(step: Step) -> dict[str, str]:
    return {
        "code": step.code,
        "at": step.at.isoformat(),
        "reason": step.reason,
        "returning": "1" if step.is_returning else "",
    }


def _step(one: Mapping[str, str]) -> Step:
    return Step(one["code"], datetime.fromisoformat(one["at"]), one["reason"], bool(one["returning"]))
