"""Households that the demo's digital team goes to: how they came into the queue, what is hard, when it goes again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.dates import vietnam_date
from kit.units import commune
from market.demo.people import BY_KEY
from vendors.services import (
    Difficulty,
    HouseholdSource,
    HouseholdState,
    Member,
    NewHousehold,
    VisitNote,
    add_household,
    log_visit,
    note_difficulties,
)


@dataclass(frozen=True)
class DemoHousehold:
    """A household; `next_day` counts from today, `visited` the minutes of a visit three days ago."""

    name: str
    phone: str
    line: str
    next_day: int | None = None
    note: str = ""
    visited: int = 0
    difficulties: tuple[Difficulty, ...] = ()
    words: str = ""
    is_from_board: bool = False


HOUSEHOLDS = (
    DemoHousehold("Hộ Nguyễn Thị Lan", "+84912000601", "Xóm Hiên Bình", 0, "Trồng na, 40 gốc."),
    DemoHousehold(
        "Bà Hoàng Thị Mùi",
        "+84912000602",
        "Xóm Cây Bòng",
        2,
        visited=40,
        difficulties=(Difficulty.NO_SMARTPHONE, Difficulty.SMALL_TYPE, Difficulty.TAX_FEAR),
        words="Con dâu có điện thoại, về nhà buổi tối.",
    ),
    DemoHousehold("Ông Dương Văn Thắng", "+84912000603", "Xóm Làng Lai", is_from_board=True),
    DemoHousehold(
        "Hộ Lý Thị Sinh",
        "+84912000604",
        "Xóm Khuân Vạc",
        visited=25,
        difficulties=(Difficulty.WEAK_SIGNAL, Difficulty.NO_BANK_ACCOUNT),
    ),
)


async def tell_households(person_id: int, *, now: datetime) -> None:
    """The queue of Em Lan's commune, through the real services."""
    lan, today = BY_KEY["lan"], vietnam_date(now)
    place = await commune(lan.scope)
    assert place is not None
    member = Member(person_id, lan.name, lan.phone, frozenset({lan.scope}))
    for one in HOUSEHOLDS:
        ahead = None if one.next_day is None else today + timedelta(days=one.next_day)
        new = NewHousehold(one.name, one.phone, place, one.line, one.note, ahead)
        source = HouseholdSource.BOARD if one.is_from_board else HouseholdSource.TEAM
        made = await add_household(new, source, by=person_id, now=now - timedelta(days=5))
        if one.visited:
            state = HouseholdState.PLANNED if ahead else HouseholdState.VISITED
            note = VisitNote(today - timedelta(days=3), one.visited, ("asked", "taught"), "", state, ahead)
            await log_visit(made, note, member=member, now=now - timedelta(days=3))
        if one.difficulties:
            await note_difficulties(
                made, one.difficulties, one.words, member=member, now=now - timedelta(days=3)
            )
