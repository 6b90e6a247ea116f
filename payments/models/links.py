"""The table of payment links at payOS."""

from enum import StrEnum
from typing import TYPE_CHECKING

from tortoise import fields
from tortoise.models import Model

if TYPE_CHECKING:
    from payments.models import BankKey, Payment


class LinkState(StrEnum):
    """Where a payment link stands: asked for, not known, open to be paid on, refused, or closed after the payment."""

    ASKED = "asked"
    UNKNOWN = "unknown"
    OPEN = "open"
    REFUSED = "refused"
    CLOSED = "closed"


class PaymentLink(Model):
    """A link at payOS under a seller's own keys; written down before payOS is asked. Its money is a bank's notice.

    `order_code` is ours for payOS, which tells it back with each transfer that came by the link.
    """

    id = fields.BigIntField(primary_key=True)
    payment: fields.ForeignKeyRelation["Payment"] = fields.ForeignKeyField(
        "payments.Payment", related_name="links"
    )
    payment_id: int
    bank_key: fields.ForeignKeyRelation["BankKey"] = fields.ForeignKeyField(
        "payments.BankKey", related_name="links"
    )
    bank_key_id: int
    order_code = fields.BigIntField(unique=True)
    amount_dong = fields.BigIntField()
    state = fields.CharEnumField(LinkState, max_length=8, default=LinkState.ASKED)
    link_id = fields.CharField(64, default="")
    url = fields.TextField(default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "payment_link"
        indexes = (("payment_id", "id"), ("bank_key_id",))
