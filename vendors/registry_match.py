"""Whose certificate a row of a registry is: sellers by tax code and name, goods by name; doubt is left to a person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from kit.text import fold

ALIKE = 0.62
CHOICES_MAX = 8
SELLERS_MAX = 5
# What a registry and a seller's own sign write differently before the name itself.
_FRONT = (
    ("hop tac xa", "htx"),
    ("lien hiep htx", "htx"),
    ("cong ty co phan", "cong ty"),
    ("cong ty cp", "cong ty"),
    ("cong ty tnhh mot thanh vien", "cong ty"),
    ("cong ty tnhh mtv", "cong ty"),
    ("cong ty tnhh", "cong ty"),
    ("ho kinh doanh", "ho"),
    ("hkd", "ho"),
    ("co so san xuat", "co so"),
)


@dataclass(frozen=True)
class KnownGoods:
    """A listing as matching needs it."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class KnownSeller:
    """A seller as matching needs it: plain name, tax code, goods."""

    id: int
    name: str
    tax_code: str
    goods: tuple[KnownGoods, ...]


@dataclass
class Known:
    """All sellers here, found by tax code and plain name; what people decided before, by key."""

    sellers: Sequence[KnownSeller]
    decided: dict[str, int | None] = field(default_factory=dict)
    by_tax_code: dict[str, list[KnownSeller]] = field(default_factory=dict)
    by_name: dict[str, list[KnownSeller]] = field(default_factory=dict)
    by_code: dict[str, KnownGoods] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.sellers:
            if one.tax_code:
                self.by_tax_code.setdefault(one.tax_code, []).append(one)
            self.by_name.setdefault(plain_name(one.name), []).append(one)
            self.by_code |= {goods.code: goods for goods in one.goods}


@dataclass(frozen=True)
class Match:
    """The listing a row is sure to mean, or the codes of those it may mean, the likeliest first; both may lack."""

    listing_id: int | None = None
    choices: tuple[str, ...] = ()
    is_skipped: bool = False


def match(product: str, producer: str, tax_code: str, known: Known) -> Match:
    """What a row means. Sure: one seller by tax code or whole name, and one of their goods of the same name."""
    before = row_key(product, producer)
    if before in known.decided:
        listing_id = known.decided[before]
        return Match(listing_id, is_skipped=listing_id is None)
    sellers = known.by_tax_code.get(tax_code, []) or known.by_name.get(plain_name(producer), [])
    if len(sellers) == 1:
        same = [one for one in sellers[0].goods if fold(one.name) == fold(product)]
        if len(same) == 1:
            return Match(same[0].id)
        return Match(choices=ranked(product, sellers[0].goods))
    near = sellers or sellers_like(producer, known)
    return Match(choices=ranked(product, [goods for one in near for goods in one.goods]))


def sellers_like(producer: str, known: Known) -> list[KnownSeller]:
    """Up to five sellers whose names are much alike, the likeliest first."""
    wanted = plain_name(producer)
    if not wanted:
        return []
    scored = [(likeness(wanted, plain_name(one.name)), one) for one in known.sellers]
    alike = sorted((pair for pair in scored if pair[0] >= ALIKE), key=lambda pair: (-pair[0], pair[1].id))
    return [one for _, one in alike[:SELLERS_MAX]]


def ranked(product: str, goods: Sequence[KnownGoods]) -> tuple[str, ...]:
    """Codes of up to eight goods by how much their names are like the product's."""
    wanted = fold(product)
    order = sorted(goods, key=lambda one: (-likeness(wanted, fold(one.name)), one.id))
    return tuple(one.code for one in order[:CHOICES_MAX])


def likeness(one: str, other: str) -> float:
    """0 to 1: the better of the shared letters in order and the shared words."""
    left, right = set(one.split()), set(other.split())
    if not left or not right:
        return 0.0
    words = 2 * len(left & right) / (len(left) + len(right))
    return max(words, SequenceMatcher(None, one, other, autojunk=False).ratio() if words else 0.0)


def plain_name(name: str) -> str:
    """A seller's name folded, with one way of writing what stands before it."""
    words = fold(name)
    for long, short in _FRONT:
        if words == long or words.startswith(f"{long} "):
            return f"{short}{words[len(long) :]}"
    return words


def row_key(product: str, producer: str) -> str:
    """What a person's decision on a row is remembered by."""
    return f"{plain_name(producer)}|{fold(product)}"[:400]
