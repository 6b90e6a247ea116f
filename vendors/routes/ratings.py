"""Ratings for everybody to read, reports about them, and what a seller answers."""

from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.i18n import Sentence
from kit.roles import Role
from kit.web.answers import done_or_told
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, device_of, parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post, roles
from vendors.rating_forms import RatingAnswerForm, RatingReportForm
from vendors.rating_rules import FAULTS, REPORT_CLOCK
from vendors.report_limits import refuse_too_many
from vendors.routes.public import is_of_age
from vendors.services.cards import Leaf
from vendors.services.moderation.verdicts import term
from vendors.services.ratings.moderated import RatingComplaint, report_rating
from vendors.services.ratings.shown import (
    RatedGoods,
    RatingView,
    own_ratings,
    rating_view,
    ratings_of_goods,
    ratings_of_seller,
)
from vendors.services.ratings.writing import answer_rating

VENDORS = roles(Role.VENDOR)


@dataclass
class RatingsPage:
    """All that was said of goods or a seller; `names_goods` where a row has to name its goods."""

    about: RatedGoods
    names_goods: bool


@dataclass
class OwnRatingsPage:
    """What buyers say of one's goods; a refused answer stands at its row (`form`, `form_id`)."""

    leaf: Leaf[RatingView]
    form: RatingAnswerForm | None
    form_id: int
    refused: Sentence | None


@dataclass
class RatingReportPage:
    """The form of a report; `sent` when it has come in."""

    rating: RatingView
    form: RatingReportForm | None
    faults: list[tuple[str, Sentence]]
    sent: bool
    hours: int


async def goods_ratings(request: Request) -> Response:
    """All ratings of goods; of those for grown-ups after the question of age."""
    about = await ratings_of_goods(str(request.path_params["code"]), page_number(request))
    if about.is_adult_only and not is_of_age(request):
        return RedirectResponse(about.url, 303)
    return render(request, "vendors/rating_list.html", RatingsPage(about, False))


async def seller_ratings(request: Request) -> Response:
    """All ratings of a seller's goods."""
    slug = str(request.path_params["slug"])
    about = await ratings_of_seller(slug, page_number(request), is_adult=is_of_age(request))
    return render(request, "vendors/rating_list.html", RatingsPage(about, True))


async def rating_report_new(request: Request) -> Response:
    """The form of a report."""
    return await _report_page(request, None)


async def rating_report_create(request: Request) -> Response:
    """Writes a report down, within the limits of reports about goods."""
    form, rating_id = RatingReportForm.read(typed_of(request)), int(request.path_params["id"])
    if not form.ok:
        return await _report_page(request, form, status=422)
    await refuse_too_many(request, f"rating-{rating_id}")
    caller = caller_of(request)
    said = RatingComplaint(form.fault, form.words, caller.person_id, caller.scope_ids(Role.VENDOR))
    await report_rating(rating_id, said, now=parts_of(request)[Clock].now())
    return RedirectResponse(f"{request.url.path}?sent=1", 303)


async def own_rating_index(request: Request) -> Response:
    """What buyers say of one's goods."""
    return await _own_page(request)


async def rating_answer(request: Request) -> Response:
    """The seller answers, once."""
    form, rating_id = RatingAnswerForm.read(typed_of(request)), int(request.path_params["id"])
    if not form.ok:
        return await _own_page(request, form, rating_id, status=422)
    vendor_ids, now = caller_of(request).scope_ids(Role.VENDOR), parts_of(request)[Clock].now()
    answered = answer_rating(
        rating_id, form.answer, vendor_ids=vendor_ids, person_id=person_id_of(request), now=now
    )
    return await done_or_told(answered, f"/sell/ratings#rating-{rating_id}", partial(_own_page, request))


async def _own_page(
    request: Request,
    form: RatingAnswerForm | None = None,
    form_id: int = 0,
    *,
    refused: Sentence | None = None,
    status: int = 200,
) -> Response:
    leaf = await own_ratings(caller_of(request).scope_ids(Role.VENDOR), page_number(request))
    page = OwnRatingsPage(leaf, form, form_id, refused)
    return render(request, "vendors/own_ratings.html", page, status=status)


async def _report_page(request: Request, form: RatingReportForm | None, *, status: int = 200) -> Response:
    rating = await rating_view(int(request.path_params["id"]))
    if rating.taken_down_at is not None:
        return RedirectResponse(rating.goods_url, 303)
    device_of(request)
    faults = [(str(fault), why.shopper_words) for fault, why in FAULTS.items()]
    due = await term(REPORT_CLOCK, parts_of(request)[Clock].now())
    hours = int(due.total_seconds() // 3600)
    page = RatingReportPage(rating, form, faults, "sent" in request.query_params, hours)
    return render(request, "vendors/rating_report.html", page, status=status)


_REPORT = "/ratings/{id:int}/report"
ROUTES = [
    get("/goods/{code}/ratings", goods_ratings, who=ANYONE, name="vendors:goods_ratings"),
    get("/sellers/{slug}/ratings", seller_ratings, who=ANYONE, name="vendors:seller_ratings"),
    get(_REPORT, rating_report_new, who=ANYONE, name="vendors:rating_report_new"),
    post(_REPORT, rating_report_create, who=ANYONE, name="vendors:rating_report_create"),
    get("/sell/ratings", own_rating_index, who=VENDORS, name="vendors:own_rating_index"),
    post("/sell/ratings/{id:int}/answer", rating_answer, who=VENDORS, name="vendors:rating_answer"),
]
