"""Opening hours as people write them («6–11 giờ, 14:00–17:00, trừ chủ nhật»), and what they mean right now. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.clock import VIETNAM
from kit.i18n import Sentence, say
from kit.text import nfc

_TIME = r"(\d{1,2})\s*(?:(?::|h|g(?!i)|giờ)\s*(\d{2})?)?"
_SPAN = re.compile(rf"{_TIME}\s*(?:[–—-]|đến|tới)\s*{_TIME}")
_DAY = r"(?:thứ\s*(?:hai|ba|tư|năm|sáu|bảy|[2-7])|t[2-7]|chủ nhật|cn)"
_RANGE = re.compile(rf"({_DAY})\s*(?:[–—-]|đến|tới)\s*({_DAY})")
_NUMBERS = {"hai": 0, "ba": 1, "tư": 2, "năm": 3, "sáu": 4, "bảy": 5}
_EVERY = ("", "mỗi ngày", "hằng ngày", "hàng ngày", "cả tuần")
WEEKDAYS = (
    say("thứ hai"),
    say("thứ ba"),
    say("thứ tư"),
    say("thứ năm"),
    say("thứ sáu"),
    say("thứ bảy"),
    say("chủ nhật"),
)


@dataclass(frozen=True)
class Hours:
    """From when to when, in minutes of the day, on which weekdays (Monday is 0)."""

    spans: tuple[tuple[int, int], ...]
    days: frozenset[int]


@dataclass(frozen=True)
class OpenNow:
    """What hours mean at a moment: whether somebody is there, and until or from when, in words."""

    is_open: bool
    words: Sentence


def read_hours(text: str) -> Hours | None:
    """Hours in a text that says nothing else; None for what is not understood, so that nothing wrong is claimed."""
    left = nfc(text).strip().lower()
    spans: list[tuple[int, int]] = []
    while found := _SPAN.match(left):
        begin, end = _minutes(found[1], found[2]), _minutes(found[3], found[4])
        if not 0 <= begin < end <= 24 * 60:
            return None
        spans.append((begin, end))
        left = re.sub(r"^\s*giờ\b", "", left[found.end() :])
        left = re.sub(r"^\s*(?:[,;.]|và\b)?\s*", "", left)
    days = _days(left.strip(" .,;()"))
    return Hours(tuple(sorted(spans)), days) if spans and days else None


def open_now(text: str, now: datetime) -> OpenNow | None:
    """Whether hours written like this are open at `now`, and what comes next; None when they are not understood."""
    hours = read_hours(text)
    if hours is None:
        return None
    here = now.astimezone(VIETNAM)
    minute = here.hour * 60 + here.minute
    if here.weekday() in hours.days:
        for begin, end in hours.spans:
            if begin <= minute < end:
                return OpenNow(True, say("mở tới {time}", time=_clock(end)))
            if minute < begin:
                return OpenNow(False, say("mở lại {time} hôm nay", time=_clock(begin)))
    return OpenNow(False, _next_day(hours, here))


def _next_day(hours: Hours, here: datetime) -> Sentence:
    time = _clock(hours.spans[0][0])
    if (here + timedelta(days=1)).weekday() in hours.days:
        return say("mở lại {time} mai", time=time)
    ahead = next(n for n in range(2, 8) if (here.weekday() + n) % 7 in hours.days)
    return say("mở lại {time} {day}", time=time, day=WEEKDAYS[(here.weekday() + ahead) % 7])


def _days(words: str) -> frozenset[int]:
    """The weekdays of what stands behind the times; none when that is something else."""
    if words in _EVERY:
        return frozenset(range(7))
    if words.startswith("trừ "):
        out = _weekday(words.removeprefix("trừ "))
        return frozenset(range(7)) - {out} if out is not None else frozenset()
    found = _RANGE.fullmatch(words)
    first, last = (_weekday(found[1]), _weekday(found[2])) if found else (None, None)
    return frozenset(range(first, last + 1)) if first is not None and last is not None else frozenset()


def _weekday(word: str) -> int | None:
    if not re.fullmatch(_DAY, word):
        return None
    if word in ("chủ nhật", "cn"):
        return 6
    name = re.sub(r"^thứ\s*|^t", "", word)
    return _NUMBERS[name] if name in _NUMBERS else int(name) - 2


def _minutes(hour: str, minute: str | None) -> int:
    past = int(minute or 0)
    return int(hour) * 60 + past if past < 60 else -1


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"
