"""The tables of money taken at doors: steps of parcels' money, carriers' statements; lists for carriers by file."""

from tortoise import fields
from tortoise.models import Model

from postal.states import MoneyState


class CollectionStep(Model):
    """One step of the money of a parcel, appended and never changed; what the books are kept from.

    `dong` is what the step is about, `carrier` who had the parcel. `reference` names what made the step ("door:…",
    "debrief:7", "statement_line:9", "payout:3"): once for a parcel; empty where the parcel's own way made it.
    """

    id = fields.BigIntField(primary_key=True)
    parcel: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField(
        "postal.Parcel", related_name="collection"
    )
    parcel_id: int
    was = fields.CharEnumField(MoneyState, max_length=12)
    became = fields.CharEnumField(MoneyState, max_length=12)
    carrier = fields.CharField(20)
    dong = fields.BigIntField()
    fee_dong = fields.BigIntField(default=0)
    short_dong = fields.BigIntField(default=0)
    person_id = fields.BigIntField(null=True)
    reference = fields.CharField(100, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "collection_step"
        indexes = (("parcel_id", "id"), ("person_id", "at"))


class CarrierStatement(Model):
    """A carrier's statement that a person brought in; once for each file. `matched_at`: every line has its verdict.

    `mapping_id` is the naming of its columns by which it was read (StatementMapping), none where the heads are known.
    """

    id = fields.BigIntField(primary_key=True)
    carrier = fields.CharField(20)
    name = fields.CharField(120)
    digest = fields.CharField(64, unique=True)
    rows = fields.IntField(default=0)
    person_id = fields.BigIntField()
    imported_at = fields.DatetimeField()
    matched_at = fields.DatetimeField(null=True)
    mapping_id = fields.BigIntField(null=True)

    class Meta:
        table = "carrier_statement"
        indexes = (("imported_at",),)


class CarrierStatementLine(Model):
    """A line of a statement as it came, in whole đồng, and what became of it.

    `row` is its place in the file, `said_code` our own code where the carrier repeats it. `cod_dong` was taken at the
    door, `fee_dong` kept, `remitted_dong` paid on. `verdict` is empty until the line was looked at (postal.statements).
    `stated_on` is the carrier's day beside it. A person settles what does not fit: when, who, why (`outcome`).
    """

    id = fields.BigIntField(primary_key=True)
    statement: fields.ForeignKeyRelation[CarrierStatement] = fields.ForeignKeyField(
        "postal.CarrierStatement", related_name="lines"
    )
    statement_id: int
    row = fields.IntField(default=0)
    parcel_id = fields.BigIntField(null=True)
    tracking_code = fields.CharField(40)
    said_code = fields.CharField(60, default="")
    cod_dong = fields.BigIntField(default=0)
    fee_dong = fields.BigIntField()
    remitted_dong = fields.BigIntField()
    stated_on = fields.DateField(null=True)
    verdict = fields.CharField(16)
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.BigIntField(null=True)
    outcome = fields.CharField(300, default="")

    class Meta:
        table = "carrier_statement_line"
        unique_together = (("statement", "row"),)
        indexes = (("parcel_id",), ("verdict", "settled_at"))


class StatementMapping(Model):
    """Which column of a carrier's statements holds what, as a person said it; one stands for a carrier's heads
    (`statement_mapping_stands_once_by_hand`).

    `heads` as the file wrote them, `mark` the same whatever their order (postal.statement_sheet.heads_mark), `columns`
    the folded head of each field. Never changed: another naming ends it and begins anew.
    """

    id = fields.BigIntField(primary_key=True)
    carrier = fields.CharField(20)
    mark = fields.CharField(64)
    heads: fields.JSONField[list[str]] = fields.JSONField(default=list)
    columns: fields.JSONField[dict[str, str]] = fields.JSONField(default=dict)
    said_by = fields.BigIntField()
    said_at = fields.DatetimeField()
    ended_by = fields.BigIntField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "statement_mapping"
        indexes = (("said_at",),)


class StatementDraft(Model):
    """A statement whose columns a person still has to name: the file itself until it is taken in or put away.

    One open draft for a carrier and a file (`statement_draft_open_once_by_hand`).
    `head` is the row of its heads, from 0; `columns` the place of each field once they were named.
    """

    id = fields.BigIntField(primary_key=True)
    carrier = fields.CharField(20)
    name = fields.CharField(120)
    digest = fields.CharField(64)
    content = fields.BinaryField()
    head = fields.IntField()
    columns: fields.JSONField[dict[str, int]] = fields.JSONField(default=dict)
    person_id = fields.BigIntField()
    sent_at = fields.DatetimeField()
    statement_id = fields.BigIntField(null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "statement_draft"
        indexes = (("closed_at", "sent_at"),)


class CarrierBatch(Model):
    """A hand-over list for a carrier without an interface: what was booked with it until then, in one file."""

    id = fields.BigIntField(primary_key=True)
    carrier = fields.CharField(20)
    parcels = fields.IntField()
    made_by = fields.BigIntField()
    made_at = fields.DatetimeField()

    class Meta:
        table = "carrier_batch"
        indexes = (("carrier", "made_at"),)
