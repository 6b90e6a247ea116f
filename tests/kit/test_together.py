"""Several queries in one round trip: each gets its own values, and rows are of one moment."""

import pytest

from kit.together import Asking, Row, ask, ask_four
from tests.conftest import Queries

pytestmark = pytest.mark.usefixtures("db")


def numbers(rows: list[Row]) -> list[object]:
    """What stands under n."""
    return [row["n"] for row in rows]


@pytest.mark.parametrize("wanted", [[], [2], [1, 3]])
async def test_each_is_asked_with_its_own_values(wanted: list[int], queries: Queries) -> None:
    some = Asking(
        "SELECT n FROM generate_series(1, $1::int) n WHERE n = ANY($2) ORDER BY n", [3, wanted], numbers
    )
    word = Asking("SELECT $1::text AS n, NULL::int AS none", ["«một»"], lambda rows: rows)
    none = Asking("SELECT 1 AS n WHERE $1::int > 1", [1], numbers)
    with queries.at_most(1):
        found = await ask_four(some, word, none, some)
        assert found == (wanted, [{"n": "«một»", "none": None}], [], wanted)
    assert await ask(some) == wanted


async def test_large_numbers_and_lists_stay_what_they_are() -> None:
    asked = Asking("SELECT $1::bigint AS n, ARRAY[1, 2] AS many, true AS is_so", [2**62], lambda rows: rows)
    assert await ask(asked) == [{"n": 2**62, "many": [1, 2], "is_so": True}]
