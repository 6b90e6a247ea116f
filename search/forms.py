"""What a shopper asks of the search page, read from the address; what makes no sense there is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from kit.text import nfc
from search.engine import Query, Sort
from vendors.kinds import BY_CODE

PAGE = 24
TEXT_MAX = 100
PAGES_MAX = 100


@dataclass(frozen=True)
class Asked:
    """The words and the filters of one search, as the address says them."""

    q: str = ""
    kind: str = ""
    commune: str = ""
    stars: int = 0
    sort: str = Sort.BEST
    page: int = 1

    def query(self, *, adult: bool) -> Query:
        """What the engine is asked."""
        return Query(
            self.q,
            kind=self.kind or None,
            commune_code=self.commune or None,
            stars=self.stars or None,
            adult=adult,
            sort=Sort(self.sort),
            offset=(self.page - 1) * PAGE,
            limit=PAGE,
            facets=True,
        )

    def address(self, **changed: object) -> str:
        """The address of this search with something changed; a change of filter goes back to page one."""
        asked = {
            "q": self.q,
            "kind": self.kind,
            "commune": self.commune,
            "stars": self.stars,
            "sort": self.sort,
        }
        asked = {**asked, "page": 1, **changed}
        usual = {"q": "", "kind": "", "commune": "", "stars": 0, "sort": Sort.BEST, "page": 1}
        kept = {name: value for name, value in asked.items() if value != usual[name]}
        return "/search" + (f"?{urlencode(kept)}" if kept else "")


def asked_of(address: Mapping[str, str]) -> Asked:
    """The search an address asks for."""
    return Asked(
        q=nfc(address.get("q", ""))[:TEXT_MAX],
        kind=address.get("kind", "") if address.get("kind") in BY_CODE else "",
        commune=_digits(address.get("commune", "")),
        stars=_number(address.get("stars", ""), least=3, most=5, otherwise=0),
        sort=address.get("sort", "") if address.get("sort") in set(Sort) else Sort.BEST,
        page=_number(address.get("page", ""), least=1, most=PAGES_MAX, otherwise=1),
    )


def _digits(text: str) -> str:
    return text if text.isascii() and text.isdecimal() and len(text) <= 8 else ""


def _number(text: str, *, least: int, most: int, otherwise: int) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 6 and least <= int(text) <= most:
        return int(text)
    return otherwise
