"""What a platform that collects withholds from a household's sales (Decree 117/2025/NĐ-CP). Pure."""

from dataclasses import dataclass
from enum import StrEnum

PARTS = 10_000


class TaxMode(StrEnum):
    """What the market does about tax on money that a provider collects."""

    NONE = "none"
    REPORT = "report"
    WITHHOLD = "withhold"


class SaleClass(StrEnum):
    """What was sold, as the decree's rates tell it apart. Unclassified is taxed at the highest."""

    GOODS = "goods"
    SERVICES = "services"
    TRANSPORT = "transport"
    UNCLASSIFIED = ""


@dataclass(frozen=True)
class Rate:
    """Value-added and personal income tax in hundredths of a per cent."""

    vat: int
    income: int


@dataclass(frozen=True)
class Withheld:
    """The two taxes on one sum, in whole đồng."""

    vat_dong: int
    income_dong: int

    @property
    def total_dong(self) -> int:
        """Both together."""
        return self.vat_dong + self.income_dong


def rate_of(text: str) -> Rate:
    """The rate that a dated rule writes as "100/50". Raises ValueError."""
    vat, income = (int(part) for part in text.split("/"))
    if not (0 <= vat <= PARTS and 0 <= income <= PARTS):
        raise ValueError(f"no rate: {text}")
    return Rate(vat, income)


def withheld(amount_dong: int, rate: Rate) -> Withheld:
    """The taxes on a sum, each to the nearest đồng: 1,000,000 of goods give 10,000 and 5,000."""
    return Withheld(_share(amount_dong, rate.vat), _share(amount_dong, rate.income))


def _share(amount_dong: int, parts: int) -> int:
    return (amount_dong * parts + PARTS // 2) // PARTS
