"""The web application: every route of every package, the middleware, the error pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import accounts.api
import accounts.factor_api
import accounts.notice_api
import accounts.privacy_api
import accounts.routes
import market.routes
import orders.api
import orders.book_api
import orders.claim_api
import orders.contract_api
import orders.door_api
import orders.found_api
import orders.handing_api
import orders.heavy_api
import orders.pay_api
import orders.rating_api
import orders.restock_api
import orders.returns_api
import orders.routes
import orders.short_api
import orders.till_api
import payments.api
import payments.cash_api
import payments.desk_api
import payments.refunds_api
import payments.routes
import payments.twins.pages
import postal.api
import postal.routes
import postal.twins.pages
import search.api
import search.place_pages
import search.routes
import vendors.account_api
import vendors.api
import vendors.fetch_api
import vendors.help_api
import vendors.lot_api
import vendors.moderation_api
import vendors.rating_api
import vendors.routes
import vendors.webhook_api
from accounts.services import caller_for
from kit.errors import Refusal
from kit.fanout import Fanout
from kit.parts import Parts
from kit.replica import look_at_replica
from kit.settings import ROOT, Settings
from kit.web.answers import on_fault, on_http_exception, on_refusal
from kit.web.api import JsonRoute
from kit.web.branches import Branches
from kit.web.callers import CallerMiddleware
from kit.web.faults import FaultMiddleware
from kit.web.headers import HeadersMiddleware
from kit.web.openapi import openapi
from kit.web.ready_made import ReadyMadeMiddleware
from kit.web.routing import ANYONE, get
from market.parts import opened_parts
from market.watching import under_trace, under_watch
from orders.services.till.log import wake_behind

BODY_MAX_BYTES = 100 * 1024 * 1024
GZIP_LEVEL = 4  # of 9: a few hundredths larger than the best, in half the time
VERSION = "0.1.0"
API: list[JsonRoute] = [
    *accounts.api.API,
    *accounts.factor_api.FACTOR_API,
    *accounts.privacy_api.PRIVACY_API,
    *accounts.notice_api.NOTICE_API,
    *vendors.api.API,
    *vendors.account_api.ACCOUNT_API,
    *vendors.fetch_api.FETCH_API,
    *vendors.help_api.HELP_API,
    *vendors.moderation_api.MODERATION_API,
    *vendors.rating_api.RATING_API,
    *vendors.lot_api.LOT_API,
    *vendors.webhook_api.WEBHOOK_API,
    *search.api.API,
    *orders.api.API,
    *orders.claim_api.CLAIM_API,
    *orders.door_api.API,
    *orders.contract_api.CONTRACT_API,
    *orders.rating_api.RATING_API,
    *orders.till_api.TILL_API,
    *orders.found_api.FOUND_API,
    *orders.handing_api.HANDING_API,
    *orders.restock_api.RESTOCK_API,
    *orders.pay_api.PAY_API,
    *orders.returns_api.RETURNS_API,
    *orders.short_api.SHORT_API,
    *orders.heavy_api.HEAVY_API,
    *payments.api.API,
    *payments.refunds_api.REFUNDS_API,
    *payments.cash_api.CASH_API,
    *orders.book_api.BOOK_API,
    *payments.desk_api.DESK_API,
    *postal.api.API,
]
ROUTES: list[BaseRoute] = [
    *payments.routes.CALLBACKS,
    *market.routes.ROUTES,
    *accounts.routes.ROUTES,
    *vendors.routes.ROUTES,
    *search.routes.ROUTES,
    *search.place_pages.ROUTES,
    *orders.routes.ROUTES,
    *payments.routes.ROUTES,
    *postal.routes.ROUTES,
]


def create_app(settings: Settings) -> Starlette:
    """The application as a server runs it: its lifespan opens the parts and hands them to every request."""
    return make_app(settings, lifespan=_lifespan(settings))


def make_app(settings: Settings, *, lifespan: object = None) -> Starlette:
    """The application; without a lifespan the caller puts `parts` into each request's state."""
    app = Starlette(
        debug=settings.debug,
        routes=[
            Branches(all_routes(settings)),
            Mount("/static", KeptStatic(directory=ROOT / "static"), name="static"),
        ],
        middleware=[
            Middleware(HeadersMiddleware, settings=settings),
            Middleware(RequestBodyLimitMiddleware, max_body_size=BODY_MAX_BYTES),
            *([] if settings.debug else [Middleware(FaultMiddleware)]),
            Middleware(ReadyMadeMiddleware, settings=settings),
            Middleware(GZipMiddleware, minimum_size=800, compresslevel=GZIP_LEVEL),
            Middleware(CallerMiddleware, find=caller_for, settings=settings),
        ],
        exception_handlers={Refusal: on_refusal, HTTPException: on_http_exception, Exception: on_fault},
        lifespan=lifespan,  # type: ignore[arg-type]
    )
    app.state.step_up, app.state.is_fresh = accounts.routes.STEP_UP, accounts.routes.IS_FRESH
    app.router.redirect_slashes = False  # it would send people to whatever host the request named
    return app


def all_routes(settings: Settings) -> list[BaseRoute]:
    """Every route of this installation; twins only where they are allowed."""
    twins: list[BaseRoute] = []
    if settings.sms_gate == "twin":
        twins += accounts.routes.TWIN_ROUTES
    if settings.notice_twins:
        twins += accounts.routes.NOTICE_TWIN_ROUTES
    if settings.webhook_twin:
        twins += vendors.routes.TWIN_ROUTES
    if settings.bank_twin:
        twins += payments.routes.TWIN_ROUTES
    if settings.pay_twins:
        twins += payments.twins.pages.TWIN_ROUTES
    if settings.carrier_twins:
        twins += postal.twins.pages.TWIN_ROUTES
    return [
        *ROUTES,
        *twins,
        *API,
        get("/api/v1/openapi.json", openapi_show, who=ANYONE, name="market:openapi_show"),
    ]


async def openapi_show(request: Request) -> Response:
    """The OpenAPI document of the API that answers here."""
    settings: Settings = request.state.parts[Settings]
    return JSONResponse(openapi(API, server=settings.base_url, version=VERSION))


class KeptStatic(StaticFiles):
    """Static files; those asked for with their content mark may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        answer = await super().get_response(path, scope)
        kept = (
            "public, max-age=31536000, immutable" if b"v=" in scope["query_string"] else "public, max-age=300"
        )
        answer.headers["cache-control"] = kept
        return answer


def _lifespan(settings: Settings) -> object:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Parts]]:
        async with (
            under_trace(settings, "web"),
            opened_parts(settings, writes_index=False) as parts,
            under_watch(parts, "web"),
        ):
            await look_at_replica()
            parts[Fanout].start(wake_behind, look_at_replica)
            try:
                yield {"parts": parts}
            finally:
                await parts[Fanout].stop()

    return lifespan
