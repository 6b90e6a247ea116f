"""What orders does: baskets, checkout, placing, settling, ending, posting, and what buyers and sellers see."""

from orders.services.basket import (
    Basket,
    Buyer,
    basket_of,
    merge_basket,
    put_in_basket,
    set_quantity,
    take_out,
)
from orders.services.checkout import Address, Courier, Recipient, Review, last_address, review_basket
from orders.services.expire import cancel_order, expire_orders
from orders.services.figures import SalesFigures, sales_since
from orders.services.handing.joints import book_joint
from orders.services.handing.unfetched import remind_of_fetching
from orders.services.names import day_channel, order_channel, reference_of
from orders.services.pack import note_given_back, pack_order, return_weighed
from orders.services.pay import come_back, settle_look, try_of, try_to_pay
from orders.services.place import Placed, Wish, is_buyer, place_each, place_orders
from orders.services.post import book_harvested, book_parcel, book_parcels, follow_parcel
from orders.services.refunded import follow_refund
from orders.services.revive import revive_order
from orders.services.sales import (
    Sale,
    SellersDay,
    own_sale,
    sale_facts,
    sales_of,
    sellers_day,
)
from orders.services.settle import confirm_order, mark_paid, settle_notice
from orders.services.settle_many import settle_waiting
from orders.services.show import (
    OrderBrief,
    OrderFacts,
    OrderRows,
    buyer_of,
    mark_of,
    order_again,
    order_brief,
    order_facts,
    order_for,
    order_with_lines,
    orders_of,
    own_order,
)
from orders.services.telling import tell_of_orders

__all__ = [
    "Address",
    "Basket",
    "Buyer",
    "Courier",
    "OrderBrief",
    "OrderFacts",
    "OrderRows",
    "Placed",
    "Recipient",
    "Review",
    "Sale",
    "SalesFigures",
    "SellersDay",
    "Wish",
    "basket_of",
    "book_harvested",
    "book_joint",
    "book_parcel",
    "book_parcels",
    "buyer_of",
    "cancel_order",
    "come_back",
    "confirm_order",
    "day_channel",
    "expire_orders",
    "follow_parcel",
    "follow_refund",
    "is_buyer",
    "last_address",
    "mark_of",
    "mark_paid",
    "merge_basket",
    "note_given_back",
    "order_again",
    "order_brief",
    "order_channel",
    "order_facts",
    "order_for",
    "order_with_lines",
    "orders_of",
    "own_order",
    "own_sale",
    "pack_order",
    "place_each",
    "place_orders",
    "put_in_basket",
    "reference_of",
    "remind_of_fetching",
    "return_weighed",
    "review_basket",
    "revive_order",
    "sale_facts",
    "sales_of",
    "sales_since",
    "sellers_day",
    "set_quantity",
    "settle_look",
    "settle_notice",
    "settle_waiting",
    "take_out",
    "tell_of_orders",
    "try_of",
    "try_to_pay",
]
