"""Which sellers take orders that are paid at the door."""

from collections.abc import Sequence

from kit.together import Asking

_OFFERING = "SELECT vendor_id FROM door_offer WHERE vendor_id = ANY($1) AND is_on"


def offering_asked(vendor_ids: Sequence[int]) -> Asking[frozenset[int]]:
    """Those of these sellers who do, to be asked together with other things."""
    return Asking(_OFFERING, [list(vendor_ids)], lambda rows: frozenset(row["vendor_id"] for row in rows))
