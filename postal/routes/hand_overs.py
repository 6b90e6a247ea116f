"""Pages of hand-over lists: open, scan from both sides, close, receive, print."""

from dataclasses import dataclass

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kit.clock import Clock
from kit.dates import show_moment
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence, say, translated
from kit.money import show_dong, show_weight
from kit.web.answers import problem, wants_json
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.render import language_of, render
from postal.hand_over_forms import HandOverForm, LineForm, ReceiptForm
from postal.manifest_pdf import ManifestRow, ManifestWords, manifest_pdf
from postal.routes.labels import pdf_answer
from postal.services import AlreadyDone, scanned_code
from postal.services.hand_overs import (
    KIND_WORDS,
    ListLine,
    ListView,
    close_list,
    list_view,
    lists_of_late,
    open_list,
    receive_list,
    scan_into,
    take_off,
)
from postal.shown import pages_beside


@dataclass(frozen=True)
class HandOverIndex:
    """The lists, newest first, and the form for a new one."""

    form: HandOverForm
    kinds: list[tuple[str, str]]
    lists: list[ListView]
    newer: str
    older: str


@dataclass(frozen=True)
class HandOverPage:
    """One list; `is_mine` for the giver, `may_scan` for whose turn it is."""

    view: ListView
    form: Form
    may_scan: bool
    is_mine: bool
    wrong: Sentence | None
    said: Sentence | None


async def hand_over_index(request: Request) -> Response:
    """GET /post/hand-overs."""
    return await _index(request, HandOverForm())


async def hand_over_create(request: Request) -> Response:
    """POST /post/hand-overs."""
    form = HandOverForm.read(typed_of(request))
    if not form.ok:
        return await _index(request, form, status=422)
    now = parts_of(request)[Clock].now()
    number = await open_list(form.kind, place=form.place, person_id=person_id_of(request), now=now)
    return _to(request, number)


async def hand_over_show(request: Request) -> Response:
    """GET /post/hand-overs/{id}."""
    return await _page(request, Form())


async def line_create(request: Request) -> Response:
    """POST /post/hand-overs/{id}/lines: a scan of whose turn it is; the page's script is told in JSON."""
    form, number = LineForm.read(typed_of(request)), _number(request)
    if not form.ok:
        return await _wrong(request, form, next(iter(form.errors.values())), 422)
    try:
        code = scanned_code(form.code)
        line = await scan_into(
            number,
            code,
            person_id=person_id_of(request),
            now=parts_of(request)[Clock].now(),
            is_damaged=form.damaged,
        )
    except AlreadyDone as done:
        if wants_json(request):
            return JSONResponse(
                {"sound": "already", "code": form.code, "words": _said(request, done.sentence)}
            )
        return await _wrong(request, form, done.sentence, done.status)
    except Refusal as no:
        return await _wrong(request, form, no.sentence, no.status)
    return _told(request, line) if wants_json(request) else _to(request, number)


async def line_remove(request: Request) -> Response:
    """POST /post/hand-overs/{id}/removals."""
    form = LineForm.read(typed_of(request))
    await take_off(_number(request), form.code or "", person_id=person_id_of(request))
    return _to(request, _number(request))


async def hand_over_close(request: Request) -> Response:
    """POST /post/hand-overs/{id}/closing."""
    now = parts_of(request)[Clock].now()
    try:
        await close_list(_number(request), person_id=person_id_of(request), now=now)
    except Refusal as no:
        return await _wrong(request, Form(), no.sentence, no.status)
    return _to(request, _number(request))


async def hand_over_receive(request: Request) -> Response:
    """POST /post/hand-overs/{id}/receipt."""
    form = ReceiptForm.read(typed_of(request))
    if not form.ok:
        return await _page(request, form, status=422)
    try:
        now = parts_of(request)[Clock].now()
        await receive_list(_number(request), person_id=person_id_of(request), note=form.note, now=now)
    except Refusal as no:
        if no.field:
            form.wrong(no.field, no.sentence)
            return await _page(request, form, status=no.status)
        return await _wrong(request, form, no.sentence, no.status)
    return _to(request, _number(request))


async def manifest_show(request: Request) -> Response:
    """GET /post/hand-overs/{id}/manifest.pdf."""
    view, now = await list_view(_number(request)), parts_of(request)[Clock].now()
    content = await to_thread.run_sync(lambda: manifest_pdf(_manifest(view), made_at=now))
    return pdf_answer(content, f"ban-giao-{view.id}")


def _manifest(view: ListView) -> ManifestWords:
    """The paper is in Vietnamese: both sides sign it."""
    moments = [f"Mở {show_moment(view.opened_at)}"]
    moments += [f"chốt {show_moment(view.closed_at)}"] if view.closed_at else []
    moments += [f"nhận {show_moment(view.received_at)}"] if view.received_at else []
    sums = (
        f"{translated(view.words, 'vi')}{': ' + view.place if view.place else ''}",
        " · ".join(moments),
        f"Giao {view.given} bưu gửi · nhận {view.taken if view.received_at else '—'} · "
        f"lệch {len(view.differences) if view.received_at else '—'}",
        f"Thu hộ: {show_dong(view.cod_dong) if view.cod_dong else 'không thu'}",
    )
    rows = [_manifest_row(line, is_over=view.received_at is not None) for line in view.lines]
    title = "Biên bản bàn giao"
    return ManifestWords(title, f"Số {view.id}", sums, view.giver, view.taker, view.note, rows)


def _manifest_row(line: ListLine, *, is_over: bool) -> ManifestRow:
    one = line.parcel
    found = translated(line.found, "vi") if line.found and is_over else ""
    place = ", ".join(filter(None, (one.recipient.commune, one.recipient.province)))
    weight = show_weight(one.weighed_g or one.weight_g)
    return ManifestRow(one.code, one.recipient.name, place, weight, found, is_over and line.differs)


async def _index(request: Request, form: HandOverForm, *, status: int = 200) -> Response:
    lists, has_more = await lists_of_late(page=page_number(request))
    kinds = [(str(kind), _said(request, words)) for kind, words in KIND_WORDS.items()]
    newer, older = pages_beside(request, page_number(request), has_more)
    page = HandOverIndex(form, kinds, lists, newer, older)
    return render(request, "postal/hand_over_index.html", page, status=status)


async def _page(
    request: Request, form: Form, *, wrong: Sentence | None = None, status: int = 200
) -> Response:
    view, person_id = await list_view(_number(request)), person_id_of(request)
    is_mine = view.giver_id == person_id
    may_scan = {"open": is_mine, "closed": not is_mine}.get(str(view.state), False)
    said = say("Hai bên quét khớp nhau.") if view.received_at and not view.differences else None
    page = HandOverPage(view, form, may_scan, is_mine, wrong, said)
    return render(request, "postal/hand_over_show.html", page, status=status)


async def _wrong(request: Request, form: Form, sentence: Sentence, status: int) -> Response:
    if wants_json(request):
        return problem(request, status, sentence)
    return await _page(request, form, wrong=sentence, status=status)


def _told(request: Request, line: ListLine) -> Response:
    one = line.parcel
    words = say("Bên giao không quét gói này.") if not line.is_given else say("Đã ghi vào biên bản.")
    told = {
        "sound": "right",
        "differs": line.is_damaged or not line.is_given,
        "code": one.code,
        "words": _said(request, words),
        "contents": f"{one.contents} → {one.recipient.commune}",
        "url": str(request.app.url_path_for("postal:work_show", code=one.code)),
    }
    return JSONResponse(told, headers={"cache-control": "no-store"})


def _said(request: Request, sentence: Sentence) -> str:
    return translated(sentence, language_of(request))


def _number(request: Request) -> int:
    return int(request.path_params["id"])


def _to(request: Request, number: int) -> Response:
    return RedirectResponse(request.app.url_path_for("postal:hand_over_show", id=number), 303)
