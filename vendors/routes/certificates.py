"""OCOP certificates: the public check, a seller's own, and the administrator's list."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.codes import tidy_code
from kit.dates import vietnam_date
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence, say
from kit.media import Media
from kit.pictures import SHRUNK_TYPE
from kit.roles import Role
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, uploads_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post, roles
from vendors.certificate_forms import BecauseForm, CertificateForm, SubmitForm, filled
from vendors.models import Listing
from vendors.ocop import LEVELS, STARS
from vendors.services.cards import Leaf
from vendors.services.certificates.confirming import (
    STATE_NAMES,
    CertificateCheck,
    CertificateRow,
    certificate_check,
    certificate_document,
    certificate_index,
    certificate_row,
    certificates_of,
    confirm_certificate,
    end_certificate,
    enter_certificate,
    listing_to_certify,
    listings_to_certify,
    ready_document,
    return_certificate,
    submit_certificate,
)
from vendors.services.listings import own_listing
from vendors.services.photos import PHOTO_BYTES_MAX

VENDORS, ADMINS = roles(Role.VENDOR), roles(Role.ADMIN)
PAPER_READERS = roles(Role.VENDOR, Role.ADMIN)
PAPER_LIMITS = FormLimits(files_max=1, body_max_bytes=PHOTO_BYTES_MAX + MEBIBYTE, is_scanned=True)
STATE_TONES = {"submitted": "waiting", "confirmed": "good", "returned": "bad", "ended": "quiet"}


@dataclass
class CheckPage:
    """The public check; `found` is None where a code is still to be typed, or is no certificate's."""

    typed: str
    found: CertificateCheck | None
    levels: dict[str, Sentence]


@dataclass
class ListPage:
    """Certificates in a list: a seller's, or all in a state."""

    leaf: Leaf[CertificateRow]
    state: str
    names: dict[str, Sentence]
    tones: dict[str, str]
    told: str


@dataclass
class FormPage:
    """The form of a certificate; `row` when it stands already, `because` for sending back or ending it."""

    form: SubmitForm
    row: CertificateRow | None
    goods: list[tuple[str, str]]
    levels: dict[str, Sentence]
    stars: tuple[int, ...]
    because: BecauseForm | None = None
    act: str = ""


async def check_new(request: Request) -> Response:
    """The page on which anybody types a certificate's code."""
    typed = request.query_params.get("code", "")
    if typed:
        return RedirectResponse(f"/ocop/{tidy_code(typed)[:20] or '-'}", 303)
    return render(request, "vendors/certificate_check.html", CheckPage("", None, LEVELS))


async def check_show(request: Request) -> Response:
    """Whether a certificate is valid, or since when it is not."""
    code = str(request.path_params["code"])
    try:
        found = await certificate_check(code, today=_today(request))
    except NotFound:
        return render(request, "vendors/certificate_check.html", CheckPage(code, None, LEVELS), status=404)
    return render(request, "vendors/certificate_check.html", CheckPage(found.code, found, LEVELS))


async def own_index(request: Request) -> Response:
    """A seller's certificates."""
    vendor_ids = caller_of(request).scope_ids(Role.VENDOR)
    leaf = await certificates_of(vendor_ids, page_number(request), today=_today(request))
    return render(request, "vendors/own_certificates.html", _list(request, leaf, ""))


async def own_new(request: Request) -> Response:
    """The empty form."""
    return await _own_form(request, SubmitForm.filled(listing=request.query_params.get("goods", "")))


async def own_create(request: Request) -> Response:
    """Sends a certificate in with the photo of its paper."""
    form = SubmitForm.read(typed_of(request))
    form.settle(_today(request))
    papers = await uploads_of(request, "document")
    if not papers:
        form.wrong("document", say("Cần ảnh chụp giấy chứng nhận hoặc quyết định."))
    if form.ok:
        try:
            listing = await _own_goods(request, form.listing)
            key = await ready_document(papers[0], parts_of(request)[Media])
            await submit_certificate(listing, form.content(), key, person_id=person_id_of(request))
            return RedirectResponse("/sell/certificates?told=submitted", 303)
        except Refusal as refusal:
            form.wrong(refusal.field or "decision_no", refusal.sentence)
    return await _own_form(request, form)


async def document_show(request: Request) -> Response:
    """The photo of a paper, for its seller and administrators alone."""
    caller = caller_of(request)
    content = await certificate_document(
        str(request.path_params["code"]),
        parts_of(request)[Media],
        vendor_ids=caller.scope_ids(Role.VENDOR),
        person_id=person_id_of(request),
        is_admin=Role.ADMIN in caller.roles,
    )
    return Response(content, media_type=SHRUNK_TYPE, headers={"cache-control": "private, no-store"})


async def index(request: Request) -> Response:
    """All certificates, those that wait first."""
    state = request.query_params.get("state", "submitted")
    leaf = await certificate_index(state, page_number(request), today=_today(request))
    return render(request, "vendors/certificate_index.html", _list(request, leaf, state))


async def new(request: Request) -> Response:
    """The empty form of an administrator."""
    return _form_page(request, CertificateForm.filled(listing=request.query_params.get("goods", "")), None)


async def create(request: Request) -> Response:
    """Enters a certificate that counts at once."""
    form = CertificateForm.read(typed_of(request))
    form.settle(_today(request))
    listing = await listing_to_certify(form.listing) if form.ok else None
    if form.ok and listing is None:
        form.wrong("listing", say("Không có món hàng nào mang mã này."))
    if form.ok and listing is not None:
        try:
            await enter_certificate(listing.id, form.content(), by=person_id_of(request))
            return RedirectResponse(
                "/admin/certificates?" + urlencode({"state": "confirmed", "told": "kept"}), 303
            )
        except Refusal as refusal:
            form.wrong(refusal.field or "decision_no", refusal.sentence)
    return _form_page(request, form, None)


async def edit(request: Request) -> Response:
    """The form of a certificate that stands or waits, beside the photo of its paper."""
    row = await _row(request)
    return _form_page(request, filled(row.certificate), row)


async def update(request: Request) -> Response:
    """Keeps what was read on the paper; the certificate counts from now on."""
    row = await _row(request)
    form = CertificateForm.read({**typed_of(request), "listing": row.certificate.listing.code})
    form.settle(_today(request))
    if not form.ok:
        return _form_page(request, form, row)
    await confirm_certificate(row.certificate.code, form.content(), by=person_id_of(request))
    return RedirectResponse("/admin/certificates?" + urlencode({"state": "confirmed", "told": "kept"}), 303)


async def return_create(request: Request) -> Response:
    """Back to the seller, with the reason."""
    row, because = await _row(request), BecauseForm.read(typed_of(request))
    if not because.ok:
        return _form_page(request, filled(row.certificate), row, because, "return")
    await return_certificate(row.certificate.code, because.because, by=person_id_of(request))
    return RedirectResponse("/admin/certificates?told=returned", 303)


async def ending_create(request: Request) -> Response:
    """Takes the stars away today, with the reason."""
    row, because = await _row(request), BecauseForm.read(typed_of(request))
    if not because.ok:
        return _form_page(request, filled(row.certificate), row, because, "end")
    await end_certificate(
        row.certificate.code, because.because, by=person_id_of(request), today=_today(request)
    )
    return RedirectResponse("/admin/certificates?" + urlencode({"state": "ended", "told": "ended"}), 303)


async def _own_form(request: Request, form: SubmitForm) -> Response:
    goods = await listings_to_certify(caller_of(request).scope_ids(Role.VENDOR))
    page = FormPage(form, None, goods, LEVELS, STARS)
    return render(request, "vendors/own_certificate_form.html", page, status=200 if form.ok else 422)


async def _own_goods(request: Request, code: str) -> Listing:
    try:
        return await own_listing(code, caller_of(request).scope_ids(Role.VENDOR))
    except NotFound:
        raise Refusal(say("Hãy chọn món hàng được chứng nhận."), field="listing") from None


def _form_page(
    request: Request,
    form: CertificateForm,
    row: CertificateRow | None,
    because: BecauseForm | None = None,
    act: str = "",
) -> Response:
    page = FormPage(form, row, [], LEVELS, STARS, because, act)
    status = 200 if form.ok and because is None else 422
    return render(request, "vendors/certificate_form.html", page, status=status)


def _list(request: Request, leaf: Leaf[CertificateRow], state: str) -> ListPage:
    return ListPage(leaf, state, STATE_NAMES, STATE_TONES, request.query_params.get("told", ""))


async def _row(request: Request) -> CertificateRow:
    return await certificate_row(str(request.path_params["code"]), today=_today(request))


def _today(request: Request) -> date:
    return vietnam_date(parts_of(request)[Clock].now())


ROUTES = [
    get("/ocop", check_new, who=ANYONE, name="vendors:certificate_check_new"),
    get("/ocop/{code}", check_show, who=ANYONE, name="vendors:certificate_check"),
    get("/sell/certificates", own_index, who=VENDORS, name="vendors:own_certificate_index"),
    get("/sell/certificates/new", own_new, who=VENDORS, name="vendors:own_certificate_new"),
    post(
        "/sell/certificates",
        own_create,
        who=VENDORS,
        name="vendors:own_certificate_create",
        limits=PAPER_LIMITS,
    ),
    get("/certificates/{code}/paper", document_show, who=PAPER_READERS, name="vendors:certificate_paper"),
    get("/admin/certificates", index, who=ADMINS, name="vendors:certificate_index"),
    get("/admin/certificates/new", new, who=ADMINS, name="vendors:certificate_new"),
    post("/admin/certificates", create, who=ADMINS, name="vendors:certificate_create"),
    get("/admin/certificates/{code}", edit, who=ADMINS, name="vendors:certificate_edit"),
    post("/admin/certificates/{code}", update, who=ADMINS, name="vendors:certificate_update"),
    post("/admin/certificates/{code}/return", return_create, who=ADMINS, name="vendors:certificate_return"),
    post("/admin/certificates/{code}/ending", ending_create, who=ADMINS, name="vendors:certificate_ending"),
]
