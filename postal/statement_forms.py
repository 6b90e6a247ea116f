"""What the office sends about carriers' statements: a file, its columns, and what a person decides about a line."""

from typing import cast

from kit.forms import Form, choice, flag, text, whole
from kit.i18n import say
from kit.sheets import COLUMNS_MAX
from postal.gates.names import OUTSIDE
from postal.statement_columns import FIELDS
from postal.statement_sheet import HEAD_ROWS

DECISIONS = ("count", "aside", "attach", "rest", "lost")


class StatementForm(Form):
    """Whose statement the file is; `anew`: the person names the columns whatever is known of such a file."""

    carrier: str = choice(OUTSIDE, missing=say("Chọn hãng của bảng đối soát."))
    anew: bool = flag()


def _column() -> int | None:
    """A column of the file by its place from 0, or none."""
    return cast(int | None, whole(least=0, most=COLUMNS_MAX, required=False))


class ColumnsForm(Form):
    """Which column holds what, and in which row of the file the heads stand, from 1."""

    head: int = whole(least=1, most=HEAD_ROWS)
    waybill: int | None = _column()
    reference: int | None = _column()
    cod: int | None = _column()
    fee: int | None = _column()
    remitted: int | None = _column()
    on: int | None = _column()

    @property
    def said(self) -> dict[str, int]:
        """The chosen columns by field."""
        chosen = {name: getattr(self, name) for name in FIELDS}
        return {name: place for name, place in chosen.items() if place is not None}


class LineForm(Form):
    """A decision about one line, in words; `code` names the parcel that a line is about."""

    decision: str = choice(DECISIONS, missing=say("Chọn việc cần làm với dòng này."))
    words: str = text(max_length=300, required=False)
    code: str = text(max_length=40, required=False)
