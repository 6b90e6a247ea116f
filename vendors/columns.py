"""What the columns of a sheet of listings hold, guessed from their heads, and the kind of goods from its words."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kit.i18n import Sentence, say
from kit.text import fold
from vendors.kinds import KINDS

HEAD_ROWS = 20
FIELDS: dict[str, Sentence] = {
    "name": say("Tên hàng"),
    "price_dong": say("Giá"),
    "unit": say("Đơn vị"),
    "stock": say("Số lượng"),
    "kind": say("Loại hàng"),
    "weight_g": say("Nặng (gam)"),
    "commune": say("Xã, phường"),
    "about": say("Lời tả"),
    "own_code": say("Mã của cô bác"),
    "code": say("Mã hàng trên chợ"),
    "photos": say("Tên tệp ảnh"),
}
# Folded words of heads, Vietnamese and English; a longer phrase says more than a shorter one.
WORDS: dict[str, tuple[str, ...]] = {
    "code": ("ma hang tren cho", "ma tren cho", "ma cho", "market code"),
    "own_code": (
        "ma cua co bac",
        "ma noi bo",
        "ma san pham",
        "ma hang",
        "ma sp",
        "ma",
        "sku",
        "own code",
        "code",
    ),
    "name": (
        "ten hang",
        "ten san pham",
        "ten sp",
        "san pham",
        "mat hang",
        "hang hoa",
        "ten",
        "product name",
        "product",
        "name",
        "goods",
    ),
    "price_dong": ("gia ban", "don gia", "gia le", "gia", "price", "unit price"),
    "unit": ("don vi tinh", "don vi ban", "don vi", "dvt", "quy cach", "unit"),
    "stock": ("so luong", "ton kho", "con lai", "sl", "ton", "stock", "quantity", "qty"),
    "kind": (
        "loai hang",
        "loai san pham",
        "nhom hang",
        "nhom san pham",
        "danh muc",
        "loai",
        "nhom",
        "kind",
        "category",
        "type",
    ),
    "weight_g": (
        "nang gam",
        "khoi luong gam",
        "khoi luong g",
        "can nang g",
        "trong luong g",
        "khoi luong",
        "can nang",
        "trong luong",
        "nang",
        "weight",
        "weight g",
    ),
    "commune": (
        "xa phuong",
        "noi lam ra",
        "noi san xuat",
        "xuat xu",
        "dia chi",
        "xa",
        "phuong",
        "commune",
        "origin",
        "address",
    ),
    "photos": (
        "ten tep anh",
        "tep anh",
        "ten anh",
        "hinh anh",
        "anh san pham",
        "anh",
        "hinh",
        "photos",
        "photo",
        "images",
        "image",
    ),
    "about": ("loi ta", "mo ta", "gioi thieu", "ghi chu", "description", "about", "notes"),
}


@dataclass(frozen=True)
class Vocabulary:
    """The fields that a sheet's columns may hold, and the folded words of heads that mean them."""

    fields: Mapping[str, Sentence]
    by_words: Mapping[str, str]


def vocabulary(fields: Mapping[str, Sentence], words: Mapping[str, Sequence[str]]) -> Vocabulary:
    """Fields with their words turned round."""
    return Vocabulary(fields, {word: name for name, said in words.items() for word in said})


GOODS = vocabulary(FIELDS, WORDS)
_KIND_BY_WORDS = {
    fold(words): kind.code
    for kind in KINDS
    for words in (*str(kind.name).split(","), str(kind.name), kind.code, kind.code.replace("_", " "))
}


def field_of(head: str, of: Vocabulary = GOODS) -> str:
    """The field a head means, by its words without a unit in brackets, else by its longest known start; or ""."""
    words = fold(head)
    if words in of.by_words:
        return of.by_words[words]
    bare = fold(head.split("(", maxsplit=1)[0])
    if bare in of.by_words:
        return of.by_words[bare]
    starts = [known for known in of.by_words if len(known) > 3 and words.startswith(f"{known} ")]
    return of.by_words[max(starts, key=len)] if starts else ""


def guessed(heads: Sequence[str], of: Vocabulary = GOODS) -> dict[str, str]:
    """Column number (as text) → field, each field once, the first column winning."""
    found: dict[str, str] = {}
    for column, head in enumerate(heads):
        name = field_of(head, of)
        if name and name not in found.values():
            found[str(column)] = name
    return found


def head_row(rows: Sequence[Sequence[str]], of: Vocabulary = GOODS) -> int:
    """The row that holds the heads: of the first 20 the one whose cells are known best; else the first with cells."""
    scores = [(len(guessed(row, of)), -number) for number, row in enumerate(rows[:HEAD_ROWS])]
    best, at = max(scores)
    if best >= 2:
        return -at
    return next(number for number, row in enumerate(rows) if any(row))


def heads_hash(heads: Sequence[str]) -> str:
    """What a mapping is remembered by: the folded heads in their order."""
    return hashlib.sha256("|".join(fold(head) for head in heads).encode()).hexdigest()


def clean_mapping(mapping: Mapping[str, str], columns: int, of: Vocabulary = GOODS) -> dict[str, str]:
    """Only known fields of columns that exist, each field once."""
    found: dict[str, str] = {}
    for column in range(columns):
        name = mapping.get(str(column), "")
        if name in of.fields and name not in found.values():
            found[str(column)] = name
    return found


def kind_meant(words: str) -> str:
    """The code of the kind of goods that these words name, or the words themselves for the form to refuse."""
    return _KIND_BY_WORDS.get(fold(words), words)
