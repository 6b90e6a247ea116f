"""Pages of vendors: coming aboard, a seller's goods, approval, and what shoppers look at."""

from starlette.routing import BaseRoute

from vendors.routes import (
    aboard,
    accounts,
    banks,
    board,
    certificates,
    identity,
    identity_desk,
    imports,
    invited,
    lots,
    places,
    public,
    review,
    sell,
)

ROUTES: list[BaseRoute] = [
    *aboard.ROUTES,
    *certificates.ROUTES,
    *imports.ROUTES,
    *sell.ROUTES,
    *accounts.ROUTES,
    *identity.ROUTES,
    *review.ROUTES,
    *banks.ROUTES,
    *identity_desk.ROUTES,
    *public.ROUTES,
    *places.ROUTES,
    *lots.ROUTES,
    *board.ROUTES,
    *invited.ROUTES,
]
