"""How far a year's revenue is on its way to the threshold of household tax, and what that means.

Decree 68/2026/NĐ-CP as amended by Decree 141/2026/NĐ-CP: up to the threshold no value-added and personal income tax,
the year's revenue is notified by 31 January; beyond it, declared from the quarter in which it is passed (Art. 8 to 10).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kit.i18n import Sentence, say
from kit.money import show_dong
from kit.rules import rule_on
from orders.services.book.periods import Period, Span, period_of
from orders.services.book.totals import Part, parts

RULE = "household_revenue_threshold"
WARNS_AT_PERCENT = 80


class Mark(StrEnum):
    """Where a year's revenue stands: below, near (from 80 %), or past the threshold."""

    BELOW = "below"
    NEAR = "near"
    PAST = "past"


@dataclass(frozen=True)
class Meter:
    """A year's revenue beside the threshold, in đồng; `percent` is cut off, so 100 stands only when it is reached.

    `passed` is the quarter in which it was passed, `due` the last day to declare that quarter's tax.
    """

    year: int
    dong: int
    threshold_dong: int
    percent: int
    mark: Mark
    passed: Period | None
    due: date | None

    @property
    def words(self) -> Sentence:
        """What it means, said plainly."""
        threshold = show_dong(self.threshold_dong)
        if self.mark is Mark.PAST and self.passed is not None and self.due is not None:
            return say(
                "Doanh thu năm {year} đã qua mức {threshold}. Cô bác kê khai thuế giá trị gia tăng và thuế thu nhập"
                " cá nhân từ {quarter}, chậm nhất ngày {due}, và đăng ký hoá đơn điện tử trong 30 ngày sau quý đó.",
                year=self.year,
                threshold=threshold,
                quarter=self.passed.title,
                due=f"{self.due:%d/%m/%Y}",
            )
        if self.mark is Mark.NEAR:
            return say(
                "Còn {rest} nữa là tới mức {threshold}. Qua mức đó thì phải kê khai thuế từ chính quý vượt mức,"
                " cô bác nên chuẩn bị trước.",
                rest=show_dong(max(self.threshold_dong - self.dong, 0)),
                threshold=threshold,
            )
        return say(
            "Chưa tới mức {threshold} một năm nên không phải nộp thuế giá trị gia tăng và thuế thu nhập cá nhân."
            " Cô bác vẫn báo doanh thu cả năm cho thuế, chậm nhất ngày 31/01/{next}.",
            threshold=threshold,
            next=self.year + 1,
        )


async def meter(vendor_id: int, year: int) -> Meter | None:
    """The meter of a calendar year; None for a year that had no such threshold. Two queries."""
    period = period_of(Span.YEAR, date(year, 1, 1))
    rule = await rule_on(RULE, period.last)
    if rule is None or not rule.isdecimal():
        return None
    return meter_of(period, await parts(vendor_id, period), int(rule))


def meter_of(year: Period, months: list[Part], threshold_dong: int) -> Meter:
    """The meter from a year's months, in their order."""
    dong, passed = 0, None
    for month in months:
        dong += month.dong
        if passed is None and dong > threshold_dong:
            passed = period_of(Span.QUARTER, month.period.first)
    mark = Mark.PAST if dong > threshold_dong else Mark.BELOW
    if mark is Mark.BELOW:
        passed = None
        if 100 * dong >= WARNS_AT_PERCENT * threshold_dong:
            mark = Mark.NEAR
    percent = max(0, 100 * dong // threshold_dong)
    return Meter(year.first.year, dong, threshold_dong, percent, mark, passed, _due(passed))


def _due(passed: Period | None) -> date | None:
    """The last day of the first month of the next quarter (Decree 68/2026/NĐ-CP, Art. 10)."""
    if passed is None:
        return None
    return period_of(Span.MONTH, passed.last + timedelta(days=1)).last
