"""Claims on carriers as a supervisor sees them: what is still to be claimed, what is due, how each stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kit.dates import vietnam_date
from kit.db import select, sql, transaction
from postal.models import CarrierClaim, Parcel
from postal.services.alerts import AlertKind, alert
from postal.services.claims.claiming import GONE, Claimable, claim_by, claimable
from postal.services.reading import row_of
from postal.services.views import ParcelView, view_of
from postal.staff_carrier import CODE as STAFF
from postal.states import CLAIM_FOLLOWS, ClaimState

PAGE_ROWS = 24
PAGES_MAX = 200
WARN = timedelta(days=14)
# Lost or damaged with a carrier outside the house, and nobody has claimed.
_UNCLAIMED = """
    WHERE carrier <> 'staff' AND state IN ('lost', 'damaged') AND vendor_id IS NOT NULL AND code IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM carrier_claim c WHERE c.parcel_id = parcel.id)
    ORDER BY booked_at, id LIMIT $1
"""
# Those that are open first, by what is due soonest; then the newest that ended.
_CLAIMS = """
    ORDER BY state IN ('paid', 'refused', 'withdrawn'), coalesce(pay_by, answer_by), id DESC OFFSET $1 LIMIT $2
"""
_OVERDUE = """
    SELECT carrier, count(*)::int AS claims, sum(coalesce(agreed_dong, claimed_dong))::bigint AS dong FROM carrier_claim
    WHERE (state = 'opened' AND answer_by < $1) OR (state = 'answered' AND pay_by < $1)
    GROUP BY carrier ORDER BY carrier
"""


@dataclass(frozen=True)
class ClaimRow:
    """A claim and its parcel; `due` is the day by which the carrier is to answer or to pay, None once it ended."""

    parcel: ParcelView
    state: ClaimState
    claimed_dong: int
    agreed_dong: int | None
    paid_dong: int | None
    paid_to: str
    words: str
    opened_at: datetime
    due: date | None
    is_overdue: bool


@dataclass(frozen=True)
class Unclaimed:
    """A parcel that could be claimed for, the last day to do so, and whether that is near or past."""

    parcel: ParcelView
    claim_by: date
    is_near: bool
    is_past: bool


@dataclass(frozen=True)
class ClaimPage:
    """What is to be claimed (at most 24), and a page of claims."""

    unclaimed: list[Unclaimed]
    rows: list[ClaimRow]
    page: int
    has_more: bool


@dataclass(frozen=True)
class ParcelClaim:
    """A parcel's claim, or what could be claimed; `next_states` may follow."""

    parcel: ParcelView
    claim: ClaimRow | None
    may: Claimable | None
    next_states: frozenset[ClaimState]


async def claims(*, now: datetime, page: int = 1) -> ClaimPage:
    """What a supervisor works off. A few queries for each parcel that is to be claimed, two for all claims."""
    page, today = max(1, min(page, PAGES_MAX)), vietnam_date(now)
    rows = await select(CarrierClaim, _CLAIMS, [(page - 1) * PAGE_ROWS, PAGE_ROWS + 1])
    shown = rows[:PAGE_ROWS]
    parcels = {one.id: one for one in await Parcel.filter(id__in=[row.parcel_id for row in shown])}
    made = [_row(one, parcels[one.parcel_id], today) for one in shown]
    return ClaimPage(await _unclaimed(today), made, page, len(rows) > PAGE_ROWS)


async def claim_of(code: str, *, now: datetime) -> ParcelClaim:
    """One parcel's claim. Raises NotFound for an unknown parcel."""
    parcel = await row_of(code)
    claim = await CarrierClaim.get_or_none(parcel_id=parcel.id)
    if claim is not None:
        row = _row(claim, parcel, vietnam_date(now))
        return ParcelClaim(row.parcel, row, None, CLAIM_FOLLOWS[claim.state])
    can = parcel.state in GONE and parcel.carrier != STAFF and parcel.vendor_id is not None
    return ParcelClaim(view_of(parcel), None, await claimable(parcel) if can else None, frozenset())


async def remind_of_claims(*, now: datetime) -> int:
    """Round, at night: carriers that are late with an answer or the money are put before a person; how many."""
    rows = await sql(_OVERDUE, [vietnam_date(now)])
    async with transaction():
        for row in rows:
            detail = f"{row['claims']} · {row['dong']} ₫"
            await alert(AlertKind.CLAIM, str(row["carrier"]), str(row["carrier"]), now=now, detail=detail)
    return len(rows)


async def _unclaimed(today: date) -> list[Unclaimed]:
    found: Sequence[Parcel] = await select(Parcel, _UNCLAIMED, [PAGE_ROWS])
    until = [(one, await claim_by(one)) for one in found]
    return [Unclaimed(view_of(one), day, day <= today + WARN, day < today) for one, day in until]


def _row(claim: CarrierClaim, parcel: Parcel, today: date) -> ClaimRow:
    due = {ClaimState.OPENED: claim.answer_by, ClaimState.ANSWERED: claim.pay_by}.get(claim.state)
    return ClaimRow(
        parcel=view_of(parcel),
        state=claim.state,
        claimed_dong=claim.claimed_dong,
        agreed_dong=claim.agreed_dong,
        paid_dong=claim.paid_dong,
        paid_to=claim.paid_to,
        words=claim.words,
        opened_at=claim.opened_at,
        due=due,
        is_overdue=due is not None and due < today,
    )
