"""The table of cash that leaves the post's box for the market's own bank account."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


class PayInState(StrEnum):
    """Where cash on its way to the bank stands; `differs` until somebody has explained the difference."""

    PREPARED = "prepared"
    PAID_IN = "paid_in"
    PROVED = "proved"
    DIFFERS = "differs"
    EXPLAINED = "explained"
    CANCELLED = "cancelled"


class PayIn(Model):
    """Cash that a cashier takes out of the box and pays in at a bank, told by the bank with the code in its text.

    `slip_number` and the sealed picture under `photo_key` are the bank's slip. `told_dong` is what the bank told in
    the notice. Somebody else explains a difference: `explanation` is box, fee or owed (docs/ledger.md).
    """

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(16, unique=True)
    amount_dong = fields.BigIntField()
    state = fields.CharEnumField(PayInState, max_length=10, default=PayInState.PREPARED)
    person_id = fields.BigIntField()
    slip_number = fields.CharField(40, default="")
    photo_key = fields.CharField(80, default="")
    prepared_at = fields.DatetimeField()
    paid_in_at = fields.DatetimeField(null=True)
    told_dong = fields.BigIntField(null=True)
    notice_id = fields.BigIntField(null=True, unique=True)
    told_at = fields.DatetimeField(null=True)
    explanation = fields.CharField(8, default="")
    words = fields.CharField(300, default="")
    closed_by = fields.BigIntField(null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "pay_in"
        indexes = (("state", "id"),)
