"""What persons named: how each carrier's statements are read, by whom and since when; files that still wait for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.services import names_of
from kit.text import fold
from postal.models import StatementDraft, StatementMapping

PAGE_ROWS = 24
PAGES_MAX = 500
DRAFTS_SHOWN = 24


@dataclass(frozen=True)
class MappingRow:
    """One naming: the carrier's heads as written, the head of each field, who said it and who ended it."""

    id: int
    carrier: str
    heads: Sequence[str]
    columns: dict[str, str]
    said_by: str
    said_at: datetime
    ended_by: str
    ended_at: datetime | None


@dataclass(frozen=True)
class MappingPage:
    """A page of namings, those of late first."""

    rows: list[MappingRow]
    page: int
    has_more: bool


@dataclass(frozen=True)
class WaitingFile:
    """A file whose columns nobody has named yet."""

    id: int
    carrier: str
    name: str
    sent_at: datetime


async def mappings(page: int = 1) -> MappingPage:
    """A page of namings, standing and ended. Two queries."""
    page = max(1, min(page, PAGES_MAX))
    rows = StatementMapping.all().order_by("-said_at", "-id").offset((page - 1) * PAGE_ROWS)
    found = await rows.limit(PAGE_ROWS + 1)
    people = {one.said_by for one in found} | {one.ended_by for one in found if one.ended_by}
    names = await names_of(people) if people else {}
    return MappingPage([_row(one, names) for one in found[:PAGE_ROWS]], page, len(found) > PAGE_ROWS)


async def waiting_files() -> list[WaitingFile]:
    """Up to 24 files that wait for somebody to name their columns, the newest first. One query."""
    mine = StatementDraft.filter(closed_at__isnull=True).order_by("-sent_at", "-id").limit(DRAFTS_SHOWN)
    rows = await mine.values_list("id", "carrier", "name", "sent_at")
    return [WaitingFile(int(str(row[0])), str(row[1]), str(row[2]), row[3]) for row in rows]


def _row(one: StatementMapping, names: dict[int, str]) -> MappingRow:
    written = {fold(head): head for head in one.heads}
    return MappingRow(
        one.id,
        one.carrier,
        one.heads,
        {name: written.get(head, head) for name, head in one.columns.items()},
        names.get(one.said_by, f"#{one.said_by}"),
        one.said_at,
        names.get(one.ended_by, f"#{one.ended_by}") if one.ended_by else "",
        one.ended_at,
    )
