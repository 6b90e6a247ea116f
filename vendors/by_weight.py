"""Sale by weight: what a weight costs, and how far the weight that is packed may lie from the one that was paid."""

from dataclasses import dataclass

BANDS_PERCENT = (5, 10, 15, 20)
PORTION_LEAST_G, PORTION_MOST_G = 50, 30_000


@dataclass(frozen=True)
class Portion:
    """A piece of goods sold by weight: about so many grams, and by how many per cent it may differ.

    `is_heavier_charged`: what weighs more than was paid for is paid on top; else it costs nothing more.
    """

    portion_g: int
    band_percent: int
    is_heavier_charged: bool = False


def price_of(price_per_kg_dong: int, weight_g: int) -> int:
    """What a weight costs in whole đồng, half a đồng rounded up."""
    return (price_per_kg_dong * weight_g + 500) // 1000


def band_of(estimate_g: int, percent: int) -> tuple[int, int]:
    """The least and the most that may be packed for an estimate, in whole grams inside the band."""
    return -(-estimate_g * (100 - percent) // 100), estimate_g * (100 + percent) // 100


def most_on_top(price_per_kg_dong: int, estimate_g: int, percent: int, paid_dong: int) -> int:
    """The largest sum in đồng that may be paid on top of `paid_dong` when the goods weigh all that the band allows."""
    _, most_g = band_of(estimate_g, percent)
    return max(0, price_of(price_per_kg_dong, most_g) - paid_dong)
