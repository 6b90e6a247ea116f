"""«Báo hàng này»: anybody says on the public page what is wrong with goods."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.i18n import Sentence
from kit.web.asked import typed_of
from kit.web.callers import caller_of, device_of, parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post
from vendors.models import ListingState, ReportSource
from vendors.moderation_forms import ReportForm
from vendors.report_limits import refuse_too_many
from vendors.review_rules import CLOCKS, REASONS
from vendors.routes.public import is_of_age
from vendors.services import listing_view
from vendors.services.moderation.acts import Complaint, report_listing
from vendors.services.moderation.verdicts import term
from vendors.services.pages import ListingView


@dataclass
class ReportPage:
    """The form of a report; `sent` when it has come in."""

    form: ReportForm | None
    goods: ListingView
    reasons: list[tuple[str, Sentence]]
    sent: bool
    hours: int


async def report_new(request: Request) -> Response:
    """The form."""
    return await _page(request, None)


async def report_create(request: Request) -> Response:
    """Writes the report down, within limits for an address and for a device and goods."""
    form = ReportForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, form, status=422)
    code, parts = str(request.path_params["code"]), parts_of(request)
    await refuse_too_many(request, code)
    said = Complaint(form.reason, form.words, form.phone or "", person_id=caller_of(request).person_id)
    await report_listing(code, said, now=parts[Clock].now())
    return RedirectResponse(f"{request.url.path}?sent=1", 303)


async def _hours(request: Request) -> int:
    """How long the market may take to look at a shopper's report."""
    due = await term(CLOCKS[ReportSource.SHOPPER], parts_of(request)[Clock].now())
    return int(due.total_seconds() // 3600)


async def _page(request: Request, form: ReportForm | None, *, status: int = 200) -> Response:
    goods = await listing_view(
        str(request.path_params["code"]), today=vietnam_date(parts_of(request)[Clock].now())
    )
    if goods.state != ListingState.ON_SALE or (goods.is_adult_only and not is_of_age(request)):
        return RedirectResponse(goods.url, 303)
    device_of(request)
    reasons = [(str(reason), why.shopper_words) for reason, why in REASONS.items()]
    page = ReportPage(form, goods, reasons, "sent" in request.query_params, await _hours(request))
    return render(request, "vendors/report_new.html", page, status=status)


ROUTES = [
    get("/goods/{code}/report", report_new, who=ANYONE, name="vendors:report_new"),
    post("/goods/{code}/report", report_create, who=ANYONE, name="vendors:report_create"),
]
