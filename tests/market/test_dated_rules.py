"""Dated rules by an administrator's hand: ahead of their day, or with a reason; each in the trail."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry
from kit.clock import StoppedClock
from kit.dates import vietnam_date
from kit.models import DatedRule
from kit.roles import Role
from kit.rules import load_rules, rule_on, sources_in_vietnamese
from market.rule_desk import KNOWN, rule_groups
from tests.conftest import Browser

pytestmark = pytest.mark.usefixtures("db")
DECREE = "Nghị định 999/2027/NĐ-CP, điều 1"


@pytest.fixture
async def admin(client: Browser, sign_in_as: Callable[..., Any]) -> Browser:
    """An administrator in a market with its rules."""
    await load_rules()
    await sign_in_as(client, "0973111222", Role.ADMIN)
    return client


async def test_a_rule_is_set_ahead_and_taken_back(admin: Browser, clock: StoppedClock) -> None:
    today = vietnam_date(clock.now())
    ahead = today + timedelta(days=30)
    sent = {"name": "privacy_erase_days", "valid_from": ahead.isoformat(), "value": "25", "source": DECREE}
    assert (await admin.submit("/admin/rules", sent)).headers["location"] == "/admin/rules?told=set"
    assert await rule_on("privacy_erase_days", today) == "20"
    assert await rule_on("privacy_erase_days", ahead) == "25"
    row = await DatedRule.get(name="privacy_erase_days", value="25")
    page = await admin.get("/admin/rules")
    assert DECREE in page.text and f"/admin/rules/{row.id}/removal" in page.text
    assert (await admin.submit(f"/admin/rules/{row.id}/removal")).status_code == 303
    assert await rule_on("privacy_erase_days", ahead) == "20"
    acts = await AuditEntry.filter(subject_kind="rule").order_by("id").values_list("action", flat=True)
    assert acts == ["rule_set", "rule_removed"]


async def test_sources_and_values_stand_in_the_readers_language(admin: Browser) -> None:
    """What ships in both languages is read in one's own; sums and yes or no are no values of the program."""
    for language, words, others in (
        ("vi", ("Luật 122/2025/QH15 và Nghị định", "1.000.000.000", "có từ ngày"), ("own term", "yes từ")),
        ("en", ("The market&#39;s own term", "1.000.000.000", "yes from"), ("do chợ đặt",)),
    ):
        admin.cookies.set("language", language)
        page = (await admin.get("/admin/rules")).text
        assert [one for one in words if one not in page] == []
        assert [one for one in others if one in page] == []


async def test_what_holds_already_changes_only_with_a_reason(admin: Browser, clock: StoppedClock) -> None:
    today = vietnam_date(clock.now())
    sent = {"name": "privacy_copy_kept_days", "valid_from": today.isoformat(), "value": "3", "source": DECREE}
    refused = await admin.submit("/admin/rules", sent)
    assert refused.status_code == 422 and "cần ghi lý do" in refused.text
    assert await rule_on("privacy_copy_kept_days", today) == "7"
    sent["because"] = "gõ nhầm lúc đầu"
    assert (await admin.submit("/admin/rules", sent)).status_code == 303
    assert await rule_on("privacy_copy_kept_days", today) == "3"
    entry = await AuditEntry.get(action="rule_set")
    assert entry.details["because"] == "gõ nhầm lúc đầu"
    row = await DatedRule.get(name="privacy_copy_kept_days", value="3")
    assert (await admin.submit(f"/admin/rules/{row.id}/removal")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"value": "soon"}, "số nguyên"),
        ({"value": "0"}, "số nguyên"),
        ({"value": "-5"}, "số nguyên"),
        ({"name": "selling_needs_identity", "value": "maybe"}, "yes hoặc no"),
        ({"name": "no_such_rule"}, "Không có quy định này"),
        ({"name": "DROP TABLE"}, "Hãy chọn một quy định"),
        ({"valid_from": "30/02/2030"}, "Ngày cần viết"),
        ({"source": ""}, "Hãy ghi căn cứ"),
    ],
)
async def test_a_value_that_makes_no_sense_is_refused_at_its_place(
    admin: Browser, changes: dict[str, str], sentence: str
) -> None:
    before = await DatedRule.all().count()
    sent = {"name": "privacy_copy_days", "valid_from": "2099-01-01", "value": "9", "source": DECREE}
    answer = await admin.submit("/admin/rules", {**sent, **changes})
    assert answer.status_code == 422 and sentence in answer.text
    assert await DatedRule.all().count() == before


async def test_every_rule_that_ships_has_its_words_and_a_fitting_value(clock: StoppedClock) -> None:
    await load_rules()
    for row in await DatedRule.all():
        assert re.fullmatch(KNOWN[row.name].pattern, row.value), row.name
        assert sources_in_vietnamese()[row.source]
    shown = await rule_groups(today=vietnam_date(clock.now()))
    assert [one.name for one in shown][: len(KNOWN)] == list(KNOWN)
    assert all(sum(line.is_now for line in one.lines) <= 1 for one in shown)
