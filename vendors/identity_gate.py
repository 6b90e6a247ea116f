"""The seam to an electronic identity provider (VNeID), and its twin."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from kit.i18n import Sentence, say


@dataclass(frozen=True)
class Claim:
    """Who somebody says to be: a person by number and birth date, an organisation by its tax code."""

    full_name: str
    birth_date: date | None
    personal_number: str
    tax_code: str
    registered_name: str


@dataclass(frozen=True)
class Said:
    """What the provider says: confirmed under its reference, or not and why."""

    is_confirmed: bool
    reference: str = ""
    why_not: Sentence | None = None


class GateAway(Exception):
    """The provider did not answer; worth another try later."""


class IdentityGate(Protocol):
    """Compares a claim with the national register. Raises GateAway. `is_twin` marks a pretend one on screen."""

    is_twin: bool

    async def compare(self, claim: Claim) -> Said: ...


class TwinVneid:
    """Pretends to be VNeID: numbers ending in 000 do not match, those ending in 999 find it away."""

    is_twin = True

    async def compare(self, claim: Claim) -> Said:
        """Believes everybody else."""
        number = claim.personal_number or claim.tax_code
        if number.endswith("999"):
            raise GateAway("the pretend VNeID is away")
        if number.endswith("000"):
            return Said(
                False, why_not=say("VNeID không thấy người có số này với họ tên và ngày sinh đã ghi.")
            )
        return Said(True, reference=f"VNEID-GIA-{number[-4:]}")
