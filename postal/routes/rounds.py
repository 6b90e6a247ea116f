"""A carrier's round: the page that the phone keeps, its stops, what is told from the doors, and the proofs."""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kit.clock import Clock
from kit.codes import token
from kit.dates import moment_in, show_day, vietnam_date
from kit.errors import Refusal
from kit.i18n import say, translated
from kit.media import Media
from kit.money import show_dong
from kit.sealed import SealKeys, seal_keys
from kit.settings import Settings
from kit.uploads import uploaded, use_uploads
from kit.web.answers import problem, wants_json
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of, uploads_of
from kit.web.offline import kept_offline, page_owner
from kit.web.render import language_of, render
from postal.models import ProofKind
from postal.round_forms import DoorForm, OrderForm
from postal.services import scanned_code
from postal.services.collecting import cash_due
from postal.services.door import (
    DOUBT_WORDS,
    PHONE_ACTS,
    TAKER_WORDS,
    Doubt,
    Heard,
    Told,
    hear,
    heard_before,
)
from postal.services.proofs import KeptProof, drop_proofs, keep_proof, shown_proof
from postal.services.rounds import Stop, put_in_order, round_of
from postal.services.sight import seen_by
from postal.shown import Row, map_link, row_of, shown_party
from postal.staff_carrier import Act, act_words, reason_words, reasons_for
from postal.viewing import viewer_of

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class RoundPage:
    """The frame of the round: no stop is in it, the phone fills it from its own store."""

    fail_reasons: Choices
    fail_pickup_reasons: Choices
    takers: Choices


@dataclass(frozen=True)
class DoorPage:
    """An act at the door as an ordinary form, for a browser without script."""

    form: DoorForm
    row: Row
    act: Act
    words: str
    reasons: Choices
    takers: Choices
    sent_id: str
    cash_dong: int
    is_adult_only: bool = False


async def round_show(request: Request) -> Response:
    """GET /post/round: kept by the phone, so nobody's name is in it."""
    page = RoundPage(_reasons(request, Act.FAIL), _reasons(request, Act.FAIL_PICKUP), _takers(request))
    return kept_offline(render(request, "postal/round_show.html", page))


async def stop_index(request: Request) -> Response:
    """GET /post/round/stops: the stops of today in order, for the phone's own store."""
    now = parts_of(request)[Clock].now()
    found = await round_of(person_id_of(request), now=now)
    told = {
        "of": page_owner(request),
        "now": now.isoformat(),
        "day": show_day(vietnam_date(now)),
        "done": {str(act): count for act, count in found.done.items()},
        "stops": [_stop(one) for one in found.stops],
    }
    return JSONResponse(told, headers={"cache-control": "no-store"})


async def order_create(request: Request) -> Response:
    """POST /post/round/order: the stops as the carrier put them."""
    form = OrderForm.read(typed_of(request))
    if not form.ok:
        return problem(request, 422, next(iter(form.errors.values())), form.errors)
    await put_in_order(person_id_of(request), form.codes.split())
    return _done(request, {"url": request.app.url_path_for("postal:round_show")})


async def door_new(request: Request) -> Response:
    """GET /post/parcels/{code}/door?act=deliver."""
    asked = request.query_params.get("act", "")
    act = Act(asked) if asked in PHONE_ACTS else Act.DELIVER
    return await _door_page(request, DoorForm(), request.path_params["code"], act)


async def door_create(request: Request) -> Response:
    """POST /post/round/acts: once by `sent_id`, whenever and however often it comes."""
    form = DoorForm.read(typed_of(request))
    if not form.ok:
        return await _refused(request, form, Refusal(next(iter(form.errors.values())), status=422))
    try:
        heard = await _heard(request, form)
    except Refusal as no:
        form.wrong(no.field or "act", no.sentence)
        return await _refused(request, form, no)
    shown = str(request.app.url_path_for("postal:work_show", code=heard.parcel.code))
    told = {"url": f"{shown}?done={form.act}", "state": str(heard.parcel.state)}
    if heard.doubt:
        told = {"url": shown, "doubt": translated(DOUBT_WORDS[Doubt(heard.doubt)], language_of(request))}
    return _done(request, told)


async def proof_show(request: Request) -> Response:
    """GET /post/parcels/{code}/proofs/{id}: with the viewer's name over it; nobody keeps it."""
    seen = await seen_by(request.path_params["code"], viewer_of(request), whole=True)
    found, caller, parts = seen.parcel, caller_of(request), parts_of(request)
    picture = await shown_proof(
        int(request.path_params["id"]),
        found.id,
        viewer_id=person_id_of(request),
        viewer=caller.name or caller.phone,
        media=parts[Media],
        keys=keys_of(request),
        now=parts[Clock].now(),
    )
    return Response(picture, media_type="image/webp", headers={"cache-control": "no-store"})


def keys_of(request: Request) -> SealKeys:
    """The installation's keys of personal data."""
    return seal_keys(parts_of(request)[Settings])


async def _heard(request: Request, form: DoorForm) -> Heard:
    """The act with its pictures, which are kept before and dropped again when the act is not new."""
    parts, person_id = parts_of(request), person_id_of(request)
    now, key, act = parts[Clock].now(), f"door:{form.sent_id}", Act(form.act)
    code = scanned_code(form.code)
    before = await heard_before(code, key, act)
    if before is not None:
        return before
    proofs = await _proofs(request)
    told = Told(
        act,
        moment_in(form.made_at) or now,
        form.reason or "",
        form.note,
        form.received_by or "",
        form.next_day,
        form.delivery_code,
        tuple(proofs),
        form.collected,
        form.age_checked,
    )
    heard = None
    try:
        heard = await hear(
            code, told, person_id=person_id, event_key=key, secret=parts[Settings].secret_key, now=now
        )
    finally:
        if heard is None or not heard.is_new:
            await drop_proofs(proofs, parts[Media])
    await use_uploads(person_id, _upload_ids(request), now=now)
    return heard


async def _proofs(request: Request) -> list[KeptProof]:
    parts, kept = parts_of(request), list[KeptProof]()
    for kind in ProofKind:
        raws = await uploads_of(request, kind)
        raws += await uploaded(person_id_of(request), _upload_ids(request, kind))
        for raw in raws[:2]:
            kept.append(await keep_proof(raw, kind, parts[Media], keys_of(request)))
    return kept


def _upload_ids(request: Request, *kinds: ProofKind) -> list[str]:
    ids = [one for kind in kinds or ProofKind for one in form_of(request).getlist(f"{kind}_upload")]
    return list(dict.fromkeys(str(one)[:40] for one in ids))


def _done(request: Request, told: dict[str, str]) -> Response:
    if wants_json(request):
        return JSONResponse(told, headers={"cache-control": "no-store"})
    return RedirectResponse(told["url"], 303)


async def _refused(request: Request, form: DoorForm, no: Refusal) -> Response:
    if wants_json(request):
        return problem(request, no.status, no.sentence, form.errors)
    code, act = form.typed.get("code", ""), form.typed.get("act", "")
    wanted = Act(act) if act in PHONE_ACTS else Act.DELIVER
    return await _door_page(request, form, code, wanted, status=no.status)


async def _door_page(request: Request, form: DoorForm, code: str, act: Act, *, status: int = 200) -> Response:
    seen = await seen_by(code, viewer_of(request))
    found = seen.parcel
    sent_id = "" if "sent_id" in form.errors else form.typed.get("sent_id", "")
    page = DoorPage(
        form=form,
        row=row_of(found, whole_phones=seen.is_whole),
        act=act,
        words=act_words(act),
        reasons=_reasons(request, act, is_adult_only=found.is_adult_only),
        takers=_takers(request),
        is_adult_only=found.is_adult_only,
        sent_id=sent_id or token()[:32].replace("_", "-"),
        cash_dong=cash_due(found) if act is Act.DELIVER else 0,
    )
    return render(request, "postal/door_new.html", page, status=status)


def _reasons(request: Request, act: Act, *, is_adult_only: bool = True) -> Choices:
    language, reasons = language_of(request), reasons_for(act, is_adult_only=is_adult_only)
    return [(str(one), translated(say(reason_words(one)), language)) for one in reasons]


def _takers(request: Request) -> Choices:
    return [(str(one), translated(words, language_of(request))) for one, words in TAKER_WORDS.items()]


def _stop(one: Stop) -> dict[str, object]:
    who = shown_party(one.party, True)
    row, delivers = row_of(one.parcel), one.kind == "deliver"
    digital = one.parcel.digital_address if delivers else ""
    cash_dong = one.cash_dong
    at = f"{one.latitude:.5f},{one.longitude:.5f}" if one.latitude and one.longitude else "0,0"
    asked = quote(", ".join(filter(None, (one.market, who.line, who.place))))
    return {
        "code": one.parcel.code,
        "kind": str(one.kind),
        "name": who.name,
        "phone": who.phone,
        "dial": who.dial,
        "line": ", ".join(filter(None, (who.line, digital))),
        "place": who.place,
        "market": one.market if one.kind != "deliver" else "",
        "contents": one.parcel.contents,
        "weight": row.weight,
        "attempts": one.parcel.attempts,
        "adult": one.parcel.is_adult_only,
        "cash": show_dong(cash_dong) if cash_dong else "",
        "cash_dong": cash_dong,
        "map": (delivers and map_link(one.parcel)) or f"geo:{at}?q={asked}",
        "latitude": one.latitude,
        "longitude": one.longitude,
    }
