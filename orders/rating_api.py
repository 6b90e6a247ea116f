"""The JSON API of a buyer's ratings: what may be rated, rating a line with photos, speaking against a take-down."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import text
from kit.i18n import say, translated
from kit.media import Media
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.callers import caller_of, parts_of
from kit.web.render import language_of
from kit.web.routing import ANYONE
from orders.models import Order
from orders.services import own_order
from orders.services.rating import RatableLine, appeal_line, ratable_line, ratable_lines, rate_line
from vendors.rating_forms import RatingAppealForm, RatingForm
from vendors.rating_rules import PHOTOS_MOST
from vendors.services import kept_photos, ready_photo
from vendors.services.ratings.writing import RatingContent


class ProgramRatingForm(RatingForm):
    """A rating as a program sends it; `photos` are up to three that were sent before, with commas between them."""

    photos: str = text(max_length=200, required=False)

    def check(self) -> None:
        """More photos than are shown are a mistake."""
        super().check()
        if len(photos_in(self)) > PHOTOS_MOST:
            self.wrong("photos", say("Nhiều nhất {n} ảnh.", n=PHOTOS_MOST))


@dataclass(frozen=True)
class RatingPhotoJson:
    """A photo that was kept: `photo` names it in a rating."""

    photo: str
    small_url: str


@dataclass(frozen=True)
class RatableJson:
    """A delivered line: whether it can still be rated, else what its buyer said; `why` it was taken down.

    `is_held`: it waits for a look before anybody else reads it.
    """

    line: int
    name: str
    can_be_rated: bool
    until: datetime
    rating: int | None
    stars: int | None
    words: str
    answer: str
    why: str
    is_held: bool


async def ratable_read(request: Request) -> list[RatableJson]:
    """What of an order may be rated."""
    order = await _own(request)
    return [_json(request, one) for one in await ratable_lines(order, now=_now(request))]


async def rating_photo_create(request: Request) -> RatingPhotoJson:
    """Keeps a photo, sent as the raw body, for a rating that follows."""
    await _own(request)
    content = await request.body()
    if not content:
        raise Refusal(say("Cần gửi ảnh trong thân của yêu cầu."), field="photos")
    ready = await ready_photo(content, parts_of(request)[Media])
    return RatingPhotoJson(ready.token, ready.small_url)


async def rating_create(request: Request) -> RatableJson:
    """Rates a line."""
    order, form, line_id = (
        await _own(request),
        cast(ProgramRatingForm, json_form(request)),
        int(request.path_params["line"]),
    )
    photos = await kept_photos(photos_in(form), parts_of(request)[Media])
    said = RatingContent(form.stars, form.words, photos)
    await rate_line(order, line_id, said, caller_of(request), now=_now(request))
    return _json(request, await ratable_line(order, line_id, now=_now(request)))


async def rating_appeal(request: Request) -> RatableJson:
    """Says something against the rating's take-down."""
    order, form = await _own(request), cast(RatingAppealForm, json_form(request))
    line_id, now = int(request.path_params["line"]), _now(request)
    await appeal_line(order, line_id, form.words, now=now)
    return _json(request, await ratable_line(order, line_id, now=now))


def photos_in(form: ProgramRatingForm) -> list[str]:
    """The photos that a form names."""
    return [one.strip() for one in form.photos.split(",") if one.strip()]


def _json(request: Request, one: RatableLine) -> RatableJson:
    rating = one.rating
    return RatableJson(
        line=one.line.id,
        name=one.line.name,
        can_be_rated=one.can_be_rated,
        until=one.until,
        rating=rating.id if rating else None,
        stars=rating.stars if rating else None,
        words=rating.words if rating else "",
        answer=rating.answer if rating else "",
        why=translated(rating.why, language_of(request)) if rating and rating.why else "",
        is_held=rating is not None and rating.is_held,
    )


async def _own(request: Request) -> Order:
    return await own_order(request.path_params["code"], caller_of(request))


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


RATING_API: list[JsonRoute] = [
    api_get(
        "/orders/{code}/ratings",
        ratable_read,
        who=ANYONE,
        name="orders:api_ratable",
        summary="The lines of a delivered order, which may be rated and how they were; for its buyer.",
        answer=RatableJson,
        many=True,
    ),
    api_post(
        "/orders/{code}/rating-photos",
        rating_photo_create,
        who=ANYONE,
        name="orders:api_rating_photo_create",
        summary="Keeps a photo (JPEG, PNG, WebP, AVIF, HEIC as the body) for a rating; re-encoded without metadata.",
        form=None,
        answer=RatingPhotoJson,
        status=200,
        once=False,
        file=True,
    ),
    api_post(
        "/orders/{code}/ratings/{line:int}",
        rating_create,
        who=ANYONE,
        name="orders:api_rating_create",
        summary="Rates a delivered line, once; for the buyer, within the days of the rule.",
        form=ProgramRatingForm,
        answer=RatableJson,
    ),
    api_post(
        "/orders/{code}/ratings/{line:int}/appeal",
        rating_appeal,
        who=ANYONE,
        name="orders:api_rating_appeal",
        summary="The author's word against a take-down, once.",
        form=RatingAppealForm,
        answer=RatableJson,
        once=False,
        status=200,
    ),
]
