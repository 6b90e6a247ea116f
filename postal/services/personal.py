"""People in parcels: a recipient's own parcels as a copy, and without the recipient when they are erased."""

from tortoise.expressions import F

from kit.db import is_in_transaction
from kit.rows import Row, plain_rows
from postal.models import Debrief, DoubtfulAct, Parcel, ParcelEvent, ParcelProof

NOBODY = "—"


async def rows_of_recipient(references: list[str]) -> dict[str, list[Row]]:
    """The parcels of these orders and what happened to them."""
    parcels = await Parcel.filter(reference__in=references).order_by("id")
    events = await ParcelEvent.filter(parcel_id__in=[one.id for one in parcels]).order_by("id")
    proofs = await ParcelProof.filter(parcel_id__in=[one.id for one in parcels]).order_by("id")
    return {
        "parcels": plain_rows(parcels),
        "parcel_steps": plain_rows(events),
        "parcel_proofs": plain_rows(proofs, leave_out=frozenset({"key"})),
    }


async def rows_of_carrier(person_id: int) -> dict[str, list[Row]]:
    """What a person did with parcels at work."""
    mine = {"person_id": person_id}
    return {
        "parcel_acts": plain_rows(await ParcelEvent.filter(**mine).order_by("id")),
        "doubtful_acts": plain_rows(await DoubtfulAct.filter(**mine).order_by("id")),
        "debriefs": plain_rows(await Debrief.filter(**mine).order_by("id")),
    }


async def forget_recipients(references: list[str]) -> None:
    """Takes the recipient's name, phone and address line off these parcels; their pictures are due to be deleted.

    Needs an open transaction().
    """
    if not is_in_transaction():
        raise RuntimeError("forget_recipients() needs an open transaction()")
    await Parcel.filter(reference__in=references).update(
        recipient_name=NOBODY,
        recipient_phone="",
        recipient_line="",
        digital_address="",
        latitude=None,
        longitude=None,
    )
    parcel_ids = [row.id for row in await Parcel.filter(reference__in=references).only("id")]
    await ParcelProof.filter(parcel_id__in=parcel_ids).update(delete_at=F("made_at"))
