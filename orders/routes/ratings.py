"""The buyer rates what was delivered, line by line, and may speak against a take-down."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.media import Media
from kit.web.asked import typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, form_of, uploads_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post
from orders.models import Order
from orders.services import own_order
from orders.services.rating import RatableLine, appeal_line, ratable_line, rate_line
from vendors.rating_forms import RatingAppealForm, RatingForm
from vendors.rating_rules import PHOTOS_MOST, STAR_WORDS
from vendors.services import ReadyPhoto, kept_photos, ready_photos
from vendors.services.photos import PHOTO_BYTES_MAX
from vendors.services.ratings.moderated import OwnTakeDown, own_take_down
from vendors.services.ratings.writing import RatingContent

PHOTO_LIMITS = FormLimits(files_max=PHOTOS_MOST + 2, body_max_bytes=PHOTOS_MOST * PHOTO_BYTES_MAX + MEBIBYTE)


@dataclass
class RatePage:
    """A line to rate, or its rating; `kept` are photos of an earlier try, `take_down` the newest one."""

    order: Order
    one: RatableLine
    form: Form | None
    kept: list[ReadyPhoto]
    stars: list[tuple[str, Sentence]]
    take_down: OwnTakeDown | None
    appeal_form: Form | None


async def line_rating_show(request: Request) -> Response:
    """The form, or what was written."""
    return await _page(request, await _own(request))


async def line_rating_create(request: Request) -> Response:
    """Writes the rating down."""
    order, form, caller = await _own(request), RatingForm.read(typed_of(request)), caller_of(request)
    photos = await _photos(request, form)
    if not form.ok:
        return await _page(request, order, form, photos, status=422)
    said, now = RatingContent(form.stars, form.words, photos), parts_of(request)[Clock].now()
    await rate_line(order, _line(request), said, caller, now=now)
    return RedirectResponse(f"/orders/{order.code}/ratings/{_line(request)}", 303)


async def line_rating_appeal(request: Request) -> Response:
    """The author says something against the take-down."""
    order, form = await _own(request), RatingAppealForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, order, appeal_form=form, status=422)
    await appeal_line(order, _line(request), form.words, now=parts_of(request)[Clock].now())
    return RedirectResponse(f"/orders/{order.code}/ratings/{_line(request)}", 303)


async def _photos(request: Request, form: RatingForm) -> list[ReadyPhoto]:
    """Those of an earlier try and new ones, made small before any transaction; what is wrong is noted at `photos`."""
    media, raws = parts_of(request)[Media], await uploads_of(request, "photos")
    kept = await kept_photos([str(one) for one in form_of(request).getlist("kept_photo")], media)
    if len(kept) + len(raws) > PHOTOS_MOST:
        form.wrong("photos", say("Nhiều nhất {n} ảnh.", n=PHOTOS_MOST))
        return kept[:PHOTOS_MOST]
    try:
        return kept + await ready_photos(raws, media)
    except Refusal as refusal:
        form.wrong("photos", refusal.sentence)
        return kept


async def _own(request: Request) -> Order:
    return await own_order(request.path_params["code"], caller_of(request))


def _line(request: Request) -> int:
    return int(request.path_params["line"])


async def _page(
    request: Request,
    order: Order,
    form: Form | None = None,
    kept: list[ReadyPhoto] | None = None,
    *,
    appeal_form: Form | None = None,
    status: int = 200,
) -> Response:
    one = await ratable_line(order, _line(request), now=parts_of(request)[Clock].now())
    page = RatePage(
        order=order,
        one=one,
        form=form,
        kept=kept or [],
        stars=[(str(n), words) for n, words in STAR_WORDS.items()],
        take_down=await own_take_down(one.line.id) if one.rating else None,
        appeal_form=appeal_form,
    )
    return render(request, "orders/rating_show.html", page, status=status)


_ONE = "/orders/{code}/ratings/{line:int}"
ROUTES = [
    get(_ONE, line_rating_show, who=ANYONE, name="orders:line_rating_show"),
    post(_ONE, line_rating_create, who=ANYONE, name="orders:line_rating_create", limits=PHOTO_LIMITS),
    post(_ONE + "/appeal", line_rating_appeal, who=ANYONE, name="orders:line_rating_appeal"),
]
