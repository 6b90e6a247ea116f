"""What is typed or scanned where goods are handed over."""

from kit.forms import Form, flag, text
from kit.i18n import say


class ShownForm(Form):
    """What a buyer shows who comes to fetch: the text of their QR code, or six digits."""

    code: str = text(max_length=60, missing=say("Quét mã QR trong đơn của khách, hoặc gõ 6 chữ số."))


class BringForm(Form):
    """The code of an order whose goods a seller brings to the desk."""

    order: str = text(max_length=40, missing=say("Quét hoặc gõ mã đơn của người bán."))


class PackForm(Form):
    """Packing a parcel of several stalls; `leaves`: without what is missing."""

    leaves: bool = flag()
