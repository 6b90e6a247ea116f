"""From what a scanner, a finger or a camera gave to the code of a parcel."""

import re

from anyio import CapacityLimiter, to_thread

from kit.errors import Refusal
from kit.i18n import Sentence, say
from kit.pictures import BadPicture
from postal.parcel_code import PREFIX, is_parcel_code, normal_code
from postal.scanning import codes_in_picture

CODE_LENGTH = 13
PHOTO_MAX_BYTES = 12 * 1024 * 1024
_ADDRESS = re.compile(r"https?://\S*?/parcels/([0-9A-Za-z]+)/?(?:[?#]\S*)?")

# Reading a large photo takes a processor for a second: never more than two at once in one process.
_READERS = CapacityLimiter(2)


def scanned_code(text: str) -> str:
    """The parcel code in a typed or scanned text: the code itself, or the address in the label's QR code.

    Raises Refusal at `code` with what is wrong with it.
    """
    found = _ADDRESS.fullmatch(text.strip())
    code = normal_code(found[1] if found else text)
    if not is_parcel_code(code):
        raise Refusal(_fault(code), field="code")
    return code


async def code_in_photo(raw: bytes) -> str:
    """The one parcel code in a photo of a label; 12 MiB at most. Raises Refusal at `photo`."""
    if len(raw) > PHOTO_MAX_BYTES:
        raise Refusal(say("Ảnh quá lớn, nhiều nhất 12 MB. Chụp lại ảnh nhỏ hơn."), field="photo", status=413)
    try:
        texts = await to_thread.run_sync(codes_in_picture, raw, limiter=_READERS)
    except BadPicture:
        sentence = say("Tệp này không mở được. Chọn một ảnh JPEG, PNG hoặc WebP.")
        raise Refusal(sentence, field="photo") from None
    codes = list(dict.fromkeys(filter(None, map(_code_or_none, texts))))
    if len(codes) != 1:
        raise Refusal(_photo_fault(texts, codes), field="photo")
    return codes[0]


def _fault(code: str) -> Sentence:
    if not code:
        return say("Quét hoặc gõ mã trên nhãn.")
    if not code.startswith(PREFIX):
        return say("«{code}» không phải mã bưu gửi của chợ. Mã bắt đầu bằng C4, có 13 ký tự.", code=code[:40])
    if len(code) != CODE_LENGTH:
        return say("Mã bưu gửi có 13 ký tự. Bạn vừa nhập {n}.", n=len(code))
    return say("Mã {code} có ký tự gõ nhầm. So lại từng ký tự với nhãn rồi gõ lại.", code=code)


def _code_or_none(text: str) -> str | None:
    try:
        return scanned_code(text)
    except Refusal:
        return None


def _photo_fault(texts: list[str], codes: list[str]) -> Sentence:
    if codes:
        return say("Trong ảnh có {n} mã bưu gửi. Chụp riêng từng nhãn.", n=len(codes))
    if texts:
        return say("Mã trong ảnh («{code}») không phải mã bưu gửi của chợ.", code=texts[0][:40])
    return say("Không thấy mã nào trong ảnh. Chụp gần hơn, đủ sáng, hoặc gõ mã trên nhãn.")
