"""What a digital team writes: households, visits, difficulties, consents; and coming aboard for somebody."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Self

from kit.forms import Form, choice, day, flag, matching, one_time_code, phone, text, whole
from kit.i18n import say
from kit.units import Unit
from vendors.forms import PlaceForm
from vendors.help_rules import DAYS_CHOICES, DONE_WORDS, OPEN_STATES, SCOPE_WORDS
from vendors.models import Difficulty, HelpScope, HouseholdState
from vendors.services import COMMUNE_CHOSEN, Newcomer
from vendors.services.help.consents import Wanted, Witness
from vendors.services.help.households import NewHousehold, VisitNote

DAY_MINUTES = 12 * 60
BACK_DAYS, AHEAD_DAYS = 60, 365


class HouseholdForm(Form):
    """A household to be visited."""

    name: str = text(max_length=160, min_length=2, missing=say("Cần tên chủ hộ."))
    phone: str = phone(mobile_only=True)
    commune: str = text(max_length=120, required=False)
    commune_code: str = matching(COMMUNE_CHOSEN, say("Hãy chọn xã, phường trong danh sách."), required=False)
    commune_asked: str = text(max_length=120, required=False)
    line: str = text(max_length=200, required=False)
    next_visit_on: date | None = day(required=False)
    note: str = text(max_length=500, required=False)

    def check_days(self, today: date) -> None:
        """A visit is planned for today or later."""
        _check_next(self, self.next_visit_on, today)

    def household(self, commune: Unit) -> NewHousehold:
        """The form as the service takes it."""
        return NewHousehold(self.name, self.phone, commune, self.line, self.note, self.next_visit_on)


class VisitForm(Form):
    """A visit and how it goes on."""

    visited_on: date = day(missing=say("Cần ngày đến thăm."))
    minutes: int = whole(least=1, most=DAY_MINUTES)
    did_asked: bool = flag()
    did_aboard: bool = flag()
    did_goods: bool = flag()
    did_identity: bool = flag()
    did_account: bool = flag()
    did_taught: bool = flag()
    did_plate: bool = flag()
    note: str = text(max_length=500, required=False)
    outcome: HouseholdState = choice(
        [str(one) for one in HouseholdState if one != HouseholdState.WAITING],
        missing=say("Hãy chọn việc của hộ này đi tiếp thế nào."),
    )
    next_visit_on: date | None = day(required=False)

    def check(self) -> None:
        """Something was done, and a planned visit has its day."""
        if not self.done() and not self.note:
            self.wrong("note", say("Hãy chọn việc đã làm, hoặc ghi vài chữ."))
        if self.outcome == HouseholdState.PLANNED and not self.next_visit_on:
            self.wrong("next_visit_on", say("Cần ngày hẹn lần sau."))

    def check_days(self, today: date) -> None:
        """The visit was lately, the next one is to come."""
        if "visited_on" not in self.errors:
            if self.visited_on > today:
                self.wrong("visited_on", say("Ngày này chưa tới. Chỉ ghi chuyến thăm đã đi."))
            elif self.visited_on < today - timedelta(days=BACK_DAYS):
                self.wrong("visited_on", say("Chỉ ghi chuyến thăm trong {n} ngày qua.", n=BACK_DAYS))
        _check_next(self, self.next_visit_on, today)

    def done(self) -> tuple[str, ...]:
        """The codes of what was done."""
        return tuple(code for code in DONE_WORDS if getattr(self, f"did_{code}"))

    def visit(self) -> VisitNote:
        """The form as the service takes it; a household that is done has no next day."""
        outcome = HouseholdState(self.outcome)
        ahead = self.next_visit_on if outcome in OPEN_STATES else None
        return VisitNote(self.visited_on, self.minutes, self.done(), self.note, outcome, ahead)


class DifficultyForm(Form):
    """What is hard for a household."""

    no_smartphone: bool = flag()
    no_bank_account: bool = flag()
    weak_signal: bool = flag()
    no_data_plan: bool = flag()
    small_type: bool = flag()
    language: bool = flag()
    tax_fear: bool = flag()
    fraud_fear: bool = flag()
    no_papers: bool = flag()
    no_time: bool = flag()
    other: bool = flag()
    words: str = text(max_length=500, required=False)

    def check(self) -> None:
        """Another difficulty needs its words."""
        if self.other and not self.words:
            self.wrong("words", say("Hãy ghi khó khăn khác là gì."))

    def kinds(self) -> list[Difficulty]:
        """What was ticked."""
        return [kind for kind in Difficulty if getattr(self, str(kind))]


class ConsentForm(Form):
    """What a household is asked to allow: nothing is ticked beforehand."""

    scope_aboard: bool = flag()
    scope_listings: bool = flag()
    scope_identity: bool = flag()
    days: str = choice([str(one) for one in DAYS_CHOICES], missing=say("Hãy chọn đồng ý trong bao lâu."))

    def check(self) -> None:
        """At least one act."""
        if not self.scopes():
            self.wrong("scope_aboard", say("Hãy hỏi chủ hộ nhờ việc gì rồi chọn ít nhất một việc."))

    def scopes(self) -> tuple[HelpScope, ...]:
        """What was ticked."""
        return tuple(one for one in SCOPE_WORDS if getattr(self, f"scope_{one}"))

    def wanted(self) -> Wanted:
        """The form as the service takes it."""
        return Wanted(self.scopes(), int(self.days))


class SignatureForm(ConsentForm):
    """A consent signed before a witness."""

    witness_name: str = text(max_length=120, min_length=2, missing=say("Cần họ tên người làm chứng."))
    witness_phone: str = phone()

    def witness(self) -> Witness:
        """Who saw it."""
        return Witness(self.witness_name, self.witness_phone)


class ConsentCodeForm(Form):
    """The code that the household typed in itself; it is never shown again."""

    code: str = one_time_code()

    @classmethod
    def read(cls, values: Mapping[str, object]) -> Self:
        """As any form, but what was typed is forgotten: the page goes back to the member."""
        form = super().read(values)
        form.typed["code"] = ""
        return form


class HelpedAboardForm(PlaceForm):
    """Coming aboard for somebody: all but the receiving account, which the seller adds."""

    def newcomer(self, commune: Unit, phone: str) -> Newcomer:
        """The form as the service takes it, once everything is settled."""
        at_market = self.is_at_market
        return Newcomer(
            kind=self.kind,
            name=self.name,
            contact_name=self.contact_name,
            phone=phone,
            commune=commune,
            line=self.line,
            market_slug=self.market if at_market else "",
            stall=self.stall if at_market else "",
        )


def _check_next(form: Form, ahead: date | None, today: date) -> None:
    if ahead is None or "next_visit_on" in form.errors:
        return
    if ahead < today:
        form.wrong("next_visit_on", say("Ngày hẹn đã qua. Hãy chọn hôm nay hoặc ngày sau."))
    elif ahead > today + timedelta(days=AHEAD_DAYS):
        form.wrong("next_visit_on", say("Hãy xem lại năm. Bạn vừa nhập {year}.", year=ahead.year))
