"""The pretend bank's pages (demo only): read a QR code, change what is asked, «transfer», watch the notices fare."""

from dataclasses import dataclass
from urllib.parse import urlencode

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import NotFound
from kit.i18n import Sentence, say
from kit.web.callers import parts_of
from kit.web.formdata import MEBIBYTE, FormLimits, form_of, uploads_of
from kit.web.render import render
from kit.web.routing import ANYONE, get, post
from payments.forms import QrForm, TransferForm
from payments.qr import BadQr, MerchantQr, parse
from payments.qr_picture import BadPicture, read_qr_picture
from payments.services import payment_by_code
from payments.services.transfers_told import leaves_from
from payments.twins.transfers import TransferLine, last_transfers, make_transfer
from vendors.services import bank_of

PICTURE_LIMITS = FormLimits(files_max=1, body_max_bytes=10 * MEBIBYTE)


@dataclass(frozen=True)
class BankPage:
    """The pretend bank: the form for a QR code, the transfer it asks for, and the last transfers."""

    qr_form: QrForm
    form: TransferForm | None
    bank_name: str
    holder: str
    transfers: list[TransferLine]
    made: bool


async def bank_show(request: Request) -> Response:
    """The first page, or the transfer that `?qr=` (a QR text) or `?code=` (a payment's code) asks for."""
    text = request.query_params.get("qr", "")
    if code := request.query_params.get("code", ""):
        text = await _qr_text_of(code)
    if not text:
        return await _page(request, QrForm(), None)
    try:
        qr = _payable(text)
    except BadQr:
        return await _not_read(request, text)
    form = TransferForm.filled(
        bin=qr.bin,
        account_number=qr.account,
        from_account=await leaves_from(qr.purpose or ""),
        amount_dong=qr.amount_dong,
        content=qr.purpose,
        provider="sepay",
        mangling="as_is",
        delay_seconds=0,
    )
    return await _page(request, QrForm.filled(qr=text), form)


async def qr_read(request: Request) -> Response:
    """A QR code as pasted text or as a picture: shows the transfer it asks for."""
    form = QrForm.read(form_of(request))
    pictures = await uploads_of(request, "picture")
    text = await _text_in(pictures[0]) if pictures else (form.qr if form.ok else "")
    try:
        _payable(text)
    except BadQr:
        return await _not_read(request, form.typed.get("qr", ""))
    return RedirectResponse(
        f"{request.app.url_path_for('payments:twin_bank_show')}?{urlencode({'qr': text})}", 303
    )


async def transfer_create(request: Request) -> Response:
    """«Transfers»: stores it and leaves its notice for later."""
    form = TransferForm.read(form_of(request))
    if not form.ok:
        return await _page(request, QrForm(), form)
    await make_transfer(form, now=parts_of(request)[Clock].now())
    return RedirectResponse(f"{request.app.url_path_for('payments:twin_bank_show')}?made=1", 303)


async def _page(request: Request, qr_form: QrForm, form: TransferForm | None) -> Response:
    page = BankPage(
        qr_form=qr_form,
        form=form,
        bank_name=await _bank_name(form.typed.get("bin", "")) if form else "",
        holder=await _holder(form) if form else "",
        transfers=await last_transfers(),
        made="made" in request.query_params,
    )
    ok = qr_form.ok and (form is None or form.ok)
    return render(request, "payments/twin_bank.html", page, status=200 if ok else 422)


async def _not_read(request: Request, typed: str) -> Response:
    form = QrForm.filled(qr=typed)
    form.wrong("qr", _unreadable())
    return await _page(request, form, None)


def _unreadable() -> Sentence:
    return say("Không đọc được mã VietQR nào ở đây. Hãy dán lại chữ của mã, hoặc chụp rõ cả bốn góc.")


def _payable(text: str) -> MerchantQr:
    qr = parse(text)
    if not qr.kind.is_vietqr:
        raise BadQr([])
    return qr


async def _text_in(picture: bytes) -> str:
    try:
        return await anyio.to_thread.run_sync(read_qr_picture, picture) or ""
    except BadPicture:
        return ""


async def _qr_text_of(code: str) -> str:
    payment = await payment_by_code(code)
    if not payment.qr_text:
        raise NotFound(say("Khoản này đã trả xong hoặc đã đóng, không còn mã QR."))
    return payment.qr_text


async def _bank_name(bin: str) -> str:
    bank = await bank_of(bin)
    return bank.name if bank else bin


async def _holder(form: TransferForm) -> str:
    """The account holder as a bank would know it: here from the payment that the content names, if any."""
    try:
        payment = await payment_by_code(form.typed.get("content", ""))
    except NotFound:
        return ""
    return payment.account_holder if payment.account_number == form.typed.get("account_number") else ""


TWIN_ROUTES: list[BaseRoute] = [
    get("/twins/bank", bank_show, who=ANYONE, name="payments:twin_bank_show"),
    post("/twins/bank/qr", qr_read, who=ANYONE, name="payments:twin_qr_read", limits=PICTURE_LIMITS),
    post("/twins/bank/transfers", transfer_create, who=ANYONE, name="payments:twin_transfer_create"),
]
