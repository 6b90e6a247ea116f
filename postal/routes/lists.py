"""Pages of the day's work: to collect, to deliver, and the person's own book."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import show_day
from kit.errors import Refusal
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of
from kit.web.render import render
from postal.forms import AssignForm
from postal.label_pdf import LabelSize
from postal.services import acts_of_today, deliveries, pickups, told_phones
from postal.services.debriefs import Debrief, to_agree
from postal.services.rounds import assign, carriers
from postal.shown import Group, Row, by_seller, pages_beside, row_of
from postal.staff_carrier import Reason, act_words, reason_words
from postal.states import Flag, ParcelState
from postal.viewing import viewer_of

_S = ParcelState
_HEADINGS = {
    _S.OUT_FOR_DELIVERY: "Đang đi giao",
    _S.AT_DELIVERY_OFFICE: "Chờ giao",
    _S.FAILED_ATTEMPT: "Chờ giao",
    _S.PICKED_UP: "Chờ chuyển đi",
    _S.IN_TRANSIT: "Đang chuyển đi",
    _S.RETURNING: "Trả người bán",
}


@dataclass(frozen=True)
class PickupPage:
    """Parcels to collect by market or commune and seller. `failed` are those where a collection failed before,
    `holders` who is to collect what, `told` how many were just given to a carrier.
    """

    places: list[tuple[str, list[Group]]]
    all_count: int
    failed: frozenset[int]
    holders: dict[int, str]
    carriers: list[tuple[int, str]]
    sizes: list[tuple[str, str]]
    is_desk: bool
    told: int | None
    wrong: Sentence | None
    newer: str
    older: str


@dataclass(frozen=True)
class DeliveryPage:
    """Parcels in our hands by where they are."""

    groups: list[Group]
    all_count: int
    newer: str
    older: str


@dataclass(frozen=True)
class BookRow:
    """One act of the day; texts are msgids."""

    at: datetime
    code: str
    words: str
    because: str
    note: str
    place: str
    contents: str
    commune: str


@dataclass(frozen=True)
class BookPage:
    """A person's acts of one day, and how many of each; `to_agree` are counted days that want the carrier's yes."""

    day: str
    person: str
    rows: list[BookRow]
    counts: list[tuple[str, int]]
    total: int
    to_agree: list[Debrief]
    newer: str
    older: str


async def pickup_index(request: Request) -> Response:
    """GET /post."""
    return await _pickups(request)


async def assign_create(request: Request) -> Response:
    """POST /post/pickups/carrier: the chosen parcels are to be collected by a carrier."""
    sent = form_of(request)
    form = AssignForm.read(typed_of(request))
    if not form.ok:
        return await _pickups(request, wrong=say("Chọn một bưu tá."), status=422)
    codes = [str(code) for code in sent.getlist("codes")]
    try:
        given = await assign(codes, form.holder_id, person_id=person_id_of(request))
    except Refusal as no:
        return await _pickups(request, wrong=no.sentence, status=no.status)
    return RedirectResponse(f"{request.app.url_path_for('postal:pickup_index')}?given={given}", 303)


async def _pickups(request: Request, *, wrong: Sentence | None = None, status: int = 200) -> Response:
    found = await pickups(page=page_number(request), viewer=viewer_of(request))
    given = request.query_params.get("given", "")
    people = await carriers()
    newer, older = pages_beside(request, found.page, found.has_more)
    page = PickupPage(
        places=by_seller(found.parcels),
        all_count=found.all_count,
        failed=frozenset(one.id for one in found.parcels if Flag.PICKUP_FAILED in one.flags),
        holders=dict(people),
        carriers=people,
        sizes=[(size, size.upper() if len(size) == 2 else "100 × 150 mm") for size in LabelSize],
        is_desk=bool({Role.CLERK, Role.ADMIN} & caller_of(request).roles),
        told=int(given) if given.isascii() and given.isdecimal() and len(given) < 5 else None,
        wrong=wrong,
        newer=newer,
        older=older,
    )
    return render(request, "postal/pickup_index.html", page, status=status)


async def delivery_index(request: Request) -> Response:
    """GET /post/deliveries: phones are whole, and recorded as read, only for what is out for delivery."""
    found = await deliveries(page=page_number(request), viewer=viewer_of(request))
    out = [one.code for one in found.parcels if one.state is _S.OUT_FOR_DELIVERY]
    await told_phones(out, person_id=person_id_of(request))
    groups: dict[str, list[Row]] = {}
    for one in found.parcels:
        row = row_of(one, whole_phones=one.state is _S.OUT_FOR_DELIVERY)
        groups.setdefault(_HEADINGS[one.state], []).append(row)
    newer, older = pages_beside(request, found.page, found.has_more)
    titled = [Group(title, rows) for title, rows in groups.items()]
    return render(
        request,
        "postal/delivery_index.html",
        DeliveryPage(titled, found.all_count, newer, older),
    )


async def book_show(request: Request) -> Response:
    """GET /post/book."""
    caller = caller_of(request)
    book = await acts_of_today(
        person_id_of(request), now=parts_of(request)[Clock].now(), page=page_number(request)
    )
    rows = [
        BookRow(
            one.at,
            one.code,
            act_words(one.act),
            reason_words(Reason(one.reason)) if one.reason else "",
            one.note,
            one.place,
            one.contents,
            one.commune,
        )
        for one in book.lines
    ]
    counts = [(act_words(act), count) for act, count in book.counts.items()]
    newer, older = pages_beside(request, book.page, book.has_more)
    total = sum(book.counts.values())
    waiting = await to_agree(person_id_of(request))
    name = caller.name or caller.phone
    page = BookPage(show_day(book.day), name, rows, counts, total, waiting, newer, older)
    return render(request, "postal/book_show.html", page)
