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
HELD = "Kẹo giòn, không ngọt quá. Ai lấy nhiều gọi cháu đặt chung cho rẻ: 0912 000 011."
ANSWER = "Cảm ơn cháu. Cô đã chụp lại ảnh, đặt cạnh cái cân cho dễ hình dung."


async def tell_ratings(arrived: Sequence[tuple[str, int]], *, seller_id: int, now: datetime) -> None:
    """About orders that have arrived (by code, with the buyer's number), a line each; the third is answered.

    The first order has a second line, rated with a phone number: that waits for a look.
    """
    for number, ((code, buyer_id), (stars, words)) in enumerate(zip(arrived, SAID, strict=False)):
        order, at = await order_for(code, Caller(person_id=buyer_id)), now - timedelta(minutes=40 - number)
        first, *others = [one.line.id for one in await ratable_lines(order, now=at)]
        caller = Caller(person_id=buyer_id, name=order.recipient_name)
        made = await rate_line(order, first, RatingContent(stars, words), caller, now=at)
        if number == 0:
            await rate_line(order, others[0], RatingContent(5, HELD), caller, now=at)
        if number == 2:
            mine = [order.vendor_id]
            await answer_rating(
                made, ANSWER, vendor_ids=mine, person_id=seller_id, now=at + timedelta(minutes=9)
            )
