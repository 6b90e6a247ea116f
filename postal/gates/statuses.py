"""What carriers' codes mean here, from data/carrier_statuses.csv and carrier_reasons.csv. Pure.

A code that is not in the list moves nothing and is put before a person; it is never guessed.
"""

import csv
from functools import cache
from pathlib import Path

from postal.carrier import MappedStatus
from postal.states import Flag, ParcelState

STATUSES_CSV = Path(__file__).resolve().parent.parent / "data" / "carrier_statuses.csv"
REASONS_CSV = STATUSES_CSV.with_name("carrier_reasons.csv")
UNKNOWN = MappedStatus(None, frozenset({Flag.UNKNOWN_CODE}), is_known=False)
# On the way back nothing is an attempt to deliver: whatever the leg, the parcel is coming home.
_ONLY_OUTWARD = frozenset(
    {
        ParcelState.PICKED_UP,
        ParcelState.IN_TRANSIT,
        ParcelState.AT_DELIVERY_OFFICE,
        ParcelState.OUT_FOR_DELIVERY,
        ParcelState.FAILED_ATTEMPT,
    }
)


@cache
def statuses_of(carrier: str) -> dict[str, MappedStatus]:
    """Every code of a carrier that somebody has seen."""
    flags = {str(flag) for flag in Flag}
    return {
        row["code"]: MappedStatus(
            state=ParcelState(row["state"]) if row["state"] else None,
            flags=frozenset(Flag(one) for one in row["flags"].split() if one in flags),
            is_money="money" in row["flags"].split(),
        )
        for row in _rows(STATUSES_CSV)
        if row["carrier"] == carrier
    }


@cache
def reasons_of(carrier: str) -> dict[str, str]:
    """A carrier's reason codes and the reasons common to all."""
    return {row["code"]: row["reason"] for row in _rows(REASONS_CSV) if row["carrier"] == carrier}


def mapped(carrier: str, code: str, *, is_returning: bool = False, reason: str = "") -> MappedStatus:
    """What a code means; `is_returning` is the carrier's own word that the parcel travels back."""
    found = statuses_of(carrier).get(code)
    if found is None:
        return UNKNOWN
    turned = is_returning and found.state in _ONLY_OUTWARD
    return MappedStatus(
        state=ParcelState.RETURNING if turned else found.state,
        flags=found.flags | {Flag.RETURN_LEG} if is_returning else found.flags,
        reason=reasons_of(carrier).get(reason, ""),
        is_money=found.is_money,
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
