"""Tables of pretend banks and providers (demo only)."""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from payments.models.kinds import BankProvider


class TwinTransfer(Model):
    """A transfer at the pretend bank (demo only) and how its notice fared.

    With `from_account` the bank tells whose account the money left, else whose it came into.
    """

    id = fields.BigIntField(primary_key=True)
    bin = fields.CharField(6)
    account_number = fields.CharField(19)
    amount_dong = fields.BigIntField()
    content = fields.CharField(200)
    provider = fields.CharEnumField(BankProvider, max_length=8, default=BankProvider.SEPAY)
    bank_key_id = fields.BigIntField(null=True)
    is_forged = fields.BooleanField(default=False)
    from_account = fields.CharField(19, default="")
    order_code = fields.CharField(20, default="")
    made_at = fields.DatetimeField()
    sends_left = fields.IntField(default=1)
    sends = fields.IntField(default=0)
    last_answer = fields.CharField(200, default="")

    class Meta:
        table = "twin_transfer"


class TwinOrder(Model):
    """A payment, or a refund of one (`of_reference`), at a pretend provider (demo only)."""

    id = fields.BigIntField(primary_key=True)
    gate = fields.CharField(20)
    reference = fields.CharField(80)
    of_reference = fields.CharField(80, default="")
    amount_dong = fields.BigIntField()
    state = fields.CharField(12, default="pending")
    words = fields.CharField(255, default="")
    asked: fields.JSONField[dict[str, Any]] = fields.JSONField()
    made_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "twin_order"
        unique_together = (("gate", "reference"),)


class TwinCall(Model):
    """A callback that a pretend provider makes (demo only), and how it fared."""

    id = fields.BigIntField(primary_key=True)
    order: fields.ForeignKeyRelation[TwinOrder] = fields.ForeignKeyField(
        "payments.TwinOrder", related_name="calls"
    )
    order_id: int
    outcome = fields.CharField(12)
    amount_dong = fields.BigIntField()
    is_forged = fields.BooleanField(default=False)
    made_at = fields.DatetimeField()
    sends_left = fields.IntField(default=1)
    sends = fields.IntField(default=0)
    last_answer = fields.CharField(200, default="")

    class Meta:
        table = "twin_call"
        indexes = (("order_id",),)
