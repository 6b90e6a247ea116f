"""A vendor's goods as a sheet that can be changed and sent in again."""

from kit.sheets_out import Cell
from vendors.columns import FIELDS
from vendors.kinds import kind_of
from vendors.models import Listing
from vendors.services.communes import commune_label
from vendors.states import NAMES

ORDER = ("code", "own_code", "name", "kind", "price_dong", "unit", "stock", "weight_g", "commune", "about")


async def listing_table(vendor_id: int) -> tuple[list[str], list[list[Cell]]]:
    """Heads and rows of all the vendor's goods, oldest first; the last column, where each stands, is only to read."""
    listings = await Listing.filter(vendor_id=vendor_id).order_by("id")
    return [*(str(FIELDS[name]) for name in ORDER), "Trạng thái"], [_row(one) for one in listings]


def _row(one: Listing) -> list[Cell]:
    return [
        one.code,
        one.own_code,
        one.name,
        str(kind_of(one.kind).name),
        one.price_dong,
        one.unit,
        one.stock,
        one.weight_g,
        commune_label(one.commune, one.province),
        one.about,
        str(NAMES[one.state]),
    ]
