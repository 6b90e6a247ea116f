"""What law lets shoppers know of a seller before they buy (Law 19/2023/QH15, Art. 37.1)."""

from dataclasses import dataclass
from datetime import date

from kit.dates import vietnam_date
from kit.db import select
from kit.identifiers import show_tax_code
from kit.rules import rule_on
from vendors.models import VendorIdentity

RETURN_RULE, RETURN_DAYS = "return_answer_days", 3
_KNOWN = (
    "WHERE vendor_id = (SELECT id FROM vendor WHERE id = $1 AND identity_state IN ('verified', 'can_sell'))"
)


@dataclass(frozen=True)
class SellerFacts:
    """A seller before the law: an organisation's registered name, numbers and address; of a person none of it.

    A person's tax code is the personal number, which nobody is shown here. `verified_on` is None while nobody has
    checked. `answer_days`: how long a seller may take to answer about a return.
    """

    registered_name: str
    tax_code: str
    registration_no: str
    address: str
    verified_on: date | None
    answer_days: int


async def seller_facts(vendor_id: int, *, today: date) -> SellerFacts:
    """The facts of one seller: nothing of an identity that was not checked. Two queries."""
    days = int(await rule_on(RETURN_RULE, today) or RETURN_DAYS)
    rows = await select(VendorIdentity, _KNOWN, [vendor_id])
    if not rows:
        return SellerFacts("", "", "", "", None, days)
    row = rows[0]
    return SellerFacts(
        registered_name=row.registered_name,
        tax_code=show_tax_code(row.tax_code) if row.tax_code else "",
        registration_no=row.registration_no,
        address=row.address if row.tax_code else "",
        verified_on=vietnam_date(row.decided_at) if row.decided_at else None,
        answer_days=days,
    )
