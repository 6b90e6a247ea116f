"""Dated rules as administrators set them: what a decree changes is written ahead, with its source, and recorded."""

import re
from dataclasses import dataclass
from datetime import date

from accounts.services import record
from kit.db import transaction
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence, say
from kit.models import DatedRule
from kit.money import show_dong
from kit.rules import drop_rule, rule_rows, sources_in_vietnamese, write_rule

DAYS = r"[1-9][0-9]{0,3}"
YES_NO = "yes|no"
SUM = r"0|[1-9][0-9]{3,12}"
TAX = r"[0-9]{1,4}/[0-9]{1,4}"


@dataclass(frozen=True)
class Known:
    """What a rule is called and which values make sense for it."""

    words: Sentence
    pattern: str
    form: Sentence


_DAYS_FORM = say("Giá trị là một số nguyên từ 1 đến 9999.")
_SUM_FORM = say("Giá trị là số đồng, chỉ gồm chữ số, ví dụ 1000000000.")
_TAX_FORM = say("Giá trị là hai số cách nhau bằng dấu gạch chéo, ví dụ 100/50.")
_YES_FORM = say("Giá trị là yes hoặc no.")
KNOWN: dict[str, Known] = {
    "selling_needs_identity": Known(say("Phải xác minh mới được bán"), YES_NO, _YES_FORM),
    "identity_documents_kept_days": Known(say("Giữ ảnh giấy tờ, số ngày"), DAYS, _DAYS_FORM),
    "privacy_received_workdays": Known(
        say("Báo đã nhận việc xin về dữ liệu, số ngày làm việc"), DAYS, _DAYS_FORM
    ),
    "privacy_copy_days": Known(say("Đưa bản sao dữ liệu, số ngày"), DAYS, _DAYS_FORM),
    "privacy_correct_days": Known(say("Sửa dữ liệu, số ngày"), DAYS, _DAYS_FORM),
    "privacy_erase_days": Known(say("Xoá dữ liệu, số ngày"), DAYS, _DAYS_FORM),
    "privacy_erase_waits_days": Known(say("Chờ người xin đổi ý trước khi xoá, số ngày"), DAYS, _DAYS_FORM),
    "privacy_copy_kept_days": Known(say("Giữ bản sao để tải, số ngày"), DAYS, _DAYS_FORM),
    "return_answer_days": Known(say("Người bán trả lời việc trả hàng, số ngày"), DAYS, _DAYS_FORM),
    "claim_refund_days": Known(say("Hoàn tiền khi khiếu nại được chấp nhận, số ngày"), DAYS, _DAYS_FORM),
    "claim_raise_days": Known(say("Nhờ ban quản lý chợ sau khi bị từ chối, số ngày"), DAYS, _DAYS_FORM),
    "claim_decision_days": Known(say("Ban quản lý chợ quyết định khiếu nại, số ngày"), DAYS, _DAYS_FORM),
    "short_answer_hours": Known(say("Người mua trả lời đơn thiếu hàng, số giờ"), DAYS, _DAYS_FORM),
    "weight_answer_hours": Known(say("Người mua trả phần hàng nặng hơn, số giờ"), DAYS, _DAYS_FORM),
    "weight_fresh_hours": Known(say("Người mua trả phần hàng tươi nặng hơn, số giờ"), DAYS, _DAYS_FORM),
    "fetch_ready_hours": Known(say("Người bán chuẩn bị hàng cho khách đến lấy, số giờ"), DAYS, _DAYS_FORM),
    "fetch_kept_days": Known(say("Giữ hàng ở sạp, bàn giữ hàng chờ khách, số ngày"), DAYS, _DAYS_FORM),
    "point_kept_days": Known(say("Bưu cục giữ bưu gửi chờ khách đến lấy, số ngày"), DAYS, _DAYS_FORM),
    "rating_days": Known(say("Đánh giá được sau khi nhận hàng, số ngày"), DAYS, _DAYS_FORM),
    "takedown_authority_hours": Known(say("Gỡ hàng khi cơ quan nhà nước yêu cầu, số giờ"), DAYS, _DAYS_FORM),
    "takedown_rights_hours": Known(say("Trả lời người có quyền báo, số giờ"), DAYS, _DAYS_FORM),
    "takedown_report_hours": Known(say("Trả lời người mua báo, số giờ"), DAYS, _DAYS_FORM),
    "takedown_appeal_hours": Known(say("Quyết định khiếu nại, số giờ"), DAYS, _DAYS_FORM),
    "household_revenue_threshold": Known(
        say("Mức doanh thu năm phải nộp thuế của hộ kinh doanh, đồng"), r"[1-9][0-9]{6,13}", _SUM_FORM
    ),
    "carrier_claim_lost_days": Known(say("Đòi hãng bồi thường bưu gửi mất, số ngày"), DAYS, _DAYS_FORM),
    "carrier_claim_damaged_days": Known(say("Đòi hãng bồi thường bưu gửi hỏng, số ngày"), DAYS, _DAYS_FORM),
    "carrier_claim_answer_days": Known(say("Hãng trả lời việc bồi thường, số ngày"), DAYS, _DAYS_FORM),
    "carrier_claim_pay_days": Known(say("Hãng trả tiền bồi thường, số ngày"), DAYS, _DAYS_FORM),
    "carrier_claim_fee_times": Known(say("Bồi thường ít nhất mấy lần cước"), DAYS, _DAYS_FORM),
    "carrier_ceiling_viettel_post": Known(say("Viettel Post bồi thường nhiều nhất, đồng"), SUM, _SUM_FORM),
    "carrier_ceiling_vnpost": Known(say("VNPost bồi thường nhiều nhất, đồng"), SUM, _SUM_FORM),
    "carrier_ceiling_ghn": Known(say("Giao Hàng Nhanh bồi thường nhiều nhất, đồng"), SUM, _SUM_FORM),
    "carrier_ceiling_ghtk": Known(say("Giao Hàng Tiết Kiệm bồi thường nhiều nhất, đồng"), SUM, _SUM_FORM),
    "carrier_ceiling_file": Known(say("Hãng vận chuyển khác bồi thường nhiều nhất, đồng"), SUM, _SUM_FORM),
    "door_limit_dong": Known(say("Trả khi nhận nhiều nhất cho một đơn, đồng"), SUM, _SUM_FORM),
    "door_refusals_most": Known(say("Từ chối nhận mấy lần thì phải trả trước, số lần"), DAYS, _DAYS_FORM),
    "door_pack_hours": Known(say("Gói đơn trả khi nhận, số giờ"), DAYS, _DAYS_FORM),
    "door_remit_days": Known(say("Hãng chuyển tiền thu hộ, số ngày"), DAYS, _DAYS_FORM),
    "platform_tax_goods": Known(say("Thuế khấu trừ khi bán hàng hoá, GTGT/TNCN, phần vạn"), TAX, _TAX_FORM),
    "platform_tax_services": Known(say("Thuế khấu trừ khi bán dịch vụ, GTGT/TNCN, phần vạn"), TAX, _TAX_FORM),
    "platform_tax_transport": Known(say("Thuế khấu trừ khi vận tải, GTGT/TNCN, phần vạn"), TAX, _TAX_FORM),
    "order_years_kept": Known(say("Giữ tên người mua trong đơn, số năm"), DAYS, _DAYS_FORM),
}


@dataclass(frozen=True)
class RuleLine:
    """One value with its time: in force now, to come, or past; `source_vi` is its source for readers of Vietnamese."""

    id: int
    valid_from: date
    value: str | Sentence
    source: str
    source_vi: str
    is_now: bool
    is_ahead: bool


@dataclass(frozen=True)
class RuleGroup:
    """A rule with all its values, newest first."""

    name: str
    words: Sentence | None
    lines: list[RuleLine]


async def rule_groups(*, today: date) -> list[RuleGroup]:
    """Every rule, those with words first. One query."""
    by_name: dict[str, list[DatedRule]] = {}
    for row in await rule_rows():
        by_name.setdefault(row.name, []).append(row)
    groups = [
        RuleGroup(name, KNOWN[name].words if name in KNOWN else None, _lines(rows, today))
        for name, rows in by_name.items()
    ]
    order = list(KNOWN)
    return sorted(groups, key=lambda one: order.index(one.name) if one.name in KNOWN else len(order))


async def set_rule(
    name: str, valid_from: date, value: str, source: str, *, because: str, by: int, today: date
) -> None:
    """Sets a value from a day on. Refusal at the field: an unknown rule, a value of the wrong form, no reason.

    A day that has come needs the reason, since people may have relied on what stood.
    """
    if not any(group.name == name for group in await rule_groups(today=today)):
        raise Refusal(say("Không có quy định này."), field="name")
    known = KNOWN.get(name)
    if known and not re.fullmatch(known.pattern, value):
        raise Refusal(known.form, field="value")
    if valid_from <= today and len(because) < 5:
        raise Refusal(
            say("Ngày này đã tới. Sửa điều đang áp dụng hoặc đã qua thì cần ghi lý do."), field="because"
        )
    async with transaction():
        before = await write_rule(name, valid_from, value, source)
        details = {"value": value, "before": before or "", "because": because}
        await record(by, "rule_set", "rule", name, valid_from=valid_from.isoformat(), **details)


async def remove_rule(rule_id: int, *, by: int, today: date) -> None:
    """Takes back a value that has not begun. NotFound for one that has, or none."""
    async with transaction():
        row = await drop_rule(rule_id, today=today)
        if row is None:
            raise NotFound()
        day = row.valid_from.isoformat()
        await record(by, "rule_removed", "rule", row.name, valid_from=day, value=row.value)


def _lines(rows: list[DatedRule], today: date) -> list[RuleLine]:
    begun = [row for row in rows if row.valid_from <= today]
    now = begun[0] if begun else None
    vietnamese = sources_in_vietnamese()
    return [
        RuleLine(
            row.id,
            row.valid_from,
            _shown(row.name, row.value),
            row.source,
            vietnamese.get(row.source, row.source),
            row is now,
            row.valid_from > today,
        )
        for row in rows
    ]


def _shown(name: str, value: str) -> str | Sentence:
    """A value as people read it: sums with their dots, yes and no in words."""
    form = KNOWN[name].form if name in KNOWN else None
    if form is _YES_FORM:
        return say("có") if value == "yes" else say("không")
    return show_dong(int(value)) if form is _SUM_FORM and value.isdecimal() else value
