"""The catalogue of products: what is found while typing a name, and that its rows fit the kinds of goods."""

from typing import Any

import pytest

from kit.text import fold
from vendors.kinds import BY_CODE
from vendors.services.catalogue import CATALOGUE_CSV, ROWS_MAX, CatalogueRow, catalogue_like
from vendors.services.listings import WEIGHT_MOST_G


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("na la", "Na La Hiên"),
        ("NA LA HIÊN", "Na La Hiên"),
        ("mien viet", "Miến Việt Cường"),
        ("bo dau", "Bánh chưng Bờ Đậu"),
        ("đinh tân", "Chè Đinh Tân Cương"),
    ],
)
def test_a_product_is_found_with_and_without_accents_by_the_beginnings_of_its_words(
    typed: str, first: str
) -> None:
    assert catalogue_like(typed)[0].name == first


def test_names_that_begin_as_typed_come_before_names_that_hold_it() -> None:
    names = [fold(row.name) for row in catalogue_like("tra", limit=99)]
    begins = [name.startswith("tra") for name in names]
    assert begins == sorted(begins, reverse=True) and False in begins


@pytest.mark.parametrize(
    "typed", ["", "  ", "!!", "\u202e", "zzz", "%", "na\0la" * 50, "'; drop table listing"]
)
def test_nothing_fits_nonsense(typed: str) -> None:
    assert catalogue_like(typed) == []


def test_every_row_fits_the_form_of_a_listing() -> None:
    rows = CATALOGUE_CSV.read_text(encoding="utf-8").splitlines()[1:]
    everything = {
        row.name: row for letter in "abcdeghiklmnopqrstuvxy" for row in catalogue_like(letter, limit=999)
    }
    assert len(everything) == len(rows) > 50
    for row in everything.values():
        assert row.kind in BY_CODE and row.unit and 0 < row.weight_g <= WEIGHT_MOST_G, row


async def test_the_catalogue_can_be_read_while_typing(client: Any, db: None, queries: Any) -> None:
    with queries.at_most(0):
        answer = await client.get("/api/v1/catalogue", params={"q": "na la"})
    assert answer.json()["items"] == [vars(CatalogueRow("Na La Hiên", "custard_apple", "kg", 1300))]
    assert (await client.get("/api/v1/catalogue")).json() == {"items": []}
    assert len((await client.get("/api/v1/catalogue?q=tr")).json()["items"]) == ROWS_MAX
