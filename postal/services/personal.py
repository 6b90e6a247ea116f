"""People in parcels: a recipient's own parcels as a copy, and without the recipient when they are erased."""

from kit.db import is_in_transaction
from kit.rows import Row, plain_rows
from postal.models import Parcel, ParcelEvent

NOBODY = "—"


async def rows_of_recipient(references: list[str]) -> dict[str, list[Row]]:
    """The parcels of these orders and what happened to them."""
    parcels = await Parcel.filter(reference__in=references).order_by("id")
    events = await ParcelEvent.filter(parcel_id__in=[one.id for one in parcels]).order_by("id")
    return {"parcels": plain_rows(parcels), "parcel_steps": plain_rows(events)}


async def rows_of_carrier(person_id: int) -> dict[str, list[Row]]:
    """What a person did with parcels at work."""
    return {"parcel_acts": plain_rows(await ParcelEvent.filter(person_id=person_id).order_by("id"))}


async def forget_recipients(references: list[str]) -> None:
    """Takes the recipient's name, phone and address line off these parcels. Needs an open transaction()."""
    if not is_in_transaction():
        raise RuntimeError("forget_recipients() needs an open transaction()")
    await Parcel.filter(reference__in=references).update(
        recipient_name=NOBODY, recipient_phone="", recipient_line=""
    )
