"""What postal staff send: an act on a parcel, and a scan."""

from kit.forms import Form, choice, flag, matching, text, whole
from kit.i18n import say
from postal.carrier import CENTIMETRES_MAX
from postal.gates.names import OUTSIDE
from postal.label_pdf import LabelSize
from postal.staff_carrier import MAX_WEIGHT_G, Act, Reason
from postal.states import ParcelState
from vendors.services import COMMUNE_CHOSEN

_EVENT_KEY = matching(
    r"[0-9A-Za-z:_-]{8,80}",
    say("Mã lần bấm (event_key) gồm 8 đến 80 chữ cái, chữ số, dấu : _ hoặc -."),
)


class ActForm(Form):
    """One act; `event_key` is the sender's own key for it, so that it counts once.

    `delivery_code` is the recipient's, which proves that a parcel was delivered.
    """

    act: Act = choice(Act, missing=say("Chọn việc cần ghi."))
    event_key: str = _EVENT_KEY
    reason: str = choice(Reason, required=False, missing=say("Chọn một lý do trong danh sách."))
    note: str = text(max_length=300, required=False)
    delivery_code: str = text(max_length=20, required=False)
    age_checked: bool = flag()


class ScanForm(Form):
    """A typed or scanned code (empty when a photo comes instead) and the act chosen for every scan."""

    code: str = text(max_length=200, required=False)
    act: Act | None = choice(Act, required=False, missing=say("Chọn việc cần ghi."))
    event_key: str = _EVENT_KEY
    weighed_g: int | None = whole(least=1, most=2 * MAX_WEIGHT_G, required=False)


class ShownForm(Form):
    """What somebody shows who comes to fetch a parcel: the text of their QR code, or six digits."""

    age_checked: bool = flag()
    shown: str = text(max_length=60, missing=say("Quét mã QR trong đơn của người nhận, hoặc gõ 6 chữ số."))
    event_key: str = _EVENT_KEY


class LabelForm(Form):
    """How labels are printed; `sheet`: as many as A4 holds, `copy`: for the stall, with masked phones."""

    size: LabelSize | None = choice(
        LabelSize, required=False, missing=say("Chọn khổ nhãn A5, A6, A7 hoặc 100x150.")
    )
    sheet: bool = flag()
    copy: bool = flag()


class AssignForm(Form):
    """Who is to collect the chosen parcels."""

    holder_id: int = whole(least=1, most=2**53)


class TwinPushForm(Form):
    """What happens to a parcel at a pretend carrier, and how the market is told."""

    code: str = text(max_length=40, missing=say("Chọn bước tiếp theo của bưu gửi."))
    manner: str = choice(
        ("as_is", "twice", "late", "lost", "forged", "misordered"), missing=say("Chọn cách báo cho chợ.")
    )
    is_returning: bool = flag()


class WaybillForm(Form):
    """The carrier's own number of a parcel."""

    tracking_code: str = matching(
        r"[0-9A-Za-z._-]{4,40}", say("Mã vận đơn gồm 4 đến 40 chữ cái, chữ số, dấu chấm hoặc gạch.")
    )


class CarrierChoiceForm(Form):
    """Which carrier takes a parcel over."""

    carrier: str = text(max_length=20, missing=say("Chọn một hãng chuyển phát trong danh sách."))


class AreaForm(Form):
    """Which of our communes is meant."""

    commune: str = text(max_length=160, required=False)
    commune_code: str | None = matching(
        COMMUNE_CHOSEN, say("Mã xã, phường gồm 5 chữ số, ví dụ 05500."), required=False
    )
    commune_asked: str = text(max_length=160, required=False)


class SpellForm(AreaForm):
    """How a carrier that wants names writes a commune, and its province where that differs too."""

    carrier: str = choice(OUTSIDE, missing=say("Chọn một hãng chuyển phát trong danh sách."))
    written: str = text(max_length=120, missing=say("Chép tên xã, phường đúng như hãng viết."))
    written_province: str = text(max_length=120, required=False)


class SendingForm(Form):
    """Which carrier is the default; those offered come several times under one name."""

    is_default: str = text(max_length=20, required=False)


class PriceForm(AreaForm):
    """Where a parcel would go, and what it weighs."""

    weight_g: int = whole(least=1, most=MAX_WEIGHT_G)


class PriceAskForm(Form):
    """The same as a program asks it."""

    commune_code: str = matching(r"\d{5}", say("Mã xã, phường có 5 chữ số."))
    weight_g: int = whole(least=1, most=MAX_WEIGHT_G)


class BoxForm(Form):
    """A box in whole centimetres, and what it holds at most in grams."""

    length_cm: int = whole(least=5, most=CENTIMETRES_MAX)
    width_cm: int = whole(least=5, most=CENTIMETRES_MAX)
    height_cm: int = whole(least=2, most=CENTIMETRES_MAX)
    weight_max_g: int = whole(least=100, most=MAX_WEIGHT_G)


class CorrectionForm(Form):
    """Where a parcel truly is, and why a person writes it."""

    state: ParcelState = choice(ParcelState, missing=say("Chọn bước mà bưu gửi đang ở."))
    words: str = text(max_length=300, missing=say("Ghi vì sao sửa, ví dụ ai đã gọi cho hãng và hãng nói gì."))
    event_key: str = _EVENT_KEY


class StopForm(Form):
    """Why a carrier is asked to stop a parcel."""

    reason: str = text(max_length=150, missing=say("Ghi vì sao xin hãng dừng bưu gửi."))


class WishForm(Form):
    """What becomes of a parcel that could not be delivered."""

    wish: str = choice(("redeliver", "send_back"), missing=say("Chọn giao lại hoặc trả về."))
