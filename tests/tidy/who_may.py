"""The table who_may.csv read: which route is whose, which thing it names, and what others get who ask for it."""

import csv
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

TABLE = Path(__file__).with_name("who_may.csv")
HIDDEN, REFUSED, NOTHING = "hidden", "refused", "nothing"
PUBLIC, ROLE, OWN, SIGNED = "public", "role", "own", "signed"
OTHERS = frozenset({"", HIDDEN, REFUSED, NOTHING, PUBLIC, ROLE, OWN, SIGNED})


@dataclass(frozen=True)
class Row:
    """One route.

    `who`: anyone, signed in, or roles parted by bars. `thing`: what the address names, a kind of the town's things.
    `others`: what those get who may call the route but whose thing it is not: hidden (404), refused (403),
    nothing (the same answer as for any address, and nothing is written), public (they see it too), role (all who hold
    the role see it), own (the address names nobody's thing), signed (the call proves itself). `also`: people beside
    the owner who are let in. `form`: what a form or a program sends, so that it is not refused for that. `why`: needed
    wherever others are not kept out.
    """

    route: str
    who: str
    thing: str
    others: str
    also: tuple[str, ...]
    form: dict[str, str]
    why: str

    @property
    def roles(self) -> frozenset[str]:
        """The roles that may call it; none for anyone and for everybody signed in."""
        return frozenset(self.who.split("|")) if self.who not in ("anyone", "signed in") else frozenset()


def table() -> dict[str, Row]:
    """The rows by route. Raises ValueError for a route that stands twice."""
    rows: dict[str, Row] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for one in csv.DictReader(file):
            also = tuple(filter(None, one["also"].split("|")))
            row = Row(
                one["route"],
                one["who"],
                one["thing"],
                one["others"],
                also,
                dict(parse_qsl(one["form"])),
                one["why"],
            )
            if row.route in rows:
                raise ValueError(f"{row.route} stands twice in {TABLE.name}")
            rows[row.route] = row
    return rows
