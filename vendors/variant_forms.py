"""The rows of sizes and qualities on the form of a listing, and one such row as a program sends it."""

from collections.abc import Mapping
from typing import Any

from kit.forms import Form, dong, text, whole
from kit.i18n import say
from vendors.models import Listing
from vendors.services.listings import PRICE_LEAST, PRICE_MOST, STOCK_MAX, WEIGHT_MOST_G
from vendors.services.variants import VARIANTS_MAX, VariantContent, VariantView

ROWS = range(2, VARIANTS_MAX + 1)  # the first variant stands in the form's own fields
EMPTY_ROWS = 2


class VariantForm(Form):
    """One size or quality of goods; without unit or weight the goods' own are taken."""

    name: str = text(max_length=60, missing=say("Cần tên của loại này, ví dụ «hộp 500 g» hoặc «loại 2»."))
    price_dong: int = dong(least=PRICE_LEAST, most=PRICE_MOST)
    unit: str = text(max_length=40, required=False)
    weight_g: int | None = whole(least=1, most=WEIGHT_MOST_G, required=False)
    stock: int = whole(least=0, most=STOCK_MAX)
    stock_seen: int | None = whole(least=0, most=STOCK_MAX, required=False)

    def content(self, *, unit: str, weight_g: int) -> VariantContent:
        """The row as the service takes it, with what it leaves out filled in."""
        return VariantContent(
            name=self.name,
            price_dong=self.price_dong,
            unit=self.unit or unit,
            weight_g=self.weight_g or weight_g,
            stock=self.stock,
            stock_seen=self.stock_seen,
        )


def read_rows(values: Mapping[str, object], form: Form) -> list[VariantForm]:
    """The filled rows in order; their mistakes and what was typed are noted in the listing's form, by row."""
    rows = []
    for number in ROWS:
        row = VariantForm.read({name: values.get(_field(number, name)) for name in VariantForm._fields})
        typed = {name: value for name, value in row.typed.items() if name != "stock_seen"}
        if not any(typed.values()):
            continue
        form.typed |= {_field(number, name): value for name, value in row.typed.items()}
        for name, sentence in row.errors.items():
            form.wrong(_field(number, name), sentence)
        rows.append(row)
    if rows and not form.typed.get("variant_name"):
        form.wrong("variant_name", say("Loại ghi ở trên gọi là gì? Ví dụ «hộp 200 g» hoặc «loại 1»."))
    return rows


def shown_rows(form: Form) -> list[int]:
    """Which rows the page shows: the filled ones and two empty ones after them."""
    filled = [number for number in ROWS if any(form.typed.get(_field(number, name)) for name in _SHOWN)]
    last = max(filled, default=ROWS.start - 1)
    return list(range(ROWS.start, min(last + EMPTY_ROWS, ROWS.stop - 1) + 1))


def filled_rows(listing: Listing, variants: tuple[VariantView, ...]) -> dict[str, Any]:
    """The fields of standing goods for their form: prices and stock of the first variant, then the others' rows."""
    fields: dict[str, Any]
    if not variants:
        fields = {name: getattr(listing, name) for name in _SHOWN if name != "name"}
        fields["price_dong"] = listing.price_per_kg_dong or listing.price_dong
        return fields | {"stock_seen": listing.stock}
    first, *others = variants
    fields = {"variant_name": first.name, "stock_seen": first.stock}
    fields |= {name: getattr(first, name) for name in _SHOWN if name != "name"}
    for number, one in zip(ROWS, others, strict=False):
        fields |= {_field(number, name): getattr(one, name) for name in _SHOWN}
        fields[_field(number, "stock_seen")] = one.stock
    return fields


def filled_weight(listing: Listing) -> dict[str, Any]:
    """The fields of goods that are sold by weight; none of others."""
    if listing.portion_g is None:
        return {}
    return {
        "by_weight": "1",
        "portion_g": listing.portion_g,
        "band_percent": listing.band_percent,
        "heavier_charged": "1" if listing.is_heavier_charged else "",
    }


_SHOWN = ("name", "price_dong", "unit", "weight_g", "stock")


def _field(number: int, name: str) -> str:
    return f"variant_{number}_{name}"
