"""What a member of the staff may see of a parcel: the desk all of it, a carrier no more than the road needs.

A carrier's own are the parcels they hold, did something with, or handed over or took on a list within a month: those
open whole. What waits at the office for whoever takes it shows what its label shows, phones masked. What somebody else
has in hand, what has ended, and what a carrier outside the house carries, is not there for them; the label of whatever
they scan is (docs/security.md).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.services import record
from kit.db import sql, transaction
from postal.models import Parcel
from postal.services.reading import row_of, unknown
from postal.services.views import ParcelView, view_of
from postal.staff_carrier import CODE as STAFF
from postal.states import FINAL, ParcelState

LOOKED_BACK = timedelta(days=31)
# Where a parcel is in one person's hands, or to be collected by one; in all other states the office has it.
IN_HAND = (
    ParcelState.CREATED,
    ParcelState.AWAITING_PICKUP,
    ParcelState.OUT_FOR_DELIVERY,
    ParcelState.RETURNING,
)
_OWN = """
    SELECT EXISTS (SELECT 1 FROM parcel_event WHERE parcel_id = $1 AND person_id = $2 AND received_at >= $3)
        OR EXISTS (SELECT 1 FROM doubtful_act WHERE parcel_id = $1 AND person_id = $2 AND received_at >= $3)
        OR EXISTS (SELECT 1 FROM hand_over_line line JOIN hand_over list ON list.id = line.hand_over_id
            WHERE line.parcel_id = $1 AND $2 IN (list.giver_id, list.taker_id) AND list.opened_at >= $3) AS is_own
"""


# What a work list shows: everything to the desk; to a carrier, $1, nothing that somebody else has in hand.
NOT_OTHERS = (
    f"($1::bigint IS NULL OR holder_id IS NULL OR holder_id = $1 OR state NOT IN {tuple(map(str, IN_HAND))})"
)


class Sight(StrEnum):
    """How much of a parcel somebody may see."""

    WHOLE = "whole"
    LABEL = "label"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Viewer:
    """A member of the staff who looks: at the desk (clerks, administrators), or a carrier on the road."""

    person_id: int
    is_desk: bool
    now: datetime


@dataclass(frozen=True)
class Seen:
    """A parcel and how much of it may be shown."""

    parcel: ParcelView
    is_whole: bool


async def seen_by(code: str, viewer: Viewer, *, whole: bool = False, action: str = "parcel_read") -> Seen:
    """The parcel as far as this viewer may see it; that it was read is recorded.

    Raises NotFound for an unknown parcel, for one that is not theirs to see, and with `whole` for one of which they may
    see the label only: always in the same words.
    """
    row = await row_of(code)
    sight = await sight_of(row, viewer)
    if sight is Sight.NOTHING or (whole and sight is not Sight.WHOLE):
        raise unknown(row.code or "")
    async with transaction():
        await record(viewer.person_id, action, "parcel", row.code or "")
    return Seen(view_of(row), sight is Sight.WHOLE)


async def label_of(code: str, viewer: Viewer) -> Seen:
    """What somebody sees who has the parcel's label before them, whoever holds it. Raises NotFound."""
    row = await row_of(code)
    sight = await sight_of(row, viewer)
    async with transaction():
        await record(viewer.person_id, "parcel_scanned", "parcel", row.code or "")
    return Seen(view_of(row), sight is Sight.WHOLE)


async def refuse_unseen(code: str, viewer: Viewer) -> None:
    """Raises NotFound when nothing of a parcel is this viewer's to see."""
    row = await row_of(code)
    if await sight_of(row, viewer) is Sight.NOTHING:
        raise unknown(row.code or "")


async def sight_of(row: Parcel, viewer: Viewer) -> Sight:
    """How much of a parcel this viewer may see. One query at most."""
    if viewer.is_desk or (row.holder_id == viewer.person_id and row.state not in FINAL):
        return Sight.WHOLE
    [found] = await sql(_OWN, [row.id, viewer.person_id, viewer.now - LOOKED_BACK])
    if found["is_own"]:
        return Sight.WHOLE
    is_others = row.holder_id is not None and row.state in IN_HAND
    return Sight.NOTHING if is_others or row.state in FINAL or row.carrier != STAFF else Sight.LABEL


def for_whom(viewer: Viewer | None) -> int | None:
    """Whom a work list is for, as NOT_OTHERS takes it; None for the desk, which sees everything."""
    return None if viewer is None or viewer.is_desk else viewer.person_id
