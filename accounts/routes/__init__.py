"""Pages of accounts."""

from starlette.routing import BaseRoute

from accounts.routes import audit, me, notices, people, privacy, requests, sign_in, twins

ROUTES: list[BaseRoute] = [
    *sign_in.ROUTES,
    *me.ROUTES,
    *notices.ROUTES,
    *people.ROUTES,
    *audit.ROUTES,
    *privacy.ROUTES,
    *requests.ROUTES,
]
TWIN_ROUTES: list[BaseRoute] = [*twins.TEXT_ROUTES]
NOTICE_TWIN_ROUTES: list[BaseRoute] = [*twins.NOTICE_ROUTES]
