"""What a market's board types about fees: the month, sums for each stall, why one is taken back."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from kit.forms import Form, day, text
from kit.i18n import say
from kit.money import parse_dong
from orders.services.fees.billing import FEE_MOST_DONG, FeeLine

KINDS = ("stall", "power", "cleaning")
DUE_AFTER = timedelta(days=10)
_FIELD = re.compile(r"(stall|power|cleaning)-([0-9]{1,18})")
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


class BillForm(Form):
    """Until when a month's fees are to be paid."""

    due_on: date = day(missing=say("Cần hạn trả."))


class VoidForm(Form):
    """Why a fee is taken back."""

    because: str = text(max_length=200, min_length=3, missing=say("Ghi vì sao bỏ khoản phí này."))


def month_in(asked: str, today: date) -> date:
    """The first day of the month in "2026-11"; of this month for anything else."""
    found = _MONTH.fullmatch(asked)
    return date(int(found[1]), int(found[2]), 1) if found else today.replace(day=1)


def due_for(month: date) -> date:
    """The usual day to pay by: the tenth of the month after."""
    return (month + timedelta(days=31)).replace(day=1) + DUE_AFTER - timedelta(days=1)


def lines_in(form: Form, typed: Mapping[str, object]) -> dict[int, FeeLine]:
    """The sums by stall from fields named «power-17»; what is no sum is noted at its field and kept as typed."""
    sums: dict[int, dict[str, int]] = {}
    for name, value in typed.items():
        found = _FIELD.fullmatch(name)
        if found is None:
            continue
        form.typed[name] = str(value)
        sums.setdefault(int(found[2]), {})[found[1]] = _dong(form, name, str(value).strip())
    return {stall_id: FeeLine(*(one.get(kind, 0) for kind in KINDS)) for stall_id, one in sums.items()}


def _dong(form: Form, name: str, typed: str) -> int:
    try:
        amount = parse_dong(typed) if typed else 0
    except ValueError:
        form.wrong(name, say("Số tiền cần là số đồng, ví dụ 35.000. Bạn vừa nhập «{typed}».", typed=typed))
        return 0
    if amount > FEE_MOST_DONG:
        form.wrong(name, say("Mỗi khoản phí nhiều nhất 99.999.999 ₫."))
    return amount
