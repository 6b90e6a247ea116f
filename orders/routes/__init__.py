"""Pages of orders: the basket, the checkout, a buyer's orders, a seller's sales."""

from starlette.routing import BaseRoute

from orders.routes import (
    basket,
    checkout,
    delivery,
    fees,
    orders,
    pay,
    plates,
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
    *pay.ROUTES,
    *returns.ROUTES,
    *sales.ROUTES,
    *plates.ROUTES,
    *till.ROUTES,
    *till_days.ROUTES,
    *fees.ROUTES,
]
