"""Dated rules: what law sets from a certain day on, kept as rows so that a decree needs no new code."""

import csv
import functools
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from kit.db import sql
from kit.models import DatedRule

RULES_CSV = Path(__file__).with_name("data") / "rules.csv"
_IN_FORCE = (
    "SELECT DISTINCT ON (name) name, value FROM dated_rule WHERE name = ANY($1) AND valid_from <= $2"
    " ORDER BY name, valid_from DESC"
)


async def load_rules() -> int:
    """Adds the rules of rules.csv that the table lacks; rows that stand are left as they are. Gives how many."""
    before = await DatedRule.all().count()
    rows = [
        DatedRule(
            name=row["name"],
            valid_from=date.fromisoformat(row["valid_from"]),
            value=row["value"],
            source=row["source"],
        )
        for row in _shipped()
    ]
    await DatedRule.bulk_create(rows, ignore_conflicts=True)
    return await DatedRule.all().count() - before


@functools.cache
def sources_in_vietnamese() -> dict[str, str]:
    """The sources of rules.csv, English to Vietnamese; what an administrator wrote is not among them."""
    return {row["source"]: row["source_vi"] for row in _shipped()}


def _shipped() -> list[dict[str, str]]:
    with RULES_CSV.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def rule_on(name: str, day: date) -> str | None:
    """The value in force on a day (in Vietnam): the newest that began by then; None before the first."""
    return (await rules_on([name], day)).get(name)


async def rules_on(names: Sequence[str], day: date) -> dict[str, str]:
    """The same of several rules by name, those that have begun; one query."""
    return {str(row["name"]): str(row["value"]) for row in await sql(_IN_FORCE, [list(names), day])}


async def days_after(name: str, day: date, default: int) -> date:
    """The day that lies as many days after `day` as the rule says on it; `default` days before there was a rule."""
    return day + timedelta(days=int(await rule_on(name, day) or default))


async def first_day_of(name: str, value: str) -> date | None:
    """The first day on which a rule has this value; None when it never does."""
    row = await DatedRule.filter(name=name, value=value).order_by("valid_from").first()
    return row.valid_from if row else None


async def rule_rows() -> list[DatedRule]:
    """Every row, by name and then newest first."""
    return await DatedRule.all().order_by("name", "-valid_from")


async def write_rule(name: str, valid_from: date, value: str, source: str) -> str | None:
    """Sets a rule's value from a day on; what stood on that very day is given back, None when nothing did.

    Needs the transaction() of the act that records it.
    """
    row = await DatedRule.get_or_none(name=name, valid_from=valid_from)
    if row is None:
        await DatedRule.create(name=name, valid_from=valid_from, value=value, source=source)
        return None
    before, row.value, row.source = row.value, value, source
    await row.save(update_fields=["value", "source"])
    return before


async def drop_rule(rule_id: int, *, today: date) -> DatedRule | None:
    """Takes away a row whose day has not come; None, with nothing done, for any other."""
    row = await DatedRule.get_or_none(id=rule_id, valid_from__gt=today)
    if row is not None:
        await row.delete()
    return row
