"""Pages of orders: the basket, the checkout, a buyer's orders, a seller's sales."""

from starlette.routing import BaseRoute

from orders.routes import (
    basket,
    checkout,
    claims,
    delivery,
    fees,
    orders,
    pay,
    plates,
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
    *pay.ROUTES,
    *sales.ROUTES,
    *plates.ROUTES,
    *till.ROUTES,
    *till_days.ROUTES,
    *fees.ROUTES,
]
