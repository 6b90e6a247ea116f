"""The trail of who did what to what: written in the act's transaction, never changed, read newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import AuditEntry
from accounts.services.names import names_of
from kit.db import insert, is_in_transaction

PAGE_ROWS = 50


@dataclass(frozen=True)
class AuditLine:
    """One act as the audit page shows it; `person` is a name or a masked phone, "" for the market itself."""

    id: int
    at: datetime
    person_id: int | None
    person: str
    action: str
    subject_kind: str
    subject_id: str
    details: dict[str, object]


@dataclass(frozen=True)
class AuditPage:
    """Lines newest first; `older_before` is what to ask for next, None at the end."""

    lines: list[AuditLine]
    older_before: int | None


async def record(
    person_id: int | None, action: str, subject_kind: str, subject_id: object, **details: object
) -> None:
    """Writes one act into the trail. Needs the act's open transaction(): both stay or neither.

    `action` is a past participle with its subject ("role_granted"); details must be what JSON can hold.
    """
    if not is_in_transaction():
        raise RuntimeError("record() needs an open transaction()")
    entry = AuditEntry(
        person_id=person_id,
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        details=details,
    )
    await insert(entry)


async def record_each(
    person_id: int | None, action: str, subject_kind: str, subject_ids: Sequence[object]
) -> None:
    """Writes the same act on many subjects in one query; otherwise like record()."""
    if not is_in_transaction():
        raise RuntimeError("record_each() needs an open transaction()")
    await AuditEntry.bulk_create(
        [
            AuditEntry(person_id=person_id, action=action, subject_kind=subject_kind, subject_id=str(id))
            for id in subject_ids
        ]
    )


async def audit_page(
    *,
    person_id: int | None = None,
    subject_kind: str = "",
    subject_id: str = "",
    before: int | None = None,
) -> AuditPage:
    """Up to 50 acts older than the one numbered `before`, by one person or on one subject if asked. Two queries."""
    rows = AuditEntry.all()
    if person_id is not None:
        rows = rows.filter(person_id=person_id)
    if subject_kind:
        rows = rows.filter(subject_kind=subject_kind)
    if subject_id:
        rows = rows.filter(subject_id=subject_id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = await rows.order_by("-id").limit(PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    names = await names_of({row.person_id for row in shown if row.person_id is not None})
    lines = [_line(row, names) for row in shown]
    return AuditPage(lines, shown[-1].id if len(found) > PAGE_ROWS else None)


def _line(row: AuditEntry, names: dict[int, str]) -> AuditLine:
    person = names.get(row.person_id, f"#{row.person_id}") if row.person_id is not None else ""
    return AuditLine(
        row.id, row.at, row.person_id, person, row.action, row.subject_kind, row.subject_id, row.details
    )
