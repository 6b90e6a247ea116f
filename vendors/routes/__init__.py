"""Pages of vendors: coming aboard, a seller's goods, approval, and what shoppers look at."""

from starlette.routing import BaseRoute

from vendors.routes import aboard, board, invited, public, review, sell

ROUTES: list[BaseRoute] = [
    *aboard.ROUTES,
    *sell.ROUTES,
    *review.ROUTES,
    *public.ROUTES,
    *board.ROUTES,
    *invited.ROUTES,
]
