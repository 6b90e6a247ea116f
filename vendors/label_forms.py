"""The listing form with the words of the label."""

from collections.abc import Sequence
from dataclasses import replace

from kit.forms import flag, matching, text
from kit.i18n import say
from kit.units import Unit
from vendors.forms import ListingForm
from vendors.labels import PARTS, LabelPart
from vendors.services import ListingContent
from vendors.variant_forms import VariantForm


class LabelledForm(ListingForm):
    """A listing with its label. `label_shown` says that the label's fields were there: empty means taken off."""

    label_shown: bool = flag()
    label_producer: str = text(max_length=PARTS[LabelPart.PRODUCER].most, required=False)
    label_quantity: str = text(max_length=PARTS[LabelPart.QUANTITY].most, required=False)
    label_ingredients: str = text(max_length=PARTS[LabelPart.INGREDIENTS].most, required=False)
    label_material: str = text(max_length=PARTS[LabelPart.MATERIAL].most, required=False)
    label_strength: str = text(max_length=PARTS[LabelPart.STRENGTH].most, required=False)
    label_expiry: str = text(max_length=PARTS[LabelPart.EXPIRY].most, required=False)
    label_storage: str = text(max_length=PARTS[LabelPart.STORAGE].most, required=False)
    label_use: str = text(max_length=PARTS[LabelPart.USE].most, required=False)
    label_warnings: str = text(max_length=PARTS[LabelPart.WARNINGS].most, required=False)
    label_registration: str = text(max_length=PARTS[LabelPart.REGISTRATION].most, required=False)

    def content(self, commune: Unit, rows: Sequence[VariantForm] = ()) -> ListingContent:
        """The form as the service takes it; the label only when it was asked or anything of it was written."""
        words = {str(part): getattr(self, f"label_{part}") for part in LabelPart}
        words = {part: said for part, said in words.items() if said}
        return replace(super().content(commune, rows), label=words if words or self.label_shown else None)


class NewListingForm(LabelledForm):
    """New goods. `sent_id` names this sending of the form, made with the page or by the phone that keeps it waiting."""

    sent_id: str | None = matching(
        r"[0-9A-Za-z-]{16,40}", say("Trang này đã cũ. Hãy mở lại trang rồi đăng."), required=False
    )
