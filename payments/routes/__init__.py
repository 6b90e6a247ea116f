"""Pages of payments: notices coming in, QR pictures, the seller's money and keys, what needs a person."""

from starlette.routing import BaseRoute

from payments.routes import callbacks, money, notices, reviews
from payments.twins.bank import TWIN_ROUTES

ROUTES: list[BaseRoute] = [*notices.ROUTES, *callbacks.ROUTES, *money.ROUTES, *reviews.ROUTES]

__all__ = ["ROUTES", "TWIN_ROUTES"]
