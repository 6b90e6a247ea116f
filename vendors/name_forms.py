"""What sellers type of their right to a protected name, and administrators of the name itself."""

from datetime import date

from kit.dates import show_day
from kit.forms import Form, choice, day, flag, text
from kit.i18n import say
from kit.text import nfc, nfc_lines
from vendors.certificate_forms import decision_number
from vendors.kinds import CODES
from vendors.models import NameSort, NameUse
from vendors.services import commune_meant
from vendors.services.protected.names import Area, NameContent, NamePage
from vendors.services.protected.uses import UseContent

AREAS_MAX = 60


class UseForm(Form):
    """A right to a name by a decision."""

    name: str = text(max_length=80, required=False)
    decision_no: str = decision_number()
    decided_on: date = day(missing=say("Cần ngày ký quyết định."))
    valid_to: date | None = day(required=False)

    def settle(self, today: date) -> None:
        """The decision lies in the past, its end after it."""
        if not self.ok:
            return
        if self.decided_on > today:
            self.wrong("decided_on", say("Ngày quyết định chưa tới. Hãy xem lại ngày trên quyết định."))
        if self.valid_to is not None and self.valid_to < self.decided_on:
            self.wrong("valid_to", say("Ngày hết hạn phải sau ngày quyết định."))

    def content(self) -> UseContent:
        """The form as the service takes it."""
        return UseContent(self.decision_no, self.decided_on, self.valid_to)


class NameForm(Form):
    """A protected name as the register has it; kinds of goods are ticked beside it."""

    name: str = text(max_length=120, min_length=2, missing=say("Cần tên được bảo hộ, ví dụ «Tân Cương»."))
    sort: NameSort = choice(NameSort, missing=say("Hãy chọn loại bảo hộ."))
    number: str = text(max_length=40, required=False)
    decision_no: str = text(max_length=60, required=False)
    registered_on: date | None = day(required=False)
    product: str = text(
        max_length=160, min_length=2, missing=say("Cần tên sản phẩm được bảo hộ, ví dụ «Chè».")
    )
    phrases: str = text(max_length=400, required=False)
    body: str = text(max_length=200, required=False)
    about: str = text(max_length=4000, required=False)
    areas: str = text(max_length=6000, missing=say("Cần ít nhất một xã, phường, mỗi dòng một nơi."))
    is_live: bool = flag()

    def content(self, kinds: tuple[str, ...], areas: tuple[Area, ...]) -> NameContent:
        """The form as the service takes it."""
        return NameContent(
            name=self.name,
            sort=self.sort,
            number=self.number,
            decision_no=self.decision_no,
            registered_on=self.registered_on,
            product=self.product,
            kinds=kinds,
            phrases=nfc_lines(self.phrases),
            body=self.body,
            about=self.about,
            areas=areas,
            is_live=self.is_live,
        )


async def settled_areas(form: NameForm) -> tuple[Area, ...]:
    """The communes that the lines mean, «Tân Cương, Thái Nguyên = Phúc Xuân» one a line; a mistake names its line."""
    found: list[Area] = []
    lines = [nfc(line) for line in (form.areas or "").splitlines() if nfc(line)]
    if len(lines) > AREAS_MAX:
        form.wrong("areas", say("Nhiều nhất {n} dòng.", n=AREAS_MAX))
        return ()
    for line in lines:
        today, _, was = (part.strip() for part in line.partition("="))
        meant = await commune_meant(today, "")
        if meant.unit is None:
            near = ", ".join(one.label for one in meant.choices[:3])
            several = say(
                "Dòng «{line}»: có nhiều nơi tên như vậy, hãy ghi cả tỉnh. Ví dụ: {near}.",
                line=line[:80],
                near=near,
            )
            nobody = say("Dòng «{line}»: không có xã, phường nào tên như vậy hôm nay.", line=line[:80])
            form.wrong("areas", several if near else nobody)
            return ()
        found.append(Area(meant.unit, was[:120]))
    return tuple(found)


def settled_kinds(form: NameForm, ticked: list[str]) -> tuple[str, ...]:
    """The kinds of goods that were ticked; none is a mistake."""
    kinds = tuple(code for code in CODES if code in ticked)
    if not kinds:
        form.wrong("kinds", say("Hãy chọn ít nhất một loại hàng."))
    return kinds


def filled_use(use: NameUse) -> UseForm:
    """The form with what is kept of a right."""
    return UseForm.filled(
        decision_no=use.decision_no,
        decided_on=use.decided_on.isoformat(),
        valid_to=use.valid_to.isoformat() if use.valid_to else "",
    )


def filled_name(page: NamePage) -> NameForm:
    """The form with what is kept of a name."""
    name = page.name
    lines = [f"{area.commune} = {area.was}" if area.was else area.commune for area in page.areas]
    return NameForm.filled(
        name=name.name,
        sort=name.sort,
        number=name.number,
        decision_no=name.decision_no,
        registered_on=show_day(name.registered_on) if name.registered_on else "",
        product=name.product,
        phrases=name.phrases,
        body=name.body,
        about=name.about,
        areas="\n".join(lines),
        is_live="1" if name.is_live else "",
    )
