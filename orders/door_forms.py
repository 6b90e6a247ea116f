"""What is sent about paying at the door: a buyer's choice for each seller, and the seller's own offer."""

from collections.abc import Mapping

from kit.forms import Form, flag

AT_DOOR = "door"


class DoorOfferForm(Form):
    """Whether a seller takes orders that are paid at the door."""

    is_on: bool = flag()


def read_doors(values: Mapping[str, object]) -> frozenset[int]:
    """The sellers whose part is paid at the door, from fields `pay_{vendor}` that say "door"."""
    named = [str(name).removeprefix("pay_") for name, value in values.items() if _says_door(name, value)]
    return frozenset(_numbers(named[:50]))


def doors_in(text: str) -> frozenset[int]:
    """The same from a program's text: "17,18"."""
    return frozenset(_numbers([one.strip() for one in text.split(",")][:50]))


def _says_door(name: object, value: object) -> bool:
    return str(name).startswith("pay_") and str(value) == AT_DOOR


def _numbers(texts: list[str]) -> list[int]:
    return [int(one) for one in texts if one.isascii() and one.isdecimal() and len(one) < 18]
