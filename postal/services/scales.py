"""What the scales say when a parcel is accepted, held against the declared weight."""

from postal.services.views import ParcelView

TOLERANCE_G = 50
TOLERANCE_SHARE = 10


def weight_differs(parcel: ParcelView) -> bool:
    """Whether it weighs more than 50 g and a tenth more or less than declared; False for one that was not weighed."""
    if parcel.weighed_g is None:
        return False
    apart_g = abs(parcel.weighed_g - parcel.weight_g)
    return apart_g > TOLERANCE_G and apart_g * TOLERANCE_SHARE > parcel.weight_g
