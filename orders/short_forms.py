"""What is sent about an order that lacks pieces: how many can be packed, and the buyer's choice."""

from collections.abc import Mapping, Sequence

from kit.forms import Form, choice, text, whole
from kit.i18n import say
from orders.services.basket import QUANTITY_MAX
from orders.services.short import Lack


class ShortForm(Form):
    """Why pieces are lacking; how many of each line can be packed stands in fields `packed_{line}`."""

    reason: str = text(max_length=300, min_length=5, missing=say("Hãy ghi vì sao thiếu, khách sẽ đọc."))


class ProgramShortForm(ShortForm):
    """The same from a program: `packed` as "12=1,15=0", by the numbers of the lines."""

    packed: str = text(max_length=1000, missing=say("Ghi mỗi món gói được mấy, ví dụ 12=1,15=0."))


class PiecesForm(Form):
    """How many pieces of one line can be packed."""

    pieces: int = whole(least=0, most=QUANTITY_MAX, missing=say("Ghi số gói được, không có thì ghi 0."))


class ShortAnswerForm(Form):
    """What the buyer chooses."""

    choice: str = choice(("accept", "cancel"), missing=say("Chọn nhận phần còn lại hay hủy cả đơn."))


def read_short(values: Mapping[str, object], line_ids: Sequence[int]) -> tuple[ShortForm, Lack | None]:
    """The form as a page sends it, with what is wrong at `packed_{line}`; None while something is."""
    form, packed = ShortForm.read(values), dict[int, int]()
    for line_id in line_ids:
        name = f"packed_{line_id}"
        one = PiecesForm.read({"pieces": values.get(name)})
        form.typed[name] = one.typed["pieces"]
        if one.ok:
            packed[line_id] = one.pieces
        else:
            form.wrong(name, one.errors["pieces"])
    return form, Lack(packed, form.reason) if form.ok else None


def packed_in(text: str) -> dict[str, object]:
    """The fields of a page from a program's text."""
    pairs = (one.partition("=") for one in text.split(","))
    return {f"packed_{line.strip()}": pieces.strip() for line, _, pieces in pairs}
