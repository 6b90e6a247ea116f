"""When a market meets, and the class the law gives it: pure rules about days and selling points."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from kit.i18n import Sentence, say
from kit.lunar import LunarDay, lunar_day
from kit.text import fold
from vendors.models import MarketKind, ScheduleKind

LOOKED_AHEAD_DAYS = 62
SUNDAY = 7
CLASS_1_OVER, CLASS_2_FROM = 400, 200
KIND_WORDS: dict[MarketKind, Sentence] = {
    MarketKind.LOCAL: say("Chợ dân sinh"),
    MarketKind.WHOLESALE: say("Chợ đầu mối"),
}
SCHEDULE_WORDS: dict[ScheduleKind, Sentence] = {
    ScheduleKind.UNKNOWN: say("Chưa rõ"),
    ScheduleKind.DAILY: say("Hằng ngày"),
    ScheduleKind.WEEKLY: say("Vài ngày trong tuần"),
    ScheduleKind.LUNAR: say("Chợ phiên theo ngày âm lịch"),
}
WEEKDAYS = {
    1: say("thứ hai"),
    2: say("thứ ba"),
    3: say("thứ tư"),
    4: say("thứ năm"),
    5: say("thứ sáu"),
    6: say("thứ bảy"),
    7: say("chủ nhật"),
}


class BadDays(ValueError):
    """Days that this kind of schedule cannot have; the sentence says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True)
class Schedule:
    """A market's days: of the week (1 Monday to 7 Sunday) or of the lunar month (1 to 30), rising."""

    kind: ScheduleKind
    days: tuple[int, ...] = ()

    @property
    def kept(self) -> str:
        """The days as the table keeps them."""
        return ",".join(str(day) for day in self.days)

    @property
    def typed(self) -> str:
        """The days as people type them: «2, 7, CN» or «3, 8, 13»."""
        if self.kind is not ScheduleKind.WEEKLY:
            return ", ".join(str(day) for day in self.days)
        return ", ".join("CN" if day == SUNDAY else str(day + 1) for day in self.days)

    @property
    def words(self) -> Sentence | None:
        """«Họp thứ hai, thứ bảy»; None while nobody has said."""
        if self.kind is ScheduleKind.DAILY:
            return say("Họp hằng ngày")
        if self.kind is ScheduleKind.LUNAR:
            return say("Họp ngày {days} âm lịch", days=self.typed)
        return say("Họp {days}", days=_listed(self.days)) if self.days else None


@dataclass(frozen=True)
class Today:
    """Whether a market meets today (None: nobody knows), when it meets next, and the lunar day."""

    meets: bool | None
    next_on: date | None
    lunar: LunarDay


def schedule_of(kind: ScheduleKind, kept: str) -> Schedule:
    """The schedule as the table keeps it."""
    return Schedule(kind, tuple(int(day) for day in kept.split(",") if day))


def read_schedule(kind: ScheduleKind, typed: str) -> Schedule:
    """A schedule from what was typed: «2, 7, CN» for weekdays, «3, 8» for lunar days. Raises BadDays."""
    if kind not in (ScheduleKind.WEEKLY, ScheduleKind.LUNAR):
        return Schedule(kind)
    words = _plain(typed).split()
    if not words:
        raise BadDays(say("Cần ghi chợ họp ngày nào, ví dụ «2, 7, CN» hoặc «3, 8, 13»."))
    read = _weekday if kind is ScheduleKind.WEEKLY else _lunar_day
    return Schedule(kind, tuple(sorted({read(word) for word in words})))


def meets_on(schedule: Schedule, day: date) -> bool | None:
    """Whether the market meets on this day; None while nobody has said."""
    if schedule.kind is ScheduleKind.UNKNOWN:
        return None
    if schedule.kind is ScheduleKind.DAILY:
        return True
    number = day.isoweekday() if schedule.kind is ScheduleKind.WEEKLY else lunar_day(day).day
    return number in schedule.days


def today_at(schedule: Schedule, day: date) -> Today:
    """What a market's page says about the day; the next meeting is looked for 62 days ahead."""
    following = (day + timedelta(days=ahead) for ahead in range(1, LOOKED_AHEAD_DAYS))
    return Today(
        meets=meets_on(schedule, day),
        next_on=next((one for one in following if meets_on(schedule, one)), None),
        lunar=lunar_day(day),
    )


def class_of(selling_points: int | None) -> int | None:
    """The class by selling points: 1 over 400, 2 from 200 to 400, 3 below (Decree 60/2024/NĐ-CP)."""
    if selling_points is None:
        return None
    return 1 if selling_points > CLASS_1_OVER else 2 if selling_points >= CLASS_2_FROM else 3


def _plain(typed: str) -> str:
    """Small and without accents, «chủ nhật» as «cn», without the words that stand around numbers."""
    plain = fold(typed).replace("chu nhat", "cn")
    return re.sub(r"\b(thu|ngay|mung|mong|va|am lich)\b", " ", plain)


def _weekday(word: str) -> int:
    if word in ("cn", "8"):
        return SUNDAY
    if not re.fullmatch("[2-7]", word):
        raise BadDays(say("Ngày trong tuần là 2 đến 7 hoặc CN. Bạn vừa nhập «{word}».", word=word))
    return int(word) - 1


def _lunar_day(word: str) -> int:
    if not re.fullmatch("[0-9]{1,2}", word) or not 1 <= int(word) <= 30:
        raise BadDays(say("Ngày âm lịch từ 1 đến 30. Bạn vừa nhập «{word}».", word=word))
    return int(word)


def _listed(days: tuple[int, ...]) -> Sentence:
    first, *others = days
    if not others:
        return WEEKDAYS[first]
    return say("{one}, {others}", one=WEEKDAYS[first], others=_listed(tuple(others)))
