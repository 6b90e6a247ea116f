"""What buyers send: a line of the basket, an address, an order."""

from collections.abc import Mapping, Sequence

from kit.forms import Form, flag, matching, phone, text, whole
from kit.i18n import Sentence, say
from kit.points import in_vietnam
from kit.units import Unit
from kit.units_old import OldCommune
from orders.services.basket import QUANTITY_MAX
from orders.services.checkout import DoorSpot, Recipient
from vendors.services import COMMUNE_CHOSEN, CommuneMeant, commune_meant

WEIGHED_MOST_G = 10_000_000
_OLD_PAGE = say("Trang này đã cũ. Hãy mở lại trang đặt hàng.")


class LineForm(Form):
    """Goods for the basket: their code, the variant's number for goods that have variants, and how many."""

    listing: str = text(max_length=40, missing=say("Thiếu mã của món hàng."))
    variant: int | None = whole(least=1, most=2**53, required=False)
    quantity: int = whole(least=1, most=QUANTITY_MAX, required=False, default=1)


class QuantityForm(Form):
    """How many of a line are wanted; 0 takes it out."""

    quantity: int = whole(least=0, most=QUANTITY_MAX)


class AddressForm(Form):
    """Who gets the goods and where. A commune is typed by name and chosen by its 5-digit code.

    `commune_asked` is the text that choices were shown for. `digital_address` (Vpostcode) and `map_point` (latitude,
    longitude) help the carrier; `joint`: stalls of one market may share a parcel. With `fetch` all of it is fetched and
    no address is wanted.
    """

    name: str = text(max_length=120, min_length=2, missing=say("Cần tên người nhận, ví dụ Nguyễn Thị Hoa."))
    phone: str = phone()
    line: str = text(max_length=200, min_length=3, required=False)
    commune: str = text(max_length=160, required=False)
    commune_code: str | None = matching(
        COMMUNE_CHOSEN, say("Mã xã, phường gồm 5 chữ số, ví dụ 05500."), required=False
    )
    commune_asked: str = text(max_length=160, required=False)
    note: str = text(max_length=300, required=False)
    is_adult: bool = flag()
    digital_address: str = text(max_length=64, required=False)
    map_point: str | None = matching(
        r"[0-9]{1,3}(\.[0-9]{1,12})?\s*[,;]\s*[0-9]{1,3}(\.[0-9]{1,12})?",
        say("Điểm trên bản đồ cần hai số, ví dụ 21.5942, 105.8480."),
        required=False,
    )
    joint: bool = flag()
    fetch: bool = flag()

    def check(self) -> None:
        """A point on the map lies inside Vietnam."""
        point = self.point()
        if point and not in_vietnam(*point):
            self.wrong(
                "map_point", say("Điểm này không ở Việt Nam. Viết vĩ độ trước, ví dụ 21.5942, 105.8480.")
            )

    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees."""
        latitude, _, longitude = (self.map_point or "").replace(";", ",").partition(",")
        return (float(latitude), float(longitude)) if latitude else None

    def spot(self) -> DoorSpot | None:
        """Where exactly the door is, if anything was said of it."""
        latitude, longitude = self.point() or (None, None)
        if not self.digital_address and latitude is None:
            return None
        return DoorSpot(self.digital_address, latitude, longitude)

    def want_line(self) -> None:
        """Notes that what comes to a door needs a line."""
        if "line" not in self.errors and not self.line:
            self.wrong("line", say("Cần số nhà, đường hoặc thôn, xóm."))

    def wrong_age(self) -> None:
        """Notes that somebody who buys alcohol must say that they are 18."""
        self.wrong("is_adult", say("Đơn có rượu: hãy đánh dấu vào ô «Tôi đủ 18 tuổi»."))


class OrderForm(AddressForm):
    """An order as the page sends it: the address, the page's own key, and what was read."""

    order_key: str = matching(r"[1-9A-HJKMNP-TV-Z]{10}", _OLD_PAGE)
    seen: str = matching(r"[0-9a-f]{32}", _OLD_PAGE)


class ProgramOrderForm(AddressForm):
    """An order as a program sends it: `seen` comes from the review of the same basket and commune.

    `at_door` names the sellers whose part is paid when it is delivered: "17,18".
    """

    seen: str = matching(r"[0-9a-f]{32}", say("«seen» là mã của bản xem trước, gồm 32 ký tự từ 0 đến f."))
    ways: str = text(max_length=1000, required=False)
    at_door: str = text(max_length=1000, required=False)

    def check(self) -> None:
        """A line, unless all of it is fetched."""
        super().check()
        if not self.fetch:
            self.want_line()


def ways_in(text: str) -> dict[int, str]:
    """The same from a program's text: "17=ghn.2,18=staff"."""
    pairs = (one.partition("=") for one in text.split(","))
    return read_ways({f"way_{vendor.strip()}": key.strip() for vendor, _, key in pairs if key})


def read_ways(values: Mapping[str, object]) -> dict[int, str]:
    """How each seller's part is to be brought, from fields `way_{vendor}`; what is none of the offers is not taken."""
    named = [
        (str(name).removeprefix("way_"), value)
        for name, value in values.items()
        if str(name).startswith("way_")
    ]
    return {
        int(one): str(value)[:80]
        for one, value in named[:50]
        if one.isascii() and one.isdecimal() and len(one) < 18
    }


async def settle_commune(form: AddressForm) -> CommuneMeant:
    """The commune that the form means; notes a mistake at `commune` when that is not clear."""
    meant = await commune_meant(form.commune, form.commune_code or "", form.commune_asked)
    if meant.fault is not None:
        form.wrong("commune", meant.fault)
    return meant


def recipient_of(form: AddressForm, commune: Unit, before: OldCommune | None) -> Recipient:
    """Who gets the goods, from a form without mistakes. `before` is the old commune the address was given with."""
    if form.fetch:
        return Recipient(form.name, form.phone, "", commune, form.note)
    return Recipient(form.name, form.phone, form.line, commune, form.note, before, form.spot())


def cannot_be_fetched() -> Sentence:
    """What is said when no address was given and a seller's part cannot be fetched."""
    return say("Có người bán không cho đến lấy, hoặc đơn có rượu. Bạn ghi địa chỉ để giao tận nhà.")


def no_commune() -> Sentence:
    """What is said when a program names no commune in force."""
    return say("Mã xã, phường gồm 5 chữ số, ví dụ 05500.")


class WeightForm(Form):
    """What the scales said for one line, in grams."""

    grams: int = whole(least=1, most=WEIGHED_MOST_G)


def read_weights(values: Mapping[str, object], line_ids: Sequence[int]) -> tuple[Form, dict[int, int]]:
    """The weights by line, and a form with what was typed and what is wrong, at `final_{line}`."""
    form, weights_g = Form.filled(), {}
    for line_id in line_ids:
        name = f"final_{line_id}"
        one = WeightForm.read({"grams": values.get(name)})
        form.typed[name] = one.typed["grams"]
        if one.ok:
            weights_g[line_id] = one.grams
        else:
            form.wrong(name, one.errors["grams"])
    return form, weights_g


class PlaceForm(Form):
    """A commune alone, typed or chosen."""

    commune: str = text(max_length=160, required=False)
    commune_code: str | None = matching(
        COMMUNE_CHOSEN, say("Mã xã, phường gồm 5 chữ số, ví dụ 05500."), required=False
    )
    commune_asked: str = text(max_length=160, required=False)


async def settle_place(form: PlaceForm) -> CommuneMeant:
    """The commune that the form means; notes a mistake at `commune` when that is not clear."""
    meant = await commune_meant(form.commune or "", form.commune_code or "", form.commune_asked or "")
    if meant.fault is not None:
        form.wrong("commune", meant.fault)
    return meant


class PlateForm(Form):
    """A scanned plate: the code's text, when it was not a photo."""

    code: str = text(max_length=600, required=False)


class PlateReportForm(Form):
    """What somebody saw at a stall; a photo may say it all."""

    note: str = text(max_length=500, required=False)


class AttemptForm(Form):
    """Through which provider an order is to be paid."""

    gate: str = text(max_length=20, missing=say("Hãy chọn cách trả."))
