"""What sellers and administrators type: coming aboard, writing a listing, counting a shelf, sending goods back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kit.forms import Form, choice, day, dong, flag, matching, phone, text, whole
from kit.i18n import say
from kit.money import show_dong
from kit.points import in_vietnam
from kit.units import Unit
from vendors.account_forms import BIN, BIN_WORDS, OTHER
from vendors.by_weight import BANDS_PERCENT, PORTION_LEAST_G, PORTION_MOST_G, Portion, price_of
from vendors.kinds import CODES, kind_of
from vendors.market_days import BadDays, Schedule, read_schedule
from vendors.models import MarketKind, ScheduleKind, VendorKind
from vendors.services import (
    COMMUNE_CHOSEN,
    CommuneMeant,
    ListingContent,
    Newcomer,
    account_number,
    bank_of,
    commune_label,
    commune_meant,
    holder_name,
    is_market,
)
from vendors.services.banks import PHONE_KINDS, BadAccount
from vendors.services.listings import PRICE_LEAST, PRICE_MOST, STOCK_MAX, WEIGHT_MOST_G
from vendors.services.markets.kept import MarketContent
from vendors.services.variants import VariantContent
from vendors.variant_forms import VariantForm

YEARS_AROUND = 10
BAND_PERCENT = 10
AT_MARKET, AT_HOME = "market", "home"
UNKNOWN_BIN = say(
    "Chợ chưa biết mã BIN này. Sai một số là người mua không chuyển được tiền. Cô bác xem lại trên ứng dụng ngân "
    "hàng; đúng rồi thì bấm «Mở quầy» lần nữa."
)


class PlaceForm(Form):
    """Who comes aboard and where they sell."""

    kind: VendorKind = choice(VendorKind, missing=say("Hãy chọn cô bác là ai."))
    name: str = text(
        max_length=160, min_length=2, missing=say("Cần tên quầy hàng, tên hợp tác xã hoặc công ty.")
    )
    contact_name: str = text(max_length=120, min_length=2, missing=say("Cần họ tên người liên hệ."))
    commune: str = text(max_length=120, required=False)
    commune_code: str = matching(COMMUNE_CHOSEN, say("Hãy chọn xã, phường trong danh sách."), required=False)
    commune_asked: str = text(max_length=120, required=False)
    line: str = text(max_length=200, missing=say("Cần số nhà, xóm hoặc thôn."))
    place: str = choice((AT_MARKET, AT_HOME), missing=say("Hãy chọn nơi cô bác bán hàng."))
    market: str = text(max_length=80, required=False)
    stall: str = text(max_length=20, required=False)

    def check(self) -> None:
        """A market needs its name and the stall."""
        if self.is_at_market and not self.market:
            self.wrong("market", say("Hãy chọn một chợ trong danh sách."))
        if self.is_at_market and not self.stall:
            self.wrong("stall", say("Cần số ô hoặc số quầy, ví dụ A12."))

    @property
    def is_at_market(self) -> bool:
        """Whether the goods are sold in a market, not at home."""
        return bool(self.place == AT_MARKET)


class AboardForm(PlaceForm):
    """The one page of coming aboard."""

    bin: str = matching(f"{BIN}|{OTHER}", say("Hãy chọn ngân hàng hoặc Mobile Money."))
    other_bin: str = matching(BIN, BIN_WORDS, required=False)
    other_asked: str = text(max_length=6, required=False)
    account: str = text(max_length=40, missing=say("Cần số tài khoản nhận tiền."))
    holder: str = text(
        max_length=120, missing=say("Cần tên chủ tài khoản, đúng như trên ứng dụng ngân hàng.")
    )

    def check(self) -> None:
        """Besides the place, the holder must have letters that banks can write."""
        super().check()
        if self.bin == OTHER and not self.other_bin:
            self.wrong("other_bin", BIN_WORDS)
        if not holder_name(self.holder):
            self.wrong("holder", say("Tên chủ tài khoản cần viết bằng chữ cái, ví dụ NGUYEN THI HOA."))

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
            bin=self.other_bin if self.bin == OTHER else self.bin,
            account=self.account,
            holder=holder_name(self.holder),
            market_slug=self.market if at_market else "",
            stall=self.stall if at_market else "",
        )


class ListingForm(Form):
    """A listing as its seller writes it; without a weight the kind's own is taken.

    With `variant_name` price, unit, weight and stock are those of the first variant, and rows of others may follow.
    """

    name: str = text(max_length=120, min_length=2, missing=say("Cần tên hàng, ví dụ «Chè móc câu»."))
    kind: str = choice(CODES, missing=say("Hãy chọn loại hàng."))
    price_dong: int = dong(least=PRICE_LEAST, most=PRICE_MOST)
    unit: str = text(max_length=40, missing=say("Cần đơn vị bán, ví dụ kg, hộp, túi."))
    weight_g: int | None = whole(least=1, most=WEIGHT_MOST_G, required=False)
    stock: int = whole(least=0, most=STOCK_MAX)
    stock_seen: int | None = whole(least=0, most=STOCK_MAX, required=False)
    commune: str = text(max_length=120, required=False)
    commune_code: str = matching(COMMUNE_CHOSEN, say("Hãy chọn xã, phường trong danh sách."), required=False)
    commune_asked: str = text(max_length=120, required=False)
    harvested_on: date | None = day(required=False)
    best_before: date | None = day(required=False)
    about: str = text(max_length=4000, required=False)
    variant_name: str = text(max_length=60, required=False)
    by_weight: bool = flag()
    portion_g: int | None = whole(least=PORTION_LEAST_G, most=PORTION_MOST_G, required=False)
    band_percent: str = choice([str(one) for one in BANDS_PERCENT], required=False)
    heavier_charged: bool = flag()

    def check(self) -> None:
        """Nothing is past its best before it was harvested; what is sold by weight says how large a portion is."""
        if self.by_weight and not self.portion_g:
            self.wrong("portion_g", say("Một phần chừng bao nhiêu gam? Ví dụ 1800 cho một con gà."))
        elif self.by_weight and price_of(self.price_dong, self.portion_g or 0) < PRICE_LEAST:
            self.wrong(
                "portion_g",
                say("Phần này rẻ hơn {least}. Hãy ghi phần lớn hơn.", least=show_dong(PRICE_LEAST)),
            )
        elif self.by_weight and self.variant_name:
            self.wrong(
                "variant_name", say("Hàng bán theo cân thì chưa chia loại được. Hãy đăng mỗi loại một món.")
            )
        if self.harvested_on and self.best_before and self.best_before < self.harvested_on:
            self.wrong("best_before", say("Hạn dùng phải sau ngày thu hoạch hoặc sản xuất."))

    def check_days(self, today: date) -> None:
        """Compares the days with today's: nothing is harvested tomorrow, nothing is offered past its best."""
        harvested, best = self.harvested_on, self.best_before
        if harvested and harvested > today:
            self.wrong("harvested_on", say("Ngày này chưa tới. Hàng chưa thu hoạch thì để trống ô này."))
        if best and best < today:
            self.wrong("best_before", say("Hạn dùng này đã qua, hàng quá hạn không được bán."))
        for name, one in (("harvested_on", harvested), ("best_before", best)):
            if one and abs(one.year - today.year) > YEARS_AROUND:
                self.wrong(name, say("Hãy xem lại năm. Bạn vừa nhập {year}.", year=one.year))

    def content(self, commune: Unit, rows: Sequence[VariantForm] = ()) -> ListingContent:
        """The form as the service takes it, with the rows of further variants."""
        weight_g = self.weight_g or kind_of(self.kind).weight_g
        first = VariantContent(
            self.variant_name, self.price_dong, self.unit, weight_g, self.stock, self.stock_seen
        )
        others = [row.content(unit=self.unit, weight_g=weight_g) for row in rows]
        return ListingContent(
            name=self.name,
            kind=self.kind,
            price_dong=self.price_dong,
            unit=self.unit,
            weight_g=weight_g,
            stock=self.stock,
            commune=commune,
            about=self.about,
            harvested_on=self.harvested_on,
            best_before=self.best_before,
            variants=(first, *others) if self.variant_name else (),
            portion=self._portion(),
        )

    def _portion(self) -> Portion | None:
        if not self.by_weight or not self.portion_g:
            return None
        return Portion(self.portion_g, int(self.band_percent or BAND_PERCENT), self.heavier_charged)


class ShelfForm(Form):
    """Price and stock of one listing, changed from the list."""

    price_dong: int = dong(least=PRICE_LEAST, most=PRICE_MOST)
    stock: int = whole(least=0, most=STOCK_MAX)
    stock_seen: int = whole(least=0, most=STOCK_MAX)


class ReturnForm(Form):
    """Why a listing goes back to its seller."""

    because: str = text(max_length=300, min_length=5, missing=say("Hãy ghi cần sửa gì, người bán sẽ đọc."))


@dataclass(frozen=True)
class Settled:
    """A form whose answers were compared with the market's tables; the commune, or the choices to ask about."""

    commune: Unit | None
    choices: CommuneMeant


async def settle_aboard(form: AboardForm) -> Settled:
    """Looks up commune, market and bank, noting mistakes at their fields; puts the account number in bank form."""
    if not {"bin", "other_bin", "account"} & form.errors.keys() and form.bin:
        await _settle_account(form)
    return await settle_place(form)


async def settle_place(form: PlaceForm) -> Settled:
    """Looks up commune and market, noting mistakes at their fields."""
    meant = await settle_commune(form)
    if form.ok and form.is_at_market and not await is_market(form.market):
        form.wrong("market", say("Hãy chọn một chợ trong danh sách."))
    _in_order(form)
    return meant


async def settle_commune(form: Any) -> Settled:
    """The commune that an aboard or listing form means; a mistake or question is noted at `commune`."""
    meant = await commune_meant(form.commune or "", form.commune_code or "", form.commune_asked or "")
    if meant.fault is not None and "commune" not in form.errors:
        form.wrong("commune", meant.fault)
    if meant.unit is not None:
        form.typed["commune"] = commune_label(meant.unit.name, meant.unit.province)
        form.typed["commune_code"] = meant.unit.code
    _in_order(form)
    return Settled(meant.unit, meant)


def _in_order(form: Form) -> None:
    """Mistakes as their fields stand on the page, so that the summary reads from top to bottom."""
    form.errors = {name: form.errors[name] for name in form.typed if name in form.errors}


async def _settle_account(form: AboardForm) -> None:
    """A BIN outside the table is taken as a bank's once the person has read the warning and sent it again."""
    bin = form.other_bin if form.bin == OTHER else form.bin
    bank = await bank_of(bin)
    if bank is None and form.bin != OTHER:
        form.wrong("bin", say("Hãy chọn ngân hàng hoặc Mobile Money."))
        return
    if bank is None and form.other_asked != bin:
        form.typed["other_asked"] = bin
        form.wrong("other_bin", UNKNOWN_BIN)
        return
    if bank and bank.kind in PHONE_KINDS and form.kind in (VendorKind.COOPERATIVE, VendorKind.FIRM):
        form.wrong(
            "bin", say("Ví và Mobile Money chỉ dành cho cá nhân. Hãy chọn tài khoản ngân hàng của đơn vị.")
        )
        return
    try:
        form.account = account_number(form.account, bank.kind if bank else "bank")
    except BadAccount as bad:
        form.wrong("account", bad.sentence)


class MarketForm(Form):
    """A market as its board writes it."""

    kind: MarketKind = choice(MarketKind, missing=say("Hãy chọn loại chợ."))
    commune: str = text(max_length=120, required=False)
    commune_code: str = matching(COMMUNE_CHOSEN, say("Hãy chọn xã, phường trong danh sách."), required=False)
    commune_asked: str = text(max_length=120, required=False)
    line: str = text(max_length=200, required=False)
    about: str = text(max_length=2000, required=False)
    schedule_kind: ScheduleKind = choice(ScheduleKind, missing=say("Hãy chọn chợ họp khi nào."))
    schedule_days: str = text(max_length=120, required=False)
    selling_points: int | None = whole(least=0, most=20_000, required=False)
    declared_class: str = choice(("1", "2", "3"), required=False, missing=say("Hạng chợ là 1, 2 hoặc 3."))
    operator: str = text(max_length=200, required=False)
    rules_text: str = text(max_length=20_000, required=False)
    rules_url: str = matching(
        r"https?://[^\s<>\"]{3,290}", say("Đường dẫn cần bắt đầu bằng https://."), required=False
    )
    place: str = matching(
        r"[0-9]{1,3}(\.[0-9]{1,8})?\s*[,;]\s*[0-9]{1,3}(\.[0-9]{1,8})?",
        say("Toạ độ cần hai số, ví dụ 21.5942, 105.8480."),
        required=False,
    )
    has_no_signal: bool = flag()
    desk_hours: str = text(max_length=120, required=False)

    def check(self) -> None:
        """Days that the chosen schedule can have, and a point inside Vietnam."""
        try:
            self.schedule()
        except BadDays as bad:
            self.wrong("schedule_days", bad.sentence)
        point = self.point()
        if point and not in_vietnam(*point):
            self.wrong("place", say("Điểm này không ở Việt Nam. Viết vĩ độ trước, ví dụ 21.5942, 105.8480."))

    def schedule(self) -> Schedule:
        """The days as the table keeps them. Raises BadDays."""
        return read_schedule(self.schedule_kind, self.schedule_days or "")

    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees."""
        latitude, _, longitude = (self.place or "").replace(";", ",").partition(",")
        return (float(latitude), float(longitude)) if latitude else None

    def content(self, commune: Unit) -> MarketContent:
        """The form as the service takes it."""
        return MarketContent(
            kind=self.kind,
            commune=commune,
            line=self.line,
            about=self.about,
            selling_points=self.selling_points,
            declared_class=int(self.declared_class) if self.declared_class else None,
            schedule=self.schedule(),
            operator=self.operator,
            rules_text=self.rules_text,
            rules_url=self.rules_url or "",
            place=self.point(),
            has_no_signal=self.has_no_signal,
            desk_hours=self.desk_hours,
        )


class NewMarketForm(MarketForm):
    """A market that is to be opened."""

    name: str = text(max_length=120, min_length=3, missing=say("Cần tên chợ, ví dụ «Chợ Đại Từ»."))


class ZoneForm(Form):
    """A zone of a market."""

    name: str = text(max_length=60, missing=say("Cần tên khu, ví dụ «Khu A» hoặc «Dãy hàng khô»."))
    goods: str = text(max_length=120, required=False)
    position: int = whole(least=0, most=999, required=False, default=0)


class InviteForm(Form):
    """A trader whom a board invites."""

    name: str = text(max_length=160, min_length=2, missing=say("Cần tên tiểu thương."))
    phone: str = phone(mobile_only=True)
    stall: str = text(max_length=20, missing=say("Cần số ô hoặc số quầy, ví dụ A12."))


class ClosingForm(Form):
    """What was found out about a reported plate."""

    note: str = text(
        max_length=300, min_length=5, missing=say("Hãy ghi đã xem thế nào, ví dụ «đã gỡ mã lạ».")
    )
