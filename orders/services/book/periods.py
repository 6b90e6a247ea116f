"""Days, months, quarters and years of the book: their first and last day, the ones before and after, their names."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kit.dates import show_day
from kit.i18n import Sentence, say

FIRST_YEAR = 2020


class Span(StrEnum):
    """How long a period is."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


SPAN_WORDS: dict[Span, Sentence] = {
    Span.DAY: say("Ngày"),
    Span.MONTH: say("Tháng"),
    Span.QUARTER: say("Quý"),
    Span.YEAR: say("Năm"),
}


@dataclass(frozen=True)
class Period:
    """A day, month, quarter or year, both ends included."""

    span: Span
    first: date
    last: date

    @property
    def title(self) -> Sentence:
        """What it is called: "Tháng 11/2026"."""
        if self.span is Span.DAY:
            return say("Ngày {day}", day=show_day(self.first))
        if self.span is Span.MONTH:
            return say("Tháng {month}", month=f"{self.first:%m/%Y}")
        if self.span is Span.QUARTER:
            return say("Quý {quarter}/{year}", quarter=quarter_of(self.first), year=self.first.year)
        return say("Năm {year}", year=self.first.year)

    @property
    def file_name(self) -> str:
        """What a file about it is called: "2026-11", "2026-Q4"."""
        if self.span is Span.DAY:
            return self.first.isoformat()
        if self.span is Span.MONTH:
            return f"{self.first:%Y-%m}"
        return (
            f"{self.first.year}-Q{quarter_of(self.first)}"
            if self.span is Span.QUARTER
            else f"{self.first.year}"
        )

    @property
    def before(self) -> "Period":
        """The one that ends the day before."""
        return period_of(self.span, self.first - timedelta(days=1))

    @property
    def after(self) -> "Period":
        """The one that begins the day after."""
        return period_of(self.span, self.last + timedelta(days=1))

    @property
    def parts(self) -> Span:
        """What it is broken down into."""
        return Span.DAY if self.span in (Span.DAY, Span.MONTH) else Span.MONTH


def period_of(span: Span, day: date) -> Period:
    """The period of this length that a day lies in."""
    if span is Span.DAY:
        return Period(span, day, day)
    if span is Span.YEAR:
        return Period(span, date(day.year, 1, 1), date(day.year, 12, 31))
    months = 1 if span is Span.MONTH else 3
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Period(span, first, (first + timedelta(days=31 * months)).replace(day=1) - timedelta(days=1))


def quarter_of(day: date) -> int:
    """1 to 4."""
    return (day.month - 1) // 3 + 1


def period_asked(span: str, day: str, today: date) -> Period:
    """The period that an address asks for; this month's for anything that is none, or has not begun."""
    try:
        found = period_of(Span(span), date.fromisoformat(day) if day else today)
    except (ValueError, OverflowError):
        return period_of(Span.MONTH, today)
    if found.first.year < FIRST_YEAR or found.first > today:
        return period_of(found.span, today)
    return found
