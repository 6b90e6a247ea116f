"""A seller says who it is before the law, adds pictures of papers, or lets VNeID confirm it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts.services import ConsentText, Purpose, choose, evidence_of, may, text_on
from kit.clock import Clock
from kit.dates import show_day, vietnam_date
from kit.errors import Refusal
from kit.forms import Form
from kit.i18n import Sentence
from kit.media import Media
from kit.parts import Parts
from kit.roles import Role
from kit.sealed import SealKeys, seal_keys
from kit.settings import Settings
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import address_of, caller_of, parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, uploads_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from vendors.asking import selling_as
from vendors.identity_forms import identity_form, note
from vendors.identity_gate import IdentityGate
from vendors.identity_states import MAY_WRITE
from vendors.services.identity.confirming import Told, ask_provider, submit_identity
from vendors.services.identity.desk import IdentityNote, IdentityView, identity_note, identity_view
from vendors.services.identity.papers import PAPERS_MAX, drop_papers, keep_papers, shown_paper
from vendors.services.photos import PHOTO_BYTES_MAX

VENDORS = roles(Role.VENDOR)
PAPER_LIMITS = FormLimits(
    files_max=PAPERS_MAX, body_max_bytes=PAPERS_MAX * PHOTO_BYTES_MAX + MEBIBYTE, is_scanned=True
)


@dataclass
class IdentityPage:
    """What was said, what is asked, and how far it is; `gate` is "", "vneid" or "twin"."""

    form: Form
    fields: frozenset[str]
    identity: IdentityView
    note: IdentityNote | None
    may_write: bool
    gate: str
    consent: ConsentText
    agreed: bool
    refused: Sentence | None
    told: str


async def identity_show(request: Request) -> Response:
    """The page."""
    return await _page(request, None)


async def identity_create(request: Request) -> Response:
    """Hands the identity in; nothing is kept while anything is wrong."""
    parts, vendor_id = parts_of(request), selling_as(request)
    before = await identity_view(vendor_id)
    form = identity_form(before.kind).read(typed_of(request))
    today = vietnam_date(parts[Clock].now())
    said = form.told(today, has_number=bool(before.number_masked))
    if said is not None:
        try:
            await _hand_in(request, parts, vendor_id, said)
            return _back(request, "sent")
        except Refusal as refusal:
            note(form, refusal)
    return await _page(request, form, status=422)


async def provider_create(request: Request) -> Response:
    """Lets VNeID confirm what was handed in."""
    parts = parts_of(request)
    if not parts.has(IdentityGate):
        return _back(request, "")
    try:
        await _agree(request, parts)
        await ask_provider(
            selling_as(request),
            parts[IdentityGate],
            person_id=person_id_of(request),
            keys=keys_of(request),
            now=parts[Clock].now(),
        )
    except Refusal as refusal:
        return await _page(request, None, refused=refusal.sentence, status=refusal.status)
    return _back(request, "verified")


async def paper_show(request: Request) -> Response:
    """One of the seller's own papers, with a watermark."""
    return await paper_answer(request, selling_as(request))


async def paper_answer(request: Request, vendor_id: int) -> Response:
    """A paper as a picture that nobody keeps, the viewer's name drawn over it."""
    caller, parts = caller_of(request), parts_of(request)
    picture = await shown_paper(
        int(request.path_params["paper_id"]),
        vendor_id,
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


async def _hand_in(request: Request, parts: Parts, vendor_id: int, said: Told) -> None:
    papers = await keep_papers(await uploads_of(request, "papers"), parts[Media], keys_of(request))
    try:
        await submit_identity(
            vendor_id,
            said,
            papers,
            person_id=person_id_of(request),
            keys=keys_of(request),
            now=parts[Clock].now(),
        )
    except BaseException:
        await drop_papers(papers, parts[Media])
        raise


async def _agree(request: Request, parts: Parts) -> None:
    """Notes the seller's yes to the words that stood beside the box, if the box was ticked."""
    version = str(typed_of(request).get("version", ""))
    if not typed_of(request).get("agree") or not version.isdecimal():
        return
    await choose(
        person_id_of(request),
        Purpose.IDENTITY_CHECK,
        version=int(version[:6]),
        is_given=True,
        evidence=evidence_of(
            page=request.url.path,
            address=address_of(request),
            session_id=caller_of(request).session_id,
            secret=parts[Settings].secret_key,
        ),
        now=parts[Clock].now(),
    )


async def _page(
    request: Request, form: Form | None, *, refused: Sentence | None = None, status: int = 200
) -> Response:
    parts, vendor_id = parts_of(request), selling_as(request)
    identity = await identity_view(vendor_id)
    asked = identity_form(identity.kind)
    page = IdentityPage(
        form or asked.filled(**_standing(identity)),
        frozenset(asked.schema()["properties"]),  # type: ignore[call-overload]
        identity,
        await identity_note((vendor_id,)),
        identity.state in MAY_WRITE,
        _gate(parts),
        text_on(Purpose.IDENTITY_CHECK, vietnam_date(parts[Clock].now())),
        await may(person_id_of(request), Purpose.IDENTITY_CHECK, now=parts[Clock].now()),
        refused,
        request.query_params.get("told", ""),
    )
    answer = render(request, "vendors/identity_show.html", page, status=status)
    answer.headers["cache-control"] = "no-store"
    return answer


def _standing(identity: IdentityView) -> dict[str, object]:
    return {
        "full_name": identity.full_name,
        "birth_date": show_day(identity.birth_date) if identity.birth_date else "",
        "personal_number": "",
        "registered_name": identity.registered_name or identity.seller,
        "tax_code": identity.tax_code,
        "registration_no": identity.registration_no,
        "address": identity.address,
    }


def _gate(parts: Parts) -> str:
    if not parts.has(IdentityGate):
        return ""
    return "twin" if parts[IdentityGate].is_twin else "vneid"


def _back(request: Request, told: str) -> Response:
    place = str(request.app.url_path_for("vendors:identity_show"))
    return RedirectResponse(f"{place}?told={told}" if told else place, 303)


ROUTES = [
    get("/sell/identity", identity_show, who=VENDORS, name="vendors:identity_show"),
    post("/sell/identity", identity_create, who=VENDORS, name="vendors:identity_create", limits=PAPER_LIMITS),
    post("/sell/identity/vneid", provider_create, who=VENDORS, name="vendors:identity_provider_create"),
    get("/sell/identity/papers/{paper_id:int}", paper_show, who=VENDORS, name="vendors:own_paper_show"),
]
