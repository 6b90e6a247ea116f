"""What the columns of a registry of OCOP certificates hold, and how its cells are read as the certificate's form."""

import re
from collections.abc import Mapping

from kit.i18n import Sentence, say
from kit.text import fold
from vendors.certificate_forms import CertificateForm
from vendors.columns import vocabulary

FIELDS: dict[str, Sentence] = {
    "product": say("Tên sản phẩm"),
    "producer": say("Chủ thể"),
    "stars": say("Số sao"),
    "points": say("Điểm"),
    "decision_no": say("Số quyết định"),
    "decided_on": say("Ngày ký"),
    "valid_to": say("Hạn đến hết ngày"),
    "issuer_level": say("Cấp ký quyết định"),
    "tax_code": say("Mã số thuế"),
    "code": say("Mã hàng trên chợ"),
}
WORDS: dict[str, tuple[str, ...]] = {
    "product": ("ten san pham", "san pham", "san pham ocop", "ten sp", "product"),
    "producer": (
        "chu the",
        "ten chu the",
        "chu the san xuat",
        "co so san xuat",
        "don vi",
        "ten don vi",
        "htx",
        "doanh nghiep",
        "producer",
        "holder",
    ),
    "stars": ("so sao", "hang sao", "sao", "xep hang", "ket qua", "phan hang", "hang", "stars"),
    "points": ("diem", "so diem", "tong diem", "points", "score"),
    "decision_no": ("so quyet dinh", "quyet dinh", "so qd", "qd", "quyet dinh cong nhan", "decision"),
    "decided_on": (
        "ngay quyet dinh",
        "ngay ky",
        "ngay cap",
        "ngay cong nhan",
        "ngay qd",
        "ngay",
        "decided on",
        "date",
    ),
    "valid_to": ("han", "het han", "ngay het han", "hieu luc den", "thoi han", "valid to", "expires"),
    "issuer_level": ("cap ky", "cap cong nhan", "cap ky quyet dinh", "cap", "co quan cap", "level", "issuer"),
    "tax_code": ("ma so thue", "mst", "tax code"),
    "code": ("ma hang tren cho", "ma tren cho", "market code"),
}
REGISTRY = vocabulary(FIELDS, WORDS)
NEEDED = frozenset({"product", "stars", "decision_no", "decided_on"})
_LEVELS = {
    "central": ("trung uong", "quoc gia", "bo", "central"),
    "province": ("tinh", "province", "thanh pho"),
    "district": ("huyen", "district", "thi xa"),
}


def form_of_row(typed: Mapping[str, str], *, level: str, source: str) -> CertificateForm:
    """The row as if typed into the administrator's form; `level` stands where the sheet names none."""
    stars = stars_in(typed.get("stars", ""))
    values = {
        name: typed.get(name, "") for name in ("product", "points", "decision_no", "decided_on", "valid_to")
    }
    usual = "central" if stars == "5" else "province"
    values |= {
        "listing": "-",
        "stars": stars,
        "issuer_level": level_in(typed.get("issuer_level", "")) or level or usual,
        "valid_because": str(say("Theo bảng «{file}».", file=source[:100])) if typed.get("valid_to") else "",
    }
    return CertificateForm.read(values)


def stars_in(typed: str) -> str:
    """«4», «4 sao», «OCOP 4*», «★★★★» as 4; anything else as it was typed, for the form to refuse."""
    drawn = len(re.findall("[★*⭐]", typed))
    digits = re.findall(r"[0-9]+", typed)
    if len(digits) == 1:
        return str(int(digits[0])) if len(digits[0]) < 3 else typed
    return str(drawn) if drawn and not digits else typed


def level_in(typed: str) -> str:
    """The level that words like «UBND tỉnh» or «Bộ NN&MT» mean, or ""."""
    words = f" {fold(typed)} "
    return next((level for level, known in _LEVELS.items() if any(f" {one} " in words for one in known)), "")
