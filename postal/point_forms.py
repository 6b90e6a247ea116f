"""What is asked about post offices."""

from kit.forms import Form, flag, matching, phone, text
from kit.i18n import say


class PointForm(Form):
    """Where an office is and when it is open."""

    line: str = text(max_length=200, required=False)
    hours: str = text(max_length=120, required=False)
    phone: str | None = phone(required=False)
    keeps_parcels: bool = flag()


class NearForm(Form):
    """Offices near a commune."""

    commune_code: str | None = matching(r"\d{5}", say("Mã xã, phường có 5 chữ số."), required=False)


class ReopenForm(Form):
    """Why a decision about an act in doubt is taken back."""

    words: str = text(max_length=300, missing=say("Ghi vài chữ vì sao."))


class SettleForm(ReopenForm):
    """What a person says of an act in doubt."""

    counts: bool = flag()
