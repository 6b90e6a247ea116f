"""Sellers' own systems: where they are told of events, what they were told, and how each try went."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from vendors.models.sellers import Vendor


class MessageState(StrEnum):
    """Where a message to a seller's system stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookEndpoint(Model):
    """An address of a seller's own system; secrets are sealed, the old one still signs until `old_until`.

    `events` are the kinds that are wanted, none meaning all. `failing_since` is the first of an unbroken row of misses.
    """

    id = fields.BigIntField(primary_key=True)
    vendor: fields.ForeignKeyRelation[Vendor] = fields.ForeignKeyField(
        "vendors.Vendor", related_name="webhooks"
    )
    vendor_id: int
    url = fields.CharField(300)
    label = fields.CharField(80, default="")
    events: fields.JSONField[list[str]] = fields.JSONField(default=list)
    secret = fields.CharField(200)
    old_secret = fields.CharField(200, default="")
    old_until = fields.DatetimeField(null=True)
    is_on = fields.BooleanField(default=True)
    off_because = fields.CharField(20, default="")
    failing_since = fields.DatetimeField(null=True)
    created_by = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "webhook_endpoint"
        unique_together = (("vendor", "url"),)


class WebhookMessage(Model):
    """One event on its way to one endpoint: the body as it is signed, the same at every try; once for each event."""

    id = fields.BigIntField(primary_key=True)
    endpoint: fields.ForeignKeyRelation[WebhookEndpoint] = fields.ForeignKeyField(
        "vendors.WebhookEndpoint", related_name="messages"
    )
    endpoint_id: int
    message_id = fields.CharField(40, unique=True)
    event = fields.CharField(40)
    event_key = fields.CharField(80)
    body = fields.TextField()
    state = fields.CharEnumField(MessageState, max_length=10, default=MessageState.WAITING)
    round_tries = fields.IntField(default=0)
    next_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    tries: fields.ReverseRelation["WebhookTry"]

    class Meta:
        table = "webhook_message"
        unique_together = (("endpoint", "event_key"),)
        indexes = (("endpoint_id", "id"), ("created_at",))


class WebhookTry(Model):
    """One try: when, what the system answered (0 when nothing came), how long it took."""

    id = fields.BigIntField(primary_key=True)
    message: fields.ForeignKeyRelation[WebhookMessage] = fields.ForeignKeyField(
        "vendors.WebhookMessage", related_name="tries"
    )
    message_id: int
    at = fields.DatetimeField()
    status = fields.IntField()
    answer = fields.CharField(200, default="")
    took_ms = fields.IntField()

    class Meta:
        table = "webhook_try"
        indexes = (("message_id",),)
