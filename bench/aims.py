"""What was aimed at for some of the measured rows, so that a table says of each whether it was reached.

They hold for one web process, eight connections, and a machine of two cores that does nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Aim:
    """So many a second at least, and 95 of 100 within so many milliseconds (0: no matter)."""

    rate: int
    p95_ms: int = 0

    def words(self) -> str:
        """As a table shows it."""
        return f"{self.rate:,}/s" + (f", p95 {self.p95_ms} ms" if self.p95_ms else "")

    def is_met(self, rate: float, p95_ms: float) -> bool:
        """Whether this is as good."""
        return rate >= self.rate and (not self.p95_ms or p95_ms < self.p95_ms)


LIST, DETAIL = Aim(3_000, 15), Aim(1_400, 15)
AIMS: Mapping[str, Aim] = {
    "pages: home": LIST,
    "pages: search page": LIST,
    "pages: seller's goods": LIST,
    "pages: market": LIST,
    "pages: commune": LIST,
    "pages: goods": DETAIL,
    "pages: seller": DETAIL,
    "orders": Aim(100),
}


def beside(what: str, rate: float, p95_ms: float) -> dict[str, str]:
    """The aim of a row by its name in the table of everything, and «met» or «missed»; "" where there is none."""
    aim = AIMS.get(what)
    if aim is None:
        return {"aim": "", "is it": ""}
    return {"aim": aim.words(), "is it": "met" if aim.is_met(rate, p95_ms) else "missed"}
