"""The rules of OCOP certificates: bands of points, who may issue what since when, 36 months, when to warn.

Decision 148/QĐ-TTg of 24/02/2023 and Decision 1489/QĐ-TTg of 06/07/2025; before them Decision 1048/QĐ-TTg of 2019.
"""

import calendar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kit.i18n import Sentence, say

MONTHS_VALID = 36
WARN_MONTHS = (6, 3, 1)
STARS = (3, 4, 5)
BANDS: dict[int, tuple[Decimal, Decimal]] = {
    3: (Decimal(50), Decimal(70)),
    4: (Decimal(70), Decimal(90)),
    5: (Decimal(90), Decimal("100.01")),
}
LEVELS: dict[str, Sentence] = {
    "central": say("Trung ương"),
    "province": say("Tỉnh"),
    "district": say("Huyện (trước 06/07/2025)"),
}
FIRST_DAY = date(2019, 1, 1)  # the programme's first certificates


@dataclass(frozen=True)
class Era:
    """The rules in force from a day on: the criteria, and by stars the levels that may issue."""

    since: date
    criteria: str
    issuers: dict[int, tuple[str, ...]]


ERAS = (
    Era(FIRST_DAY, "1048", {3: ("province",), 4: ("province",), 5: ("central",)}),
    Era(date(2023, 2, 24), "148", {3: ("district", "province"), 4: ("province",), 5: ("central",)}),
    Era(date(2025, 7, 6), "148+1489", {3: ("province",), 4: ("province",), 5: ("central",)}),
)


def era_of(decided_on: date) -> Era:
    """The rules under which a decision of this day was taken; the first ones for an older day."""
    return next((era for era in reversed(ERAS) if era.since <= decided_on), ERAS[0])


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months later (or, below zero, earlier), or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def usual_end(decided_on: date) -> date:
    """The last day of a certificate: 36 months from the day of its decision."""
    return months_later(decided_on, MONTHS_VALID)


def faults_of(
    *, stars: int, points: Decimal | None, decided_on: date, issuer_level: str, today: date
) -> dict[str, Sentence]:
    """What in a certificate breaks the rules, by field; empty when nothing does."""
    faults: dict[str, Sentence] = {}
    if decided_on > today:
        faults["decided_on"] = say("Ngày quyết định chưa tới. Hãy xem lại ngày trên quyết định.")
    elif decided_on < FIRST_DAY:
        faults["decided_on"] = say(
            "Chương trình OCOP chấm sao từ năm 2019. Hãy xem lại ngày trên quyết định."
        )
    least, below = BANDS[stars]
    if points is not None and not least <= points < below:
        faults["points"] = say(
            "{stars} sao cần từ {least} đến {most} điểm. Bạn vừa nhập {typed}.",
            stars=stars,
            least=least,
            most="100" if stars == 5 else say("dưới {n}", n=below),
            typed=shown_points(points),
        )
    if (allowed := era_of(decided_on).issuers[stars]) and issuer_level not in allowed:
        faults["issuer_level"] = _wrong_level(stars, allowed)
    return faults


def months_to_warn(valid_to: date, today: date) -> int | None:
    """Which warning is due today: 6, 3 or 1 months before the end; None when it is further off, or over."""
    if today > valid_to:
        return None
    return min((n for n in WARN_MONTHS if today >= months_later(valid_to, -n)), default=None)


def shown_points(points: Decimal) -> str:
    """Points as people write them: 92,5."""
    return f"{points.normalize():f}".replace(".", ",")


def _wrong_level(stars: int, allowed: tuple[str, ...]) -> Sentence:
    if stars == 5:
        return say("5 sao chỉ do Trung ương cấp. Hãy xem lại cấp ký quyết định.")
    if "district" in allowed:
        return say("3 sao thời gian đó do huyện hoặc tỉnh cấp. Hãy xem lại cấp ký và ngày quyết định.")
    return say("{stars} sao ngày đó do tỉnh cấp. Hãy xem lại cấp ký và ngày quyết định.", stars=stars)
