"""Pages of accounts."""

from starlette.routing import BaseRoute

from accounts.routes import (
    audit,
    factor_entry,
    factors,
    me,
    notices,
    people,
    privacy,
    requests,
    sign_in,
    twins,
)
from accounts.routes.fresh import is_fresh, step_up

ROUTES: list[BaseRoute] = [
    *sign_in.ROUTES,
    *factor_entry.ROUTES,
    *factors.ROUTES,
    *me.ROUTES,
    *notices.ROUTES,
    *people.ROUTES,
    *audit.ROUTES,
    *privacy.ROUTES,
    *requests.ROUTES,
]
STEP_UP = step_up
IS_FRESH = is_fresh
TWIN_ROUTES: list[BaseRoute] = [*twins.TEXT_ROUTES]
NOTICE_TWIN_ROUTES: list[BaseRoute] = [*twins.NOTICE_ROUTES]
