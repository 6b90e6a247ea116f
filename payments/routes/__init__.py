"""Pages of payments: notices coming in, QR pictures, the seller's money and keys,
refunds and payouts, what needs a person."""

from starlette.routing import BaseRoute

from payments.routes import callbacks, cash_box, desk, money, notices, payouts, refunds, reviews
from payments.twins.bank import TWIN_ROUTES as BANK_ROUTES
from payments.twins.lists import LIST_ROUTES
from payments.twins.payos_links import PAYOS_ROUTES

# Asked far more often than any page: an application tries these before its others.
CALLBACKS: list[BaseRoute] = [*notices.ROUTES, *callbacks.ROUTES]
ROUTES: list[BaseRoute] = [
    *money.ROUTES,
    *refunds.ROUTES,
    *payouts.ROUTES,
    *reviews.ROUTES,
    *cash_box.ROUTES,
    *desk.ROUTES,
]
TWIN_ROUTES: list[BaseRoute] = [*BANK_ROUTES, *LIST_ROUTES, *PAYOS_ROUTES]

__all__ = ["CALLBACKS", "ROUTES", "TWIN_ROUTES"]
