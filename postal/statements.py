"""What a line of a carrier's statement means beside what we know of its parcel. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from postal.states import MoneyState, ParcelState


class Verdict(StrEnum):
    """How a line fits. The first two are done by themselves, all others wait for a person.

    `rest`: exactly what an earlier line lacked. `short` and `over`: less or more came than should have. `twice`: the
    parcel stands in a statement before. `set_aside`: a person decided that the line does not count.
    """

    FITS = "fits"
    REST = "rest"
    SHORT = "short"
    OVER = "over"
    FEE_DIFFERS = "fee_differs"
    NOT_DELIVERED = "not_delivered"
    TWICE = "twice"
    UNKNOWN = "unknown"
    SET_ASIDE = "set_aside"


BY_THEMSELVES = frozenset({Verdict.FITS, Verdict.REST})
# Where a person may let the line count as it is: the sums are the carrier's, the difference is kept in the books.
MAY_COUNT = frozenset({Verdict.SHORT, Verdict.OVER, Verdict.FEE_DIFFERS})


@dataclass(frozen=True)
class Known:
    """What we know of a parcel. `fee_dong` None: the carrier never told. `short_dong` is lacking from earlier lines."""

    state: ParcelState
    money: MoneyState
    cod_dong: int
    fee_dong: int | None
    short_dong: int = 0
    is_stated: bool = False


@dataclass(frozen=True)
class Stated:
    """What a line says, in đồng."""

    cod_dong: int
    fee_dong: int
    remitted_dong: int


def short_of(line: Stated, known: Known) -> int:
    """What the carrier still owes after a line, in đồng; below zero when it paid too much."""
    return known.cod_dong - line.fee_dong - line.remitted_dong


def verdict_on(line: Stated, known: Known | None) -> Verdict:
    """What a line means."""
    if known is None:
        return Verdict.UNKNOWN
    if known.is_stated:
        is_rest = 0 < known.short_dong == line.remitted_dong
        return Verdict.REST if is_rest else Verdict.TWICE
    if known.state is not ParcelState.DELIVERED and (line.cod_dong or known.cod_dong):
        return Verdict.NOT_DELIVERED
    lacking_dong = short_of(line, known)
    if lacking_dong:
        return Verdict.SHORT if lacking_dong > 0 else Verdict.OVER
    if known.fee_dong is not None and known.fee_dong != line.fee_dong:
        return Verdict.FEE_DIFFERS
    return Verdict.FITS
