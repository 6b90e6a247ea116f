"""What is typed or scanned where goods are handed over."""

from kit.forms import Form, flag, matching, text
from kit.i18n import say


class ShownForm(Form):
    """What a buyer shows who comes to fetch: the text of their QR code, or six digits.

    `age_checked`: who takes alcohol showed to be 18.
    """

    code: str = text(max_length=60, missing=say("Quét mã QR trong đơn của khách, hoặc gõ 6 chữ số."))
    age_checked: bool = flag()


class BringForm(Form):
    """The code of an order whose goods a seller brings to the desk."""

    order: str = text(max_length=40, missing=say("Quét hoặc gõ mã đơn của người bán."))


class PackForm(Form):
    """Packing a parcel of several stalls; `leaves`: without what is missing."""

    leaves: bool = flag()


class PackingForm(Form):
    """A packed order as a program tells of it: `weights` in grams by line, "12=980,13=1010", for what is weighed."""

    weights: str | None = matching(
        r"([0-9]{1,15}=[1-9][0-9]{0,7})(,[0-9]{1,15}=[1-9][0-9]{0,7}){0,99}",
        say("Cân nặng viết như 12=980,13=1010: số dòng, dấu bằng, số gam."),
        required=False,
    )

    @property
    def weights_g(self) -> dict[int, int]:
        """The grams by line."""
        pairs = (one.partition("=") for one in (self.weights or "").split(",") if one)
        return {int(line): int(grams) for line, _, grams in pairs}
