"""Carriers' news: written down as it came, folded later, many parcels in one go.

What nobody proved to come from the carrier may move a parcel along, but never end it: its end is asked for.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from kit.db import locked, transaction, unheld
from kit.gates import Malformed, RawRequest
from kit.outbox import announce, later_each, later_one
from postal.carrier import Carrier, CarrierEvent
from postal.gates.names import BY_FILE
from postal.gates.register import Carriers
from postal.models import CarrierNotice, Parcel, ParcelEvent
from postal.services.alerts import AlertKind, alert
from postal.services.folding import fold_parcels
from postal.states import FINAL, BookingState, Flag

AT_ONCE = 200
TOLD = "told"
_LONGEST = {"tracking_code": 40, "code": 40, "reference": 60, "reason": 40, "note": 300, "place": 120}
_MOST = {"weight_g": 10_000_000, "fee_dong": 10**12, "cod_dong": 10**12}
log = logging.getLogger("postal")


@dataclass(frozen=True)
class _Told:
    """A fact with the notice that it came in."""

    carrier: Carrier
    notice: CarrierNotice
    fact: CarrierEvent


async def record_webhook(carrier: str, raw: RawRequest) -> bool:
    """Writes a verified webhook down and leaves the job that reads it; False when it was known, byte for byte."""
    return await _written_down(
        carrier, "hook", raw.body.decode(errors="replace").replace("\0", " "), now=raw.at
    )


async def record_unreadable(carrier: str, raw: RawRequest, fault: str) -> None:
    """Keeps what nobody can read, for a person."""
    async with transaction():
        await alert(AlertKind.UNREADABLE, carrier, raw.digest[:16], now=raw.at, detail=fault)
    await record_webhook(carrier, raw)


async def _written_down(carrier: str, source: str, body: str, *, now: datetime) -> bool:
    key = hashlib.sha256(body.encode()).hexdigest()
    try:
        async with transaction():
            await CarrierNotice.create(
                carrier=carrier, event_key=key, source=source, body=body, received_at=now
            )
            await later_one("fold_carrier_notices")
    except IntegrityError:
        return False
    return True


async def fold_notices(carriers: Carriers, *, now: datetime) -> int:
    """Reads up to 200 waiting notices, oldest first, in one commit; gives how many there were."""
    async with transaction():
        notices = await unheld(CarrierNotice.filter(handled_at__isnull=True).order_by("id"), limit=AT_ONCE)
        told = [one for notice in notices for one in await _facts_in(notice, carriers, now=now)]
        await _fold(told, now=now)
        await CarrierNotice.filter(id__in=[one.id for one in notices]).update(handled_at=now)
        if len(notices) == AT_ONCE:
            await later_one("fold_carrier_notices")
    return len(notices)


async def leave_unfolded(*, now: datetime) -> None:
    """Round: leaves the job again when something waits that no job was left for."""
    if await CarrierNotice.filter(handled_at__isnull=True).exists():
        async with transaction():
            await later_one("fold_carrier_notices")


async def fold_told(
    carrier: Carrier, facts: Sequence[CarrierEvent], *, now: datetime, source: str = "poll"
) -> None:
    """Facts that we asked for: kept as they came, each once, and folded. In one commit."""
    async with transaction():
        await _fold(
            [_Told(carrier, await _kept(carrier, fact, source, now), _sound(fact)) for fact in facts],
            now=now,
        )


async def _kept(carrier: Carrier, fact: CarrierEvent, source: str, now: datetime) -> CarrierNotice:
    """The raw answer; one that came before is the same row."""
    body = fact.raw or repr(fact)
    key = hashlib.sha256(f"{fact.tracking_code}\n{body}".encode()).hexdigest()
    found, _ = await CarrierNotice.get_or_create(
        carrier=carrier.code,
        event_key=key,
        defaults={"source": source, "body": body, "received_at": now, "handled_at": now},
    )
    return found


async def _facts_in(notice: CarrierNotice, carriers: Carriers, *, now: datetime) -> list[_Told]:
    carrier = carriers.get(notice.carrier)
    if carrier is None:
        await _unreadable(notice, "carrier switched off", now=now)
        return []
    raw = RawRequest("POST", "", {}, notice.body.encode(), notice.received_at)
    try:
        return [_Told(carrier, notice, _sound(fact)) for fact in carrier.parse_webhook(raw)]
    except Malformed as fault:
        await _unreadable(notice, str(fault), now=now)
        return []


def _sound(fact: CarrierEvent) -> CarrierEvent:
    """The fact without what no table takes (NUL, endless words, sums beyond reason): one never stops the others."""
    kept: dict[str, Any] = {name: _plain(getattr(fact, name), most) for name, most in _LONGEST.items()}
    for name, most in _MOST.items():
        value = getattr(fact, name)
        kept[name] = value if value is not None and 0 <= value <= most else None
    return replace(fact, **kept)


def _plain(text: str, most: int) -> str:
    return text.replace("\0", " ").encode(errors="replace").decode()[:most]


async def _unreadable(notice: CarrierNotice, fault: str, *, now: datetime) -> None:
    log.error("notice %s of %s cannot be read: %s", notice.id, notice.carrier, fault)
    await CarrierNotice.filter(id=notice.id).update(fault=fault[:200])
    await alert(AlertKind.UNREADABLE, notice.carrier, notice.event_key[:16], now=now, detail=fault)


async def _fold(told: Sequence[_Told], *, now: datetime) -> None:
    """Facts to their parcels: locked in the order of their numbers, events written once, states folded anew."""
    if not told:
        return
    ids = await _parcels_of(told)
    parcels = await locked(Parcel, set(ids.values()))
    rows: list[ParcelEvent] = []
    for one in told:
        parcel = parcels.get(ids.get((one.carrier.code, one.fact.tracking_code), 0))
        if parcel is None:
            detail = f"{one.fact.code} {one.fact.reference}"
            await alert(
                AlertKind.UNKNOWN_PARCEL, one.carrier.code, one.fact.tracking_code, now=now, detail=detail
            )
            continue
        await _adopt(parcel, one, now=now)
        rows.append(await _event(parcel, one, now=now))
    await ParcelEvent.bulk_create(rows, ignore_conflicts=True)
    moved = await fold_parcels([one for one in parcels.values()])
    await later_each("follow_parcel", moved)
    if moved:
        await announce("post")


async def _parcels_of(told: Sequence[_Told]) -> dict[tuple[str, str], int]:
    """The parcels' numbers by carrier and waybill; those whose waybill we never learnt are found by our own key."""
    waybills = {one.fact.tracking_code for one in told}
    rows = await Parcel.filter(tracking_code__in=list(waybills)).values_list("carrier", "tracking_code", "id")
    found = {(str(carrier), str(code)): int(str(id)) for carrier, code, id in rows}
    keys = {
        one.fact.reference: (one.carrier.code, one.fact.tracking_code)
        for one in told
        if one.fact.reference and (one.carrier.code, one.fact.tracking_code) not in found
    }
    # A carrier by files may name a parcel by our own code whether or not its waybill is known.
    lost = Parcel.filter(Q(tracking_code="") | Q(carrier=BY_FILE), code__in=list(keys))
    for row in await lost.only("id", "code", "carrier") if keys else ():
        key = keys[row.code or ""]
        if key[0] == row.carrier:
            found[key] = row.id
    return found


async def _adopt(parcel: Parcel, one: _Told, *, now: datetime) -> None:
    """What the news tells beside the state: the waybill of a booking whose answer was lost, fee and weight."""
    fact = one.fact
    if parcel.booking is not BookingState.BOOKED and not parcel.tracking_code:
        parcel.tracking_code, parcel.booking, parcel.refused_because = (
            fact.tracking_code,
            BookingState.BOOKED,
            "",
        )
    if not parcel.tracking_code and fact.tracking_code != parcel.code:
        parcel.tracking_code = fact.tracking_code
    if fact.fee_dong:
        parcel.fee_dong = fact.fee_dong
    if fact.weight_g:
        parcel.carrier_weight_g = fact.weight_g
    parcel.heard_at = now


async def _event(parcel: Parcel, one: _Told, *, now: datetime) -> ParcelEvent:
    fact = one.fact
    meant = one.carrier.map_status(fact.code, is_returning=fact.is_returning, reason=fact.reason)
    state, flags = meant.state, meant.flags
    if not meant.is_known:
        await alert(
            AlertKind.UNKNOWN_CODE,
            one.carrier.code,
            fact.code,
            now=now,
            detail=fact.tracking_code,
            parcel_id=None,
        )
    if state in FINAL and not fact.is_sure:
        state, flags = None, flags | {Flag.UNCONFIRMED}
        await later_each("track_parcel", [parcel.id])
    return ParcelEvent(
        parcel=parcel,
        event_key=fact.key(one.carrier.code),
        act=TOLD,
        state=state,
        reason=meant.reason,
        note=fact.note,
        place=fact.place,
        flags=sorted(flags),
        code=fact.code,
        notice_id=one.notice.id,
        happened_at=fact.at,
        received_at=one.notice.received_at,
    )
