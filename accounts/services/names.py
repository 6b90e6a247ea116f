"""What people are called on screen: their name, else their masked phone."""

from collections.abc import Iterable

from accounts.models import Person
from kit.identifiers import mask_phone


def called(name: str, phone: str) -> str:
    """A person's name; who gave none is called by the masked phone: 0912 *** 678."""
    return name or mask_phone(phone)


async def names_of(person_ids: Iterable[int]) -> dict[int, str]:
    """What these people are called, by number, in one query; unknown numbers are left out."""
    rows = await Person.filter(id__in=list(set(person_ids)))
    return {row.id: called(row.name, row.phone) for row in rows}
