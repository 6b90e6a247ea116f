"""Scanning: typed or by a hand scanner, by the phone's camera, or from a photo; one scan is one act."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kit.clock import Clock
from kit.codes import token
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence, say, translated
from kit.money import show_weight
from kit.settings import Settings
from kit.web.answers import problem, wants_json
from kit.web.asked import person_id_of, refuse_guessing
from kit.web.callers import parts_of
from kit.web.formdata import form_of, uploads_of
from kit.web.render import language_of, render
from postal.forms import ScanForm
from postal.routes.parcels import work_page
from postal.services import AlreadyDone, ParcelView, act, code_in_photo, parcel, scanned_code
from postal.services.scales import weight_differs
from postal.services.sight import label_of, refuse_unseen
from postal.shown import Row, asks, row_of
from postal.staff_carrier import ACTS, Act, act_words, step
from postal.viewing import viewer_of

ONLY_LOOK = "look"
COOKIE = "scan_act"
LOOKS_AN_HOUR = 600
_COOKIE_SECONDS = 12 * 3600
SCAN_ACTS = (
    Act.ACCEPT,
    Act.HAND_OVER,
    Act.ARRIVE,
    Act.TAKE_OUT,
    Act.DELIVER,
    Act.SEND_BACK,
    Act.GIVE_BACK,
)


@dataclass(frozen=True)
class Outcome:
    """What the last scan came to: `sound` is right, wrong or already; `differs` tells of a weight not as declared."""

    sound: str
    tone: str
    sentence: Sentence
    row: Row | None
    differs: Sentence | None = None


@dataclass(frozen=True)
class ScanPage:
    """The scan page; `chosen` is the act of every scan, "look" for none, `words` its msgid."""

    form: ScanForm
    key: str
    chosen: str
    words: str
    choices: list[tuple[str, str]]
    outcome: Outcome | None


async def scan_new(request: Request) -> Response:
    """GET /post/scan."""
    chosen = _chosen(request)
    answer = _page(request, ScanForm(), chosen, await _outcome(request, chosen))
    if "act" in request.query_params:
        answer.set_cookie(
            COOKIE,
            chosen,
            max_age=_COOKIE_SECONDS,
            path="/post",
            httponly=True,
            samesite="lax",
            secure=parts_of(request)[Settings].is_production,
        )
    return answer


async def scan_create(request: Request) -> Response:
    """POST /post/scan: the act is written down, or without one the parcel's page is opened."""
    form = ScanForm.read({key: value for key, value in form_of(request).items() if isinstance(value, str)})
    chosen = str(form.act or ONLY_LOOK)
    if not form.ok:
        return _wrong(request, form, chosen, next(iter(form.errors.values())), 422)
    try:
        code = await _scanned(request, form)
        found = await parcel(code)
        if form.act is None:
            return await _looked(request, code)
        if form.act is Act.DELIVER:
            step(form.act, found.state)
            door = request.app.url_path_for("postal:door_new", code=code)
            return RedirectResponse(f"{door}?act={form.act}", 303)
        if asks(form.act):
            ask = request.app.url_path_for("postal:act_new", code=code)
            return RedirectResponse(f"{ask}?act={form.act}", 303)
        return await _acted(request, form, code)
    except Refusal as no:
        field = no.field if no.field in ("code", "photo") else "code"
        form.wrong(field, no.sentence)
        return _wrong(request, form, chosen, no.sentence, 422 if isinstance(no, NotFound) else no.status)


async def _looked(request: Request, code: str) -> Response:
    """A scan without an act: the parcel's page, or what its label shows of one that is somebody else's."""
    await refuse_guessing(request, "scan", times=LOOKS_AN_HOUR)
    viewer = viewer_of(request)
    try:
        await refuse_unseen(code, viewer)
    except NotFound:
        return await work_page(request, await label_of(code, viewer))
    return RedirectResponse(request.app.url_path_for("postal:work_show", code=code), 303)


async def _scanned(request: Request, form: ScanForm) -> str:
    photos = await uploads_of(request, "photo")
    if photos:
        return await code_in_photo(photos[0])
    if form_of(request).get("by") == "photo":
        raise Refusal(say("Chụp hoặc chọn một ảnh có mã trên nhãn."), field="photo")
    return scanned_code(form.code)


async def _acted(request: Request, form: ScanForm, code: str) -> Response:
    assert form.act is not None
    result = "done"
    try:
        await act(
            code,
            form.act,
            person_id=person_id_of(request),
            event_key=form.event_key,
            now=parts_of(request)[Clock].now(),
            weighed_g=form.weighed_g,
        )
    except AlreadyDone:
        result = "already"
    if wants_json(request):
        return _told(request, _outcome_of(await parcel(code), form.act, result))
    query = urlencode({"act": form.act, "last": code, "result": result})
    return RedirectResponse(f"{request.app.url_path_for('postal:scan_new')}?{query}", 303)


def _chosen(request: Request) -> str:
    asked = request.query_params.get("act") or request.cookies.get(COOKIE, "")
    return asked if asked in SCAN_ACTS else ONLY_LOOK


async def _outcome(request: Request, chosen: str) -> Outcome | None:
    """The banner of the scan before, told only when the parcel truly stands where the act leads."""
    code = request.query_params.get("last", "")
    if not code or chosen == ONLY_LOOK:
        return None
    try:
        found = await parcel(code)
    except NotFound:
        return None
    act_done = Act(chosen)
    if found.state is not ACTS[act_done].leads_to:
        return None
    return _outcome_of(found, act_done, request.query_params.get("result", ""))


def _outcome_of(found: ParcelView, act_done: Act, result: str) -> Outcome:
    words = say(act_words(act_done))
    if result == "already":
        sentence = say("Bưu gửi này đã được ghi «{act}» rồi.", act=words)
        return Outcome("already", "waiting", sentence, row_of(found))
    differs = None
    if act_done is Act.ACCEPT and found.weighed_g and weight_differs(found):
        said = {"weighed": show_weight(found.weighed_g), "weight": show_weight(found.weight_g)}
        differs = say("Cân được {weighed}, người bán khai {weight}.", **said)
    return Outcome("right", "good", say("Đã ghi «{act}».", act=words), row_of(found), differs)


def _told(request: Request, outcome: Outcome) -> Response:
    """A scan's outcome for the page's own script."""
    language, row = language_of(request), outcome.row
    assert row is not None
    said = [outcome.sentence, *([outcome.differs] if outcome.differs else [])]
    told = {
        "sound": outcome.sound,
        "words": " ".join(translated(one, language) for one in said),
        "differs": outcome.differs is not None,
        "code": row.code,
        "contents": f"{row.contents} · {row.weight} → {row.recipient.place}",
        "url": str(request.app.url_path_for("postal:work_show", code=row.code)),
    }
    return JSONResponse(told, headers={"cache-control": "no-store"})


def _wrong(request: Request, form: ScanForm, chosen: str, sentence: Sentence, status: int) -> Response:
    if wants_json(request):
        return problem(request, status, sentence)
    return _page(request, form, chosen, Outcome("wrong", "bad", sentence, None), status=status)


def _page(
    request: Request, form: ScanForm, chosen: str, outcome: Outcome | None, *, status: int = 200
) -> Response:
    choices = [(ONLY_LOOK, "Chỉ xem"), *((str(one), act_words(one)) for one in SCAN_ACTS)]
    words = dict(choices).get(chosen, "Chỉ xem")
    page = ScanPage(form, token(), chosen, words, choices, outcome)
    return render(request, "postal/scan_new.html", page, status=status)
