"""Pages of orders: the basket, the checkout, a buyer's orders, a seller's sales."""

from starlette.routing import BaseRoute

from orders.routes import (
    basket,
    book,
    book_floors,
    book_papers,
    checkout,
    claims,
    delivery,
    door,
    fees,
    orders,
    pay,
    pay_link,
    plates,
    ratings,
    returns,
    sales,
    till,
    till_days,
)

ROUTES: list[BaseRoute] = [
    *basket.ROUTES,
    *checkout.ROUTES,
    *delivery.ROUTES,
    *orders.ROUTES,
    *claims.ROUTES,
    *ratings.ROUTES,
    *pay.ROUTES,
    *pay_link.ROUTES,
    *returns.ROUTES,
    *sales.ROUTES,
    *plates.ROUTES,
    *till.ROUTES,
    *till_days.ROUTES,
    *fees.ROUTES,
    *door.ROUTES,
    *book.ROUTES,
    *book_floors.ROUTES,
    *book_papers.ROUTES,
]
