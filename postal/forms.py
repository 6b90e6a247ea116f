"""What postal staff send: an act on a parcel, and a scan."""

from kit.forms import Form, choice, flag, matching, text, whole
from kit.i18n import say
from postal.label_pdf import LabelSize
from postal.staff_carrier import MAX_WEIGHT_G, Act, Reason

_EVENT_KEY = matching(
    r"[0-9A-Za-z:_-]{8,80}",
    say("Mã lần bấm (event_key) gồm 8 đến 80 chữ cái, chữ số, dấu : _ hoặc -."),
)


class ActForm(Form):
    """One act; `event_key` is the sender's own key for it, so that it counts once."""

    act: Act = choice(Act, missing=say("Chọn việc cần ghi."))
    event_key: str = _EVENT_KEY
    reason: str = choice(Reason, required=False, missing=say("Chọn một lý do trong danh sách."))
    note: str = text(max_length=300, required=False)


class ScanForm(Form):
    """A typed or scanned code (empty when a photo comes instead) and the act chosen for every scan."""

    code: str = text(max_length=200, required=False)
    act: Act | None = choice(Act, required=False, missing=say("Chọn việc cần ghi."))
    event_key: str = _EVENT_KEY
    weighed_g: int | None = whole(least=1, most=2 * MAX_WEIGHT_G, required=False)


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
