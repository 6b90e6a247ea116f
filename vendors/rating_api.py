"""The JSON API of ratings: reading them, reporting one, a seller's answer, an administrator's decisions."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.i18n import translated
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import language_of
from kit.web.routing import ANYONE, roles
from vendors.rating_forms import (
    RatingAnswerForm,
    RatingDecisionForm,
    RatingKeepForm,
    RatingReportForm,
    RatingTakeDownForm,
)
from vendors.report_limits import refuse_too_many
from vendors.services.ratings.moderated import (
    RatingComplaint,
    decide_rating_appeal,
    keep_rating,
    publish_rating,
    report_rating,
    take_rating_down,
)
from vendors.services.ratings.shown import (
    RatedGoods,
    RatingView,
    own_ratings,
    rating_view,
    ratings_of_goods,
    ratings_of_seller,
)
from vendors.services.ratings.writing import answer_rating

VENDORS, ADMINS = roles(Role.VENDOR), roles(Role.ADMIN)


@dataclass(frozen=True)
class RatingJson:
    """A rating; of one that was taken down `why` says so, and words, photos and answer are empty."""

    id: int
    name: str
    stars: int
    words: str
    photos: list[str]
    at: datetime
    answer: str
    answered_at: datetime | None
    taken_down_at: datetime | None
    why: str
    goods: str
    goods_url: str


@dataclass(frozen=True)
class RatingsJson:
    """A page of ratings, newest first; `rated` buyers gave `rated_tenths` tenths of a star on average."""

    rated: int
    rated_tenths: int
    items: list[RatingJson]
    has_more: bool


@dataclass(frozen=True)
class RatingReportedJson:
    """The number under which a report was written down."""

    id: int


async def goods_ratings_read(request: Request) -> RatingsJson:
    """All ratings of goods on sale."""
    about = await ratings_of_goods(str(request.path_params["code"]), page_number(request))
    return _page_json(request, about)


async def seller_ratings_read(request: Request) -> RatingsJson:
    """All ratings of a seller's goods."""
    is_adult = request.query_params.get("adult") == "yes"
    about = await ratings_of_seller(str(request.path_params["slug"]), page_number(request), is_adult=is_adult)
    return _page_json(request, about)


async def own_ratings_read(request: Request) -> list[RatingJson]:
    """What buyers say of one's goods."""
    leaf = await own_ratings(caller_of(request).scope_ids(Role.VENDOR), page_number(request))
    return [rating_json(request, one) for one in leaf.items]


async def rating_report(request: Request) -> RatingReportedJson:
    """Says what is wrong with a rating."""
    form, rating_id = cast(RatingReportForm, json_form(request)), int(request.path_params["id"])
    await refuse_too_many(request, f"rating-{rating_id}")
    caller = caller_of(request)
    said = RatingComplaint(form.fault, form.words, caller.person_id, caller.scope_ids(Role.VENDOR))
    return RatingReportedJson(await report_rating(rating_id, said, now=_now(request)))


async def rating_answer(request: Request) -> RatingJson:
    """The seller answers."""
    form, rating_id = cast(RatingAnswerForm, json_form(request)), int(request.path_params["id"])
    vendor_ids, person_id = caller_of(request).scope_ids(Role.VENDOR), person_id_of(request)
    await answer_rating(rating_id, form.answer, vendor_ids=vendor_ids, person_id=person_id, now=_now(request))
    return rating_json(request, await rating_view(rating_id))


async def rating_take_down(request: Request) -> RatingJson:
    """Takes a rating down."""
    form, rating_id = cast(RatingTakeDownForm, json_form(request)), int(request.path_params["id"])
    await take_rating_down(rating_id, form.fault, form.words, by=person_id_of(request), now=_now(request))
    return rating_json(request, await rating_view(rating_id))


async def rating_publish(request: Request) -> RatingJson:
    """What was held is in order."""
    rating_id = int(request.path_params["id"])
    await publish_rating(rating_id, by=person_id_of(request), now=_now(request))
    return rating_json(request, await rating_view(rating_id))


async def rating_keep(request: Request) -> RatingJson:
    """Answers the reports: it stays."""
    form, rating_id = cast(RatingKeepForm, json_form(request)), int(request.path_params["id"])
    await keep_rating(rating_id, form.answer, by=person_id_of(request), now=_now(request))
    return rating_json(request, await rating_view(rating_id))


async def rating_decide(request: Request) -> RatingJson:
    """Decides the author's appeal."""
    form, rating_id = cast(RatingDecisionForm, json_form(request)), int(request.path_params["id"])
    await decide_rating_appeal(
        rating_id, is_granted=form.is_granted, answer=form.answer, by=person_id_of(request), now=_now(request)
    )
    return rating_json(request, await rating_view(rating_id))


def rating_json(request: Request, one: RatingView) -> RatingJson:
    """A rating as the API says it."""
    return RatingJson(
        id=one.id,
        name=one.name,
        stars=one.stars,
        words=one.words,
        photos=[photo.large_url for photo in one.photos],
        at=one.at,
        answer=one.answer,
        answered_at=one.answered_at,
        taken_down_at=one.taken_down_at,
        why=translated(one.why, language_of(request)) if one.why else "",
        goods=one.goods,
        goods_url=one.goods_url,
    )


def _page_json(request: Request, about: RatedGoods) -> RatingsJson:
    items = [rating_json(request, one) for one in about.leaf.items]
    return RatingsJson(about.rated.count, about.rated.tenths, items, about.leaf.has_more)


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


_PAGE = {"page": "which page, from 1"}
_DESK = "/admin/ratings/{id:int}"
RATING_API: list[JsonRoute] = [
    api_get(
        "/goods/{code}/ratings",
        goods_ratings_read,
        who=ANYONE,
        name="vendors:api_goods_ratings",
        summary="What buyers who got these goods say of them, newest first, in full.",
        answer=RatingsJson,
        query=_PAGE,
    ),
    api_get(
        "/vendors/{slug}/ratings",
        seller_ratings_read,
        who=ANYONE,
        name="vendors:api_seller_ratings",
        summary="What buyers say of a seller's goods, newest first, in full.",
        answer=RatingsJson,
        query={**_PAGE, "adult": "yes: the visitor said to be 18 or older, alcohol too"},
    ),
    api_get(
        "/sell/ratings",
        own_ratings_read,
        who=VENDORS,
        name="vendors:api_own_ratings",
        summary="What buyers say of one's own goods, newest first.",
        answer=RatingJson,
        many=True,
        query=_PAGE,
    ),
    api_post(
        "/ratings/{id:int}/reports",
        rating_report,
        who=ANYONE,
        name="vendors:api_rating_report",
        summary="Says what is wrong with a rating; an administrator looks at it within its clock.",
        form=RatingReportForm,
        answer=RatingReportedJson,
    ),
    api_post(
        "/sell/ratings/{id:int}/answer",
        rating_answer,
        who=VENDORS,
        name="vendors:api_rating_answer",
        summary="The seller answers a rating of their goods, once.",
        form=RatingAnswerForm,
        answer=RatingJson,
        once=False,
        status=200,
    ),
    api_post(
        _DESK + "/take-down",
        rating_take_down,
        who=ADMINS,
        name="vendors:api_rating_take_down",
        summary="Takes a rating down with a reason that its author reads.",
        form=RatingTakeDownForm,
        answer=RatingJson,
        once=False,
        status=200,
    ),
    api_post(
        _DESK + "/publication",
        rating_publish,
        who=ADMINS,
        name="vendors:api_rating_publish",
        summary="A rating held because of a phone number or a link is in order: it is shown from now on.",
        form=None,
        answer=RatingJson,
        once=False,
        status=200,
    ),
    api_post(
        _DESK + "/keeping",
        rating_keep,
        who=ADMINS,
        name="vendors:api_rating_keep",
        summary="Answers all open reports of a rating: it stays.",
        form=RatingKeepForm,
        answer=RatingJson,
        once=False,
        status=200,
    ),
    api_post(
        _DESK + "/decision",
        rating_decide,
        who=ADMINS,
        name="vendors:api_rating_decide",
        summary="Decides the author's appeal; nobody their own take-down.",
        form=RatingDecisionForm,
        answer=RatingJson,
        once=False,
        status=200,
    ),
]
