"""Pages of accounts."""

from starlette.routing import BaseRoute

from accounts.routes import audit, me, people, privacy, requests, sign_in, twins

ROUTES: list[BaseRoute] = [
    *sign_in.ROUTES,
    *me.ROUTES,
    *people.ROUTES,
    *audit.ROUTES,
    *privacy.ROUTES,
    *requests.ROUTES,
]
TWIN_ROUTES: list[BaseRoute] = [*twins.ROUTES]
