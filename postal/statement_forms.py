"""What the office sends about carriers' statements: a file, and what a person decides about a line."""

from kit.forms import Form, choice, text
from kit.i18n import say
from postal.gates.names import OUTSIDE

DECISIONS = ("count", "aside", "attach", "rest", "lost")


class StatementForm(Form):
    """Whose statement the file is."""

    carrier: str = choice(OUTSIDE, missing=say("Chọn hãng của bảng đối soát."))


class LineForm(Form):
    """A decision about one line, in words; `code` names the parcel that a line is about."""

    decision: str = choice(DECISIONS, missing=say("Chọn việc cần làm với dòng này."))
    words: str = text(max_length=300, required=False)
    code: str = text(max_length=40, required=False)
