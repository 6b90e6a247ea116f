"""What the digital team knows of a person: as a copy to take along, and without the person when they are erased."""

from datetime import datetime

from tortoise.expressions import Q

from kit.db import is_in_transaction
from kit.rows import Row, plain_rows
from vendors.models import (
    ConsentEnd,
    HelpAct,
    HelpConsent,
    HelpedHousehold,
    HelpVisit,
    HouseholdDifficulty,
)

NOBODY = "—"
OTHERS = frozenset({"member_phone", "witness_phone", "picture_key"})


async def rows_of_helped(person_id: int, *, phone: str, vendor_ids: list[int]) -> dict[str, list[Row]]:
    """The household of this phone or of these vendors, the visits to it, its consents, what was done for the person."""
    households = await _households(phone, vendor_ids)
    ids = [one.id for one in households]
    of_household = {"household_id__in": ids}
    consents = HelpConsent.filter(Q(for_person_id=person_id) | Q(household_id__in=ids)).order_by("id")
    return {
        "households": plain_rows(households),
        "household_visits": plain_rows(await HelpVisit.filter(**of_household).order_by("id")),
        "household_difficulties": plain_rows(await HouseholdDifficulty.filter(**of_household).order_by("id")),
        "help_consents": plain_rows(await consents, leave_out=OTHERS),
        "help_acts": plain_rows(await HelpAct.filter(for_person_id=person_id).order_by("id")),
    }


async def forget_helped(person_id: int, *, phone: str, vendor_ids: list[int], now: datetime) -> None:
    """Ends the consents and takes names, phones and addresses off; that there was a visit or a consent stays.

    Also takes the person off consents in which they were the team's member. Needs an open transaction().
    """
    if not is_in_transaction():
        raise RuntimeError("forget_helped() needs an open transaction()")
    households = await _households(phone, vendor_ids)
    theirs = HelpConsent.filter(
        Q(for_person_id=person_id) | Q(household_id__in=[one.id for one in households])
    )
    ids = [int(str(id)) for id in await theirs.values_list("id", flat=True)]
    await HelpConsent.filter(id__in=ids, ended_at__isnull=True).update(
        ended_at=now, ended_how=ConsentEnd.PAGE
    )
    await HelpConsent.filter(id__in=ids, delete_at__isnull=False).update(delete_at=now)
    await HelpConsent.filter(id__in=ids).update(phone="", address="", witness_name="", witness_phone="")
    await HelpConsent.filter(person_id=person_id).update(member_name=NOBODY, member_phone="")
    for one in households:
        one.phone, one.name, one.line, one.note, one.difficulty_words = f"-{one.id}", NOBODY, "", "", ""
        await one.save(update_fields=["phone", "name", "line", "note", "difficulty_words"])


async def _households(phone: str, vendor_ids: list[int]) -> list[HelpedHousehold]:
    return await HelpedHousehold.filter(Q(phone=phone) | Q(vendor_id__in=vendor_ids)).order_by("id")
