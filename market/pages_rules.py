"""The page of dated rules, for administrators."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.forms import Form
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.render import render
from market.forms import RuleForm
from market.rule_desk import RuleGroup, remove_rule, rule_groups, set_rule


@dataclass
class RulesPage:
    """Every rule with its values, and the form of a new one."""

    form: Form | None
    groups: list[RuleGroup]
    told: str


async def dated_rule_index(request: Request) -> Response:
    """GET /admin/rules."""
    return await _page(request)


async def dated_rule_create(request: Request) -> Response:
    """POST /admin/rules: a value from a day on."""
    form = RuleForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, form, status=422)
    today = vietnam_date(parts_of(request)[Clock].now())
    try:
        await set_rule(
            form.name,
            form.valid_from,
            form.value,
            form.source,
            because=form.because,
            by=person_id_of(request),
            today=today,
        )
    except Refusal as refusal:
        form.wrong(refusal.field or "", refusal.sentence)
        return await _page(request, form, status=refusal.status)
    return RedirectResponse("/admin/rules?told=set", 303)


async def dated_rule_remove(request: Request) -> Response:
    """POST /admin/rules/{id}/removal: one whose day has not come."""
    today = vietnam_date(parts_of(request)[Clock].now())
    await remove_rule(int(request.path_params["id"]), by=person_id_of(request), today=today)
    return RedirectResponse("/admin/rules?told=removed", 303)


async def _page(request: Request, form: Form | None = None, *, status: int = 200) -> Response:
    today = vietnam_date(parts_of(request)[Clock].now())
    page = RulesPage(form, await rule_groups(today=today), request.query_params.get("told", ""))
    return render(request, "market/dated_rules.html", page, status=status)
