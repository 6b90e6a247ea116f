"""Pages of payments: notices coming in, QR pictures, the seller's money and keys, what needs a person."""

from starlette.routing import BaseRoute

from payments.routes import desk, money, notices, reviews
from payments.twins.bank import TWIN_ROUTES as BANK_ROUTES
from payments.twins.lists import LIST_ROUTES

ROUTES: list[BaseRoute] = [*notices.ROUTES, *money.ROUTES, *reviews.ROUTES, *desk.ROUTES]
TWIN_ROUTES: list[BaseRoute] = [*BANK_ROUTES, *LIST_ROUTES]

__all__ = ["ROUTES", "TWIN_ROUTES"]
