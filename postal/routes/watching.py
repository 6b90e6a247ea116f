"""The supervisor's page: trouble, acts in doubt, where parcels are, how carriers do; and the evening's counts."""

from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts.services import names_of
from kit.cash import NOTES_DONG, notes_in
from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import Refusal
from kit.i18n import Sentence, say, translated
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.render import language_of, render
from postal.gates.names import TITLES, title_of
from postal.hand_over_forms import DebriefForm
from postal.plots import Dot, Share, commune_map, day_columns, share_bars
from postal.point_forms import ReopenForm, SettleForm
from postal.services.debriefs import (
    CarrierDay,
    Count,
    agree_to_day,
    close_day,
    day_of_carrier,
    days_of_carriers,
)
from postal.services.door import DoubtLine, doubts, settle_doubt
from postal.services.doubts_undone import decided_doubts, reopen_doubt
from postal.services.watching import (
    CarrierFigures,
    CommuneCount,
    Trouble,
    TroubleList,
    by_carrier,
    by_commune,
    troubles,
)
from postal.staff_carrier import act_words

_TITLES = {
    Trouble.LATE: say("Giao trễ hẹn"),
    Trouble.STUCK: say("Đứng yên quá 48 giờ"),
    Trouble.LOST: say("Thất lạc, hư hỏng"),
}


@dataclass(frozen=True)
class DoubtRow:
    """An act in doubt and who did it; `act` is a msgid."""

    line: DoubtLine
    act: str
    person: str


@dataclass(frozen=True)
class CarrierPlot:
    """One carrier's figures with its columns of days."""

    name: str
    figures: CarrierFigures
    days: Markup


@dataclass(frozen=True)
class WatchPage:
    """All a supervisor sees; plots are drawn, and told in tables beside them."""

    troubles: list[tuple[Sentence, TroubleList]]
    doubts: list[DoubtRow]
    decided: list[DoubtRow]
    communes: list[CommuneCount]
    map: Markup
    carriers: list[CarrierPlot]
    titles: dict[str, str]
    shares: Markup
    wrong: Sentence | None


@dataclass(frozen=True)
class DebriefIndex:
    """The carriers' days."""

    day: date
    days: list[CarrierDay]


@dataclass(frozen=True)
class DebriefPage:
    """One carrier's day to be counted, or as it was counted."""

    seen: CarrierDay
    form: DebriefForm
    notes: tuple[int, ...]
    counted: dict[int, int]


async def watch_show(request: Request) -> Response:
    """GET /post/watch."""
    return await _watch(request)


async def doubt_settle(request: Request) -> Response:
    """POST /post/doubts/{id}."""
    form = SettleForm.read(typed_of(request))
    if not form.ok:
        return await _watch(request, wrong=next(iter(form.errors.values())), status=422)
    try:
        await settle_doubt(
            int(request.path_params["id"]),
            counts=form.counts,
            words=form.words,
            person_id=person_id_of(request),
            now=_now(request),
        )
    except Refusal as no:
        if no.status == 404:
            raise
        return await _watch(request, wrong=no.sentence, status=no.status)
    return RedirectResponse(request.app.url_path_for("postal:watch_show"), 303)


async def doubt_reopen(request: Request) -> Response:
    """POST /post/doubts/{id}/reopening."""
    form = ReopenForm.read(typed_of(request))
    if not form.ok:
        return await _watch(request, wrong=next(iter(form.errors.values())), status=422)
    try:
        doubt_id, by = int(request.path_params["id"]), person_id_of(request)
        await reopen_doubt(doubt_id, form.words, person_id=by, now=_now(request))
    except Refusal as no:
        if no.status == 404:
            raise
        return await _watch(request, wrong=no.sentence, status=no.status)
    return RedirectResponse(request.app.url_path_for("postal:watch_show"), 303)


async def debrief_index(request: Request) -> Response:
    """GET /post/debriefs."""
    day = vietnam_date(_now(request))
    return render(request, "postal/debrief_index.html", DebriefIndex(day, await days_of_carriers(day)))


async def debrief_show(request: Request) -> Response:
    """GET /post/debriefs/{person_id}."""
    day = vietnam_date(_now(request))
    seen = await day_of_carrier(int(request.path_params["person_id"]), day)
    return _debrief(request, seen, DebriefForm(), {})


async def debrief_create(request: Request) -> Response:
    """POST /post/debriefs: the count, by notes or by their sum."""
    typed = typed_of(request)
    form, notes = DebriefForm.read(typed), notes_in(typed)
    seen = await day_of_carrier(_number(typed.get("person_id")), vietnam_date(_now(request)))
    if not form.ok:
        return _debrief(request, seen, form, notes, status=422)
    cash_dong = form.cash if form.cash is not None else sum(worth * count for worth, count in notes.items())
    count = Count(cash_dong, notes, form.note)
    try:
        await close_day(form.person_id, form.day, count, clerk_id=person_id_of(request), now=_now(request))
    except Refusal as no:
        form.wrong(no.field or "", no.sentence)
        return _debrief(request, seen, form, notes, status=no.status)
    shown = request.app.url_path_for("postal:debrief_show", person_id=form.person_id)
    return RedirectResponse(shown, 303)


async def debrief_agree(request: Request) -> Response:
    """POST /post/debriefs/agreement: the carrier's own yes."""
    form = DebriefForm.read({**typed_of(request), "person_id": person_id_of(request)})
    if not form.ok:
        raise Refusal(next(iter(form.errors.values())))
    await agree_to_day(person_id_of(request), form.day, now=_now(request))
    return RedirectResponse(request.app.url_path_for("postal:book_show"), 303)


async def _watch(request: Request, *, wrong: Sentence | None = None, status: int = 200) -> Response:
    now, language = _now(request), language_of(request)
    communes, figures = await by_commune(now=now), await by_carrier(now=now)
    dots = [
        Dot(one.code, one.name, one.under_way + one.delivered + one.troubled, one.troubled)
        for one in communes
    ]
    page = WatchPage(
        troubles=[(_TITLES[one.kind], one) for one in await troubles(now=now)],
        doubts=await _doubts(await doubts()),
        decided=await _doubts(await decided_doubts(now=_now(request))),
        communes=communes[:24],
        map=_drawn(commune_map(dots, translated(say("Bản đồ bưu gửi theo xã"), language))),
        carriers=[_carrier(one, language) for one in figures],
        titles=TITLES,
        shares=_drawn(_shares(figures, language)),
        wrong=wrong,
    )
    return render(request, "postal/watch_show.html", page, status=status)


async def _doubts(lines: list[DoubtLine]) -> list[DoubtRow]:
    names = await names_of({line.person_id for line in lines}) if lines else {}
    return [DoubtRow(line, act_words(line.act), names.get(line.person_id, "")) for line in lines]


def _carrier(one: CarrierFigures, language: str) -> CarrierPlot:
    title = translated(say("Số ngày giao"), language)
    return CarrierPlot(_name(one, language), one, _drawn(day_columns(one.days, title)))


def _shares(figures: list[CarrierFigures], language: str) -> str:
    words = {tone: translated(sentence, language) for tone, sentence in _PARTS.items()}
    shares = [
        Share(
            _name(one, language),
            tuple(
                (tone, count, words[tone])
                for tone, count in (
                    ("good", one.in_time),
                    ("late", one.delivered - one.in_time),
                    ("some", one.returned),
                    ("bad", one.lost),
                )
            ),
        )
        for one in figures
    ]
    return share_bars(shares, translated(say("Bưu gửi kết thúc thế nào"), language)) if shares else ""


_PARTS = {
    "good": say("Giao đúng hẹn"),
    "late": say("Giao trễ hẹn"),
    "some": say("Trả người bán"),
    "bad": say("Thất lạc, hư hỏng"),
}


def _name(one: CarrierFigures, language: str) -> str:
    return translated(title_of(one.carrier), language)


def _drawn(svg: str) -> Markup:
    """Our own drawing; the names in it were escaped when it was made."""
    return Markup(svg)  # noqa: S704


def _debrief(
    request: Request, seen: CarrierDay, form: DebriefForm, counted: dict[int, int], *, status: int = 200
) -> Response:
    page = DebriefPage(seen, form, NOTES_DONG, counted)
    return render(request, "postal/debrief_show.html", page, status=status)


def _number(typed: object) -> int:
    text = str(typed or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()
