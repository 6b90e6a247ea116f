"""Pages of vendors: coming aboard, a seller's goods, approval, and what shoppers look at."""

from starlette.routing import BaseRoute

from vendors.routes import (
    aboard,
    accounts,
    banks,
    board,
    certificates,
    fee_account,
    identity,
    identity_desk,
    imports,
    invited,
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
    *board.ROUTES,
    *fee_account.ROUTES,
    *invited.ROUTES,
]
