"""Ratings of the demo: buyers say what they got, one seller answers; never of one's own goods."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kit.roles import Caller
from orders.services import order_for
from orders.services.rating import ratable_lines, rate_line
from vendors.services.ratings.writing import RatingContent, answer_rating

SAID = (
    (5, "Hàng ngon, gói kỹ, giao đúng hẹn. Cả nhà khen."),
    (4, "Hàng đúng như tả. Hộp ngoài hơi mỏng, đi đường bị móp một góc."),
    (3, "Ăn được, nhưng nhỏ hơn tôi nghĩ khi xem ảnh."),
    (5, ""),
)
ANSWER = "Cảm ơn cháu. Cô đã chụp lại ảnh, đặt cạnh cái cân cho dễ hình dung."


async def tell_ratings(arrived: Sequence[tuple[str, int]], *, seller_id: int, now: datetime) -> None:
    """About orders that have arrived (by code, with the buyer's number), a line each; the third is answered."""
    for number, ((code, buyer_id), (stars, words)) in enumerate(zip(arrived, SAID, strict=False)):
        order, at = await order_for(code, Caller(person_id=buyer_id)), now - timedelta(minutes=40 - number)
        line = (await ratable_lines(order, now=at))[0].line
        caller = Caller(person_id=buyer_id, name=order.recipient_name)
        made = await rate_line(order, line.id, RatingContent(stars, words), caller, now=at)
        if number == 2:
            mine = [order.vendor_id]
            await answer_rating(
                made, ANSWER, vendor_ids=mine, person_id=seller_id, now=at + timedelta(minutes=9)
            )
