"""Pages of orders: the basket, the checkout, a buyer's orders, a seller's sales."""

from starlette.routing import BaseRoute

from orders.routes import basket, checkout, orders, plates, sales, till

ROUTES: list[BaseRoute] = [
    *basket.ROUTES,
    *checkout.ROUTES,
    *orders.ROUTES,
    *sales.ROUTES,
    *plates.ROUTES,
    *till.ROUTES,
]
