"""What placing an order writes down of how it comes to its buyer."""

from datetime import datetime

from kit.db import insert_all
from orders.handing_models import Fetch, JointParcel, JointPart, Spot
from orders.models import Order
from orders.services.checkout import DoorSpot, Review
from orders.services.offers import Way


async def keep_handing(order: Order, way: Way, spot: DoorSpot | None) -> None:
    """Where the order is fetched, and where exactly its buyer's door is. Needs the transaction that places it."""
    if way.place is not None:
        await Fetch.create(
            order_id=order.id,
            vendor_id=order.vendor_id,
            handing=way.handing,
            market_id=way.place.market_id,
            point_id=way.place.point_id,
            commune_code=way.place.commune_code,
            commune=way.place.commune,
            province=way.place.province,
            place=way.place.name,
            line=way.place.line,
            hours=way.place.hours,
        )
    if spot is not None:
        await Spot.create(
            order_id=order.id,
            digital_address=spot.digital_address,
            latitude=spot.latitude,
            longitude=spot.longitude,
        )


async def keep_joints(review: Review, group_code: str, *, now: datetime) -> None:
    """The parcels that several of the orders share. Needs the transaction that places them."""
    for joint in (one for one in review.joints if one.is_agreed):
        row = await JointParcel.create(
            group_code=group_code,
            market_id=joint.market_id,
            fee_dong=joint.fee_dong,
            saved_dong=joint.saved_dong,
            opened_at=now,
        )
        vendor_ids = [vendor_id for vendor_id, _ in joint.sellers]
        orders = await Order.filter(group_code=group_code, vendor_id__in=vendor_ids).order_by("id")
        await insert_all([JointPart(joint=row, order_id=one.id) for one in orders])
