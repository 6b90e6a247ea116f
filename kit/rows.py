"""Rows of tables as plain values, for copies that people take along."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from tortoise.models import Model

Row = dict[str, object]


def plain_rows(rows: Iterable[Model], *, leave_out: frozenset[str] = frozenset()) -> list[Row]:
    """Each row's columns as JSON holds them: moments in ISO 8601 with their zone, decimals and choices as text."""
    return [
        {name: _plain(getattr(row, name)) for name in row._meta.db_fields if name not in leave_out}
        for row in rows
    ]


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value
