"""What a seller says about goods that came back: how many of each line are on sale again, and why not all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kit.forms import Form, flag, matching, text, whole
from kit.i18n import say
from orders.services.basket import QUANTITY_MAX


class RestockForm(Form):
    """`as_suggested` takes what the page suggests; else `back_{line}` say how many, and `reason` why not all."""

    as_suggested: bool = flag()
    reason: str = text(max_length=300, required=False)


class ProgramRestockForm(RestockForm):
    """The same from a program: `back` as "12=1,15=0", by the numbers of the lines; without it what is suggested."""

    back: str | None = matching(
        r"[0-9]{1,15}=[0-9]{1,6}(,[0-9]{1,15}=[0-9]{1,6}){0,99}",
        say("Số bán lại viết như 12=1,15=0: số dòng, dấu bằng, số phần."),
        required=False,
    )

    @property
    def pieces(self) -> dict[int, int] | None:
        """How many by line."""
        pairs = (one.partition("=") for one in (self.back or "").split(",") if one)
        return {int(line): int(pieces) for line, _, pieces in pairs} or None


class BackForm(Form):
    """How many pieces of one line are on sale again."""

    pieces: int = whole(least=0, most=QUANTITY_MAX, missing=say("Ghi số bán lại, không có thì ghi 0."))


@dataclass(frozen=True)
class RestockRead:
    """A form as it was sent, and what it says by line; None for what is suggested."""

    form: RestockForm
    back: dict[int, int] | None


def read_restock(values: Mapping[str, object], line_ids: Sequence[int]) -> RestockRead:
    """The form of the page, with what is wrong at `back_{line}`."""
    form = RestockForm.read(values)
    if form.as_suggested:
        return RestockRead(form, None)
    back: dict[int, int] = {}
    for line_id in line_ids:
        name = f"back_{line_id}"
        one = BackForm.read({"pieces": values.get(name)})
        form.typed[name] = one.typed["pieces"]
        if one.ok:
            back[line_id] = one.pieces
        else:
            form.wrong(name, one.errors["pieces"])
    return RestockRead(form, back)
