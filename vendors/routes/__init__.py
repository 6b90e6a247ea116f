"""Pages of vendors: coming aboard, a seller's goods, approval, and what shoppers look at."""

from starlette.routing import BaseRoute

from vendors.routes import (
    aboard,
    accounts,
    banks,
    board,
    certificates,
    helped,
    identity,
    identity_desk,
    imports,
    invited,
    public,
    review,
    sell,
    team,
    team_consents,
    team_for,
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
    *invited.ROUTES,
    *team.ROUTES,
    *team_consents.ROUTES,
    *team_for.ROUTES,
    *helped.ROUTES,
]
