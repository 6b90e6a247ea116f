"""The market's own routes: first page, language and letters, what it says of itself, health, administration."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

import kit.web.policy_reports
import kit.web.uploads
from kit.errors import Refusal
from kit.forms import Form
from kit.roles import Role
from kit.settings import Settings
from kit.web.asked import local_path
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from kit.web.offline import form_token_show
from kit.web.render import asset
from kit.web.routing import ANYONE, get, post, roles
from market.board import board_show
from market.forms import LanguageForm, TextSizeForm
from market.pages import about_show, demo_show, home_show, privacy_show, ranking_show, rules_show
from market.pages_admin import admin_home, dead_letter_index, dead_letter_send, operations_show
from market.pages_rules import dated_rule_create, dated_rule_index, dated_rule_remove
from market.readiness import checks_of, readiness
from market.services import OK, standing
from market.shell import offline_show, worker_show

YEAR_SECONDS = 365 * 86400
CLOSED_TO_ROBOTS = ("/admin", "/sell", "/post", "/me", "/orders", "/basket", "/checkout", "/twins", "/api")
ADMINS = roles(Role.ADMIN)


async def language_set(request: Request) -> Response:
    """POST /language: shows pages in this language for a year, then back to the page."""
    form = LanguageForm.read(form_of(request))
    _refuse_wrong(form)
    answer = RedirectResponse(local_path(form.back, "/"), 303)
    _keep(request, answer, "language", form.to)
    return answer


async def text_size_set(request: Request) -> Response:
    """POST /text-size: big letters on, or off when they are on."""
    form = TextSizeForm.read(form_of(request))
    _refuse_wrong(form)
    answer = RedirectResponse(local_path(form.back, "/"), 303)
    _keep(request, answer, "text_size", "" if request.cookies.get("text_size") == "big" else "big")
    return answer


def _refuse_wrong(form: Form) -> None:
    for name, sentence in form.errors.items():
        raise Refusal(sentence, field=name)


def _keep(request: Request, answer: Response, name: str, value: str) -> None:
    secure = parts_of(request)[Settings].is_production
    seconds = YEAR_SECONDS if value else 0
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")


async def health_show(request: Request) -> Response:
    """GET /health: which parts answer; 503 when one does not."""
    found = await standing(checks_of(parts_of(request)))
    return health_answer(found, is_well=all(state == OK for state in found.values()))


async def ready_show(request: Request) -> Response:
    """GET /ready: whether this process can serve people; without Redis or search it still can."""
    found = await readiness(parts_of(request))
    return health_answer(found.said, is_well=found.is_ready)


def health_answer(parts: Mapping[str, str], *, is_well: bool) -> Response:
    """200 when all is well, else 503."""
    return JSONResponse(dict(parts), 200 if is_well else 503, headers={"cache-control": "no-store"})


async def robots_show(request: Request) -> Response:
    """GET /robots.txt: goods may be found, people's own pages not."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED_TO_ROBOTS)]
    return PlainTextResponse("\n".join(lines) + "\n")


async def favicon_show(request: Request) -> Response:
    """GET /favicon.ico, for those who do not read the page's link."""
    return RedirectResponse(asset("img/favicon.svg"), 307)


ROUTES: list[BaseRoute] = [
    get("/", home_show, who=ANYONE, name="market:home", ready_seconds=1),
    get("/about", about_show, who=ANYONE, name="market:about_show"),
    get("/about/demo", demo_show, who=ANYONE, name="market:demo_show"),
    get("/about/ranking", ranking_show, who=ANYONE, name="market:ranking_show"),
    get("/about/privacy", privacy_show, who=ANYONE, name="market:privacy_show"),
    get("/about/rules", rules_show, who=ANYONE, name="market:rules_show"),
    post("/language", language_set, who=ANYONE, name="market:language_set"),
    post("/text-size", text_size_set, who=ANYONE, name="market:text_size_set"),
    get("/health", health_show, who=ANYONE, name="market:health_show"),
    get("/ready", ready_show, who=ANYONE, name="market:ready_show"),
    get("/robots.txt", robots_show, who=ANYONE, name="market:robots_show"),
    get("/favicon.ico", favicon_show, who=ANYONE, name="market:favicon_show"),
    get("/sw.js", worker_show, who=ANYONE, name="market:worker_show"),
    get("/offline", offline_show, who=ANYONE, name="market:offline_show"),
    get("/form-token", form_token_show, who=ANYONE, name="market:form_token_show"),
    *kit.web.uploads.ROUTES,
    *kit.web.policy_reports.ROUTES,
    get("/board", board_show, who=roles(Role.BOARD, Role.ADMIN), name="market:board_show"),
    get("/admin", admin_home, who=roles(Role.ADMIN, Role.TEAM), name="market:admin_home"),
    get("/admin/operations", operations_show, who=ADMINS, name="market:operations_show"),
    get("/admin/dead-letters", dead_letter_index, who=ADMINS, name="market:dead_letter_index"),
    post(
        "/admin/dead-letters/{id:int}/sending", dead_letter_send, who=ADMINS, name="market:dead_letter_send"
    ),
    get("/admin/rules", dated_rule_index, who=ADMINS, name="market:dated_rule_index"),
    post("/admin/rules", dated_rule_create, who=ADMINS, name="market:dated_rule_create"),
    post("/admin/rules/{id:int}/removal", dated_rule_remove, who=ADMINS, name="market:dated_rule_remove"),
]
