"""The names an order goes by elsewhere: in payments, at the post, in the stock's books and on open screens."""

WEIGHED = "weighed"  # what a refund for goods that weighed less is asked under
SHORT = "short"  # what a refund for pieces that were not there is asked under


def reference_of(order_id: int) -> str:
    """How payments, postal and the stock's books name an order: "order:17"."""
    return f"order:{order_id}"


def joint_reference(joint_id: int) -> str:
    """How the post names a parcel of several stalls: "joint:17"."""
    return f"joint:{joint_id}"


def difference_reference(order_id: int) -> str:
    """How payments name what an order's heavier goods cost on top: "difference:17", by the order's number."""
    return f"difference:{order_id}"


def order_behind(reference: str) -> int | None:
    """The number of the order that a payment is for, its own or its difference's; None for all else."""
    own = order_id_of(reference)
    return number_in(reference, "difference") if own is None else own


def order_id_of(reference: str) -> int | None:
    """The order's number in a reference; None when it names something else."""
    kind, _, number = reference.partition(":")
    return int(number) if kind == "order" and number.isdecimal() else None


def till_reference(sale_id: int) -> str:
    """How payments and the stock's books name a stall sale: "till:17"."""
    return f"till:{sale_id}"


def fee_reference(fee_id: int) -> str:
    """How payments name a market's fee: "fee:17"."""
    return f"fee:{fee_id}"


def number_in(reference: str, kind: str) -> int | None:
    """The number in a reference of this kind ("till", "fee"); None when it names something else."""
    named, _, number = reference.partition(":")
    return int(number) if named == kind and number.isdecimal() else None


def till_channel(vendor_id: int) -> str:
    """The live channel of a seller's till."""
    return f"till:{vendor_id}"


def fees_channel(vendor_id: int) -> str:
    """The live channel of what markets ask of a trader."""
    return f"fees:{vendor_id}"


def order_channel(code: str) -> str:
    """The live channel of an order's screens."""
    return f"order:{code}"


def day_channel(vendor_id: int) -> str:
    """The live channel of a vendor's day."""
    return f"vendor:{vendor_id}"
