"""Pages of vendors: coming aboard, a seller's goods, approval, and what shoppers look at."""

from starlette.routing import BaseRoute

from vendors.routes import aboard, certificates, imports, public, review, sell

ROUTES: list[BaseRoute] = [
    *aboard.ROUTES,
    *certificates.ROUTES,
    *imports.ROUTES,
    *sell.ROUTES,
    *review.ROUTES,
    *public.ROUTES,
]
