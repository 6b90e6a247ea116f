"""A stall's plate where selling and paying meet: its PDF, the trader's self-scan, a shopper's report."""

from collections.abc import Sequence
from datetime import datetime

from anyio import CapacityLimiter, to_thread

from kit.errors import Refusal
from kit.i18n import Sentence, say
from kit.pictures import BadPicture
from orders.plate_pdf import PlateSize, PlateWords, plate_pdf
from payments.qr_picture import read_qr_texts
from payments.services import plate_account, plate_text
from vendors.services import PlateReport, PlateScan, PlateVerdict, ReadyPhoto
from vendors.services.markets.plates import Plate, Seen, record_scan, report_plate, seen_account

PHOTO_BYTES_MAX = 12 * 1024 * 1024
VERDICT_WORDS: dict[PlateVerdict, Sentence] = {
    PlateVerdict.SAME: say("Đúng biển của cô bác"),
    PlateVerdict.OLD: say("Biển cũ"),
    PlateVerdict.DIFFERENT: say("Không phải tài khoản của cô bác"),
    PlateVerdict.NOT_PAYMENT: say("Mã lạ, không phải mã nhận tiền"),
}
WORST_LAST = (PlateVerdict.NOT_PAYMENT, PlateVerdict.SAME, PlateVerdict.OLD, PlateVerdict.DIFFERENT)
VERDICT_TONES = {PlateVerdict.SAME: "good", PlateVerdict.OLD: "waiting"}
_limiters: dict[str, CapacityLimiter] = {}


async def plate_file(plate: Plate, size: PlateSize, *, site: str, now: datetime) -> bytes:
    """The plate as a PDF of this size."""
    pays = plate.pays
    words = PlateWords(
        market=plate.market,
        stall=plate.number,
        name=plate.name,
        holder=pays.holder,
        account=f"{pays.bank_name} •••• {plate.tail}",
        pay_text=plate_text(pays.bin, pays.number, holder=pays.holder, city=""),
        link=site + plate.url,
        made_at=now,
        is_demo=plate.is_demo,
    )
    return await to_thread.run_sync(plate_pdf, words, size, limiter=_limiter())


async def codes_in(photo: bytes) -> list[str]:
    """The texts of the QR codes in a photo. Refusal at `photo` when there is none or it cannot be opened."""
    if len(photo) > PHOTO_BYTES_MAX:
        raise Refusal(say("Mỗi ảnh nhiều nhất 12 MB."), field="photo")
    try:
        texts = await to_thread.run_sync(read_qr_texts, photo, limiter=_limiter())
    except BadPicture:
        raise Refusal(
            say("Ảnh không mở được. Hãy chụp lại bằng máy ảnh của điện thoại."), field="photo"
        ) from None
    if not texts:
        raise Refusal(
            say("Không thấy mã QR trong ảnh. Hãy chụp gần hơn, đủ sáng, thấy trọn mã."), field="photo"
        )
    return texts


async def seen_in(plate: Plate, texts: Sequence[str], *, site: str) -> Seen:
    """What these codes are for this stall: one wrong payment code among them is enough to be wrong.

    Codes that pay nobody count only when there is no other: a photo may show a neighbour's Zalo.

    Refusal at `code` when only the stall's own small code was read: that one pays nobody.
    """
    others = [text for text in texts if text.strip() != site + plate.url]
    if not others:
        raise Refusal(say("Đây là mã nhỏ của trang quầy. Hãy quét mã lớn, mã để trả tiền."), field="code")
    seen = [await _seen(plate, text.strip()) for text in others]
    return max(seen, key=lambda one: WORST_LAST.index(one.verdict))


async def scan_plate(
    plate: Plate, texts: Sequence[str], *, site: str, person_id: int, now: datetime
) -> PlateScan:
    """A trader's self-scan, compared and written into the log."""
    return await record_scan(plate, await seen_in(plate, texts, site=site), person_id=person_id, now=now)


async def report(
    plate: Plate,
    note: str,
    photo: ReadyPhoto | None,
    texts: Sequence[str],
    *,
    site: str,
    person_id: int | None,
    now: datetime,
) -> PlateReport:
    """A report of a plate that differs, with what its codes are if a photo showed any."""
    try:
        seen = await seen_in(plate, texts, site=site) if texts else None
    except Refusal:
        seen = None
    return await report_plate(plate, note, seen, photo, person_id=person_id, now=now)


async def _seen(plate: Plate, text: str) -> Seen:
    account = plate_account(text)
    if account is None:
        return Seen(PlateVerdict.NOT_PAYMENT)
    return await seen_account(plate.vendor_id, account.bin, account.account)


def _limiter() -> CapacityLimiter:
    return _limiters.setdefault("plates", CapacityLimiter(2))
