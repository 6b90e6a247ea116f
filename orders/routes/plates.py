"""Plates: a trader's own (print, scan, photo), the public page behind the small code, and reports."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import NotFound, Refusal, TooMany
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.limits import Limits
from kit.media import Media
from kit.roles import Role
from kit.settings import Settings
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import address_of, caller_of, parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, form_of, uploads_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post, roles
from orders.forms import PlateForm, PlateReportForm
from orders.plate_pdf import PlateSize
from orders.services.plates import (
    VERDICT_TONES,
    VERDICT_WORDS,
    codes_in,
    plate_file,
    report,
    scan_plate,
)
from vendors.services import Card, Leaf, PlateScan, VendorCard, ready_photo
from vendors.services.markets.plates import (
    OwnPlate,
    Plate,
    keep_stall_photo,
    note_print,
    own_plate,
    own_plates,
    plate_by_code,
    scan_of,
    scans_of,
)
from vendors.services.pages import seller_page

PHOTO_LIMITS = FormLimits(files_max=1, body_max_bytes=13 * MEBIBYTE)
REPORTS_AN_HOUR = 10


@dataclass(frozen=True)
class ScanLine:
    """A self-scan in words."""

    scan: PlateScan
    words: Sentence
    tone: str


@dataclass
class PlatesPage:
    """One's own plates."""

    plates: list[OwnPlate]


@dataclass
class OwnPlatePage:
    """One plate: the last result large, what can be done, the log."""

    plate: Plate
    link: str
    form: Form
    result: ScanLine | None
    lines: list[ScanLine]
    told: str


@dataclass
class StallPage:
    """The public page of a stall: whose it is, whom its plate pays, what is on sale."""

    plate: Plate
    seller: VendorCard
    leaf: Leaf[Card]
    absolute_url: str
    told: str


@dataclass
class ReportPage:
    """The form for a plate that differs."""

    plate: Plate
    form: Form


async def plate_index(request: Request) -> Response:
    """One's own plates."""
    parts = parts_of(request)
    plates = await own_plates(_vendor_ids(request), now=parts[Clock].now(), secret=parts[Settings].secret_key)
    return render(request, "orders/plate_index.html", PlatesPage(plates))


async def plate_own_show(request: Request) -> Response:
    """One plate; `?scan=` shows that scan's result large."""
    plate = await _own(request)
    asked = request.query_params.get("scan", "")
    scan = await scan_of(plate, int(asked)) if asked.isdecimal() and len(asked) < 18 else None
    return await _own_page(request, plate, PlateForm(), scan)


async def plate_pdf_show(request: Request) -> Response:
    """The PDF, `?size=a5` or `a6`."""
    plate, parts = await _own(request), parts_of(request)
    asked = request.query_params.get("size", PlateSize.A5)
    if asked not in list(PlateSize):
        raise NotFound()
    size = PlateSize(asked)
    content = await plate_file(plate, size, site=parts[Settings].base_url, now=parts[Clock].now())
    await note_print(plate, size, person_id=person_id_of(request))
    name = f'inline; filename="qr-{size}-{plate.code}.pdf"'
    return Response(content, media_type="application/pdf", headers={"content-disposition": name})


async def plate_scan_create(request: Request) -> Response:
    """The self-scan: by camera or typed, or from a photo."""
    plate, parts = await _own(request), parts_of(request)
    form = PlateForm.read(typed_of(request))
    try:
        if not form.ok:
            return await _own_page(request, plate, form, None, status=422)
        scan = await scan_plate(
            plate,
            await _texts(request, form.code),
            site=parts[Settings].base_url,
            person_id=person_id_of(request),
            now=parts[Clock].now(),
        )
    except Refusal as refusal:
        form.wrong(refusal.field or "", refusal.sentence)
        return await _own_page(request, plate, form, None, status=422)
    return RedirectResponse(f"{_place(request, plate)}?scan={scan.id}", 303)


async def plate_photo_create(request: Request) -> Response:
    """Hangs a photo on the stall's page."""
    plate, form = await _own(request), Form()
    photos = await uploads_of(request, "stall_photo")
    try:
        if not photos:
            raise Refusal(say("Chụp hoặc chọn một ảnh của quầy."))
        ready = await ready_photo(photos[0], parts_of(request)[Media])
    except Refusal as refusal:
        form.wrong("stall_photo", refusal.sentence)
        return await _own_page(request, plate, form, None, status=422)
    await keep_stall_photo(plate, ready, person_id=person_id_of(request))
    return RedirectResponse(f"{_place(request, plate)}?told=photo", 303)


async def stall_show(request: Request) -> Response:
    """GET /s/{code}: the page behind the small code of a plate."""
    plate, parts = await _any(request), parts_of(request)
    today = vietnam_date(parts[Clock].now())
    seller, leaf = await seller_page(plate.vendor_slug, page_number(request), today=today, is_adult=False)
    told = request.query_params.get("told", "")
    page = StallPage(plate, seller, leaf, parts[Settings].base_url + plate.url, told)
    return render(request, "orders/stall_show.html", page)


async def plate_report_new(request: Request) -> Response:
    """The form for a plate that differs from the stall's page."""
    return render(request, "orders/plate_report_new.html", ReportPage(await _any(request), PlateReportForm()))


async def plate_report_create(request: Request) -> Response:
    """Keeps the report; anybody may, ten times an hour."""
    plate, parts = await _any(request), parts_of(request)
    form = PlateReportForm.read(typed_of(request))
    photos = await uploads_of(request, "photo")
    try:
        if form.ok and not form.note and not photos:
            form.wrong("note", say("Ghi bạn thấy gì ở quầy, hoặc chụp một ảnh của biển."))
        if form.ok:
            await _refuse_flood(request)
            photo = await ready_photo(photos[0], parts[Media]) if photos else None
            await report(
                plate,
                form.note,
                photo,
                await _codes_if_any(photos),
                site=parts[Settings].base_url,
                person_id=caller_of(request).person_id,
                now=parts[Clock].now(),
            )
            return RedirectResponse(f"{plate.url}?told=reported", 303)
    except Refusal as refusal:
        if isinstance(refusal, TooMany):
            raise
        form.wrong("photo", refusal.sentence)
    return render(request, "orders/plate_report_new.html", ReportPage(plate, form), status=422)


async def _refuse_flood(request: Request) -> None:
    key = f"plate-report:{address_of(request)}"
    if not await parts_of(request)[Limits].allows(key, times=REPORTS_AN_HOUR, seconds=3600):
        raise TooMany(say("Bạn vừa báo nhiều lần. Hãy chờ một giờ rồi báo tiếp."), wait_seconds=3600)


async def _codes_if_any(photos: list[bytes]) -> list[str]:
    try:
        return await codes_in(photos[0]) if photos else []
    except Refusal:
        return []


async def _texts(request: Request, typed: str) -> list[str]:
    photos = await uploads_of(request, "photo")
    if photos:
        return await codes_in(photos[0])
    if form_of(request).get("by") == "photo":
        raise Refusal(say("Chụp hoặc chọn một ảnh của biển."), field="photo")
    if not typed:
        raise Refusal(say("Chưa có mã nào. Hãy quét, chụp, hoặc dán nội dung của mã."), field="code")
    return [typed]


async def _own_page(
    request: Request, plate: Plate, form: Form, scan: PlateScan | None, *, status: int = 200
) -> Response:
    page = OwnPlatePage(
        plate=plate,
        link=parts_of(request)[Settings].base_url + plate.url,
        form=form,
        result=_line(scan) if scan else None,
        lines=[_line(one) for one in await scans_of(plate)],
        told=request.query_params.get("told", ""),
    )
    return render(request, "orders/plate_own.html", page, status=status)


def _line(scan: PlateScan) -> ScanLine:
    return ScanLine(scan, VERDICT_WORDS[scan.verdict], VERDICT_TONES.get(scan.verdict, "bad"))


async def _own(request: Request) -> Plate:
    code, secret = str(request.path_params["code"]), parts_of(request)[Settings].secret_key
    return await own_plate(code, _vendor_ids(request), secret)


async def _any(request: Request) -> Plate:
    return await plate_by_code(str(request.path_params["code"]), parts_of(request)[Settings].secret_key)


def _vendor_ids(request: Request) -> tuple[int, ...]:
    return caller_of(request).scope_ids(Role.VENDOR)


def _place(request: Request, plate: Plate) -> str:
    return str(request.app.url_path_for("orders:plate_own_show", code=plate.code))


VENDOR = roles(Role.VENDOR)
OWN, PUBLIC = "/sell/plates/{code}", "/s/{code}"
ROUTES = [
    get("/sell/plates", plate_index, who=VENDOR, name="orders:plate_index"),
    get(OWN, plate_own_show, who=VENDOR, name="orders:plate_own_show"),
    get(OWN + "/plate.pdf", plate_pdf_show, who=VENDOR, name="orders:plate_pdf_show"),
    post(OWN + "/scans", plate_scan_create, who=VENDOR, name="orders:plate_scan_create", limits=PHOTO_LIMITS),
    post(
        OWN + "/photo", plate_photo_create, who=VENDOR, name="orders:plate_photo_create", limits=PHOTO_LIMITS
    ),
    get(PUBLIC, stall_show, who=ANYONE, name="orders:stall_show"),
    get(PUBLIC + "/report", plate_report_new, who=ANYONE, name="orders:plate_report_new"),
    post(
        PUBLIC + "/report",
        plate_report_create,
        who=ANYONE,
        name="orders:plate_report_create",
        limits=PHOTO_LIMITS,
    ),
]
