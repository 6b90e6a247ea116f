"""Old communes: how typed text is read, which fit, and what each became."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.text import fold
from kit.units_old import OldReading, old_commune, old_communes_like, old_readings
from tests.factories import GIA_SANG, GIA_SANG_OLD, LA_HIEN, PHAN_DINH_PHUNG, old_units

HOANG_VAN_THU = ("05440", "05971", "00322")


def test_a_text_is_a_name_that_ends_at_any_word() -> None:
    assert old_readings("p. Gia Sàng, TP Thái") == [
        OldReading("p", ("gia", "sang", "tp", "thai")),
        OldReading("p gia", ("sang", "tp", "thai")),
        OldReading("p gia sang", ("tp", "thai")),
        OldReading("p gia sang tp", ("thai",)),
        OldReading("p gia sang tp thai", ()),
        OldReading("gia", ("sang", "tp", "thai")),
        OldReading("gia sang", ("tp", "thai")),
        OldReading("gia sang tp", ("thai",)),
        OldReading("gia sang tp thai", ()),
    ]
    assert old_readings(" ,.; ") == []
    assert old_readings("xã") == [OldReading("xa", ())]


@given(st.text(max_size=60))
def test_any_text_is_read_and_nothing_of_it_lost(text: str) -> None:
    """Name and rest together are the text's first words, maybe without the type in front."""
    words = fold(text).split()[:12]
    for one in old_readings(text):
        read = [*one.folded.split(), *one.rest]
        assert read and words[-len(read) :] == read


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("gia san", [GIA_SANG_OLD]),
        ("Phường Gia Sàng", [GIA_SANG_OLD]),
        ("gia sang, thai nguyen", [GIA_SANG_OLD]),
        ("p. Gia Sàng, TP. Thái Nguyên", [GIA_SANG_OLD]),
        ("phuong gia sang thanh pho thai nguyen tinh thai nguyen", [GIA_SANG_OLD]),
        ("xã La Hiên, huyện Võ Nhai, Thái Nguyên", [LA_HIEN]),
        ("la hien vo nhai", [LA_HIEN]),
        ("la hien lang son", []),
        ("hien", []),
        ("hoang van thu", [HOANG_VAN_THU[2], HOANG_VAN_THU[0], HOANG_VAN_THU[1]]),
        ("hoang van thu hoang mai", [HOANG_VAN_THU[2]]),
        ("hoàng văn thụ, lạng sơn", [HOANG_VAN_THU[1]]),
        ("%", []),
        ("_a hien", []),
        ("", []),
    ],
)
async def test_communes_that_fit(db: None, typed: str, codes: list[str]) -> None:
    await old_units(GIA_SANG_OLD, LA_HIEN, *HOANG_VAN_THU)
    ours = {GIA_SANG_OLD, LA_HIEN, *HOANG_VAN_THU}
    assert [one.code for one in await old_communes_like(typed, limit=50) if one.code in ours] == codes


async def test_a_divided_commune_names_all_it_went_into_likeliest_first(db: None) -> None:
    await old_units(GIA_SANG_OLD)
    found = await old_commune(GIA_SANG_OLD)
    assert found is not None
    assert (found.name, found.district, found.province) == (
        "Phường Gia Sàng",
        "Thành phố Thái Nguyên",
        "Tỉnh Thái Nguyên",
    )
    assert {step.unit.code for step in found.became} == {PHAN_DINH_PHUNG, GIA_SANG}
    assert {step.share for step in found.became} == {"part"}
    assert await old_commune("99999") is None


async def test_a_search_asks_twice(db: None, queries: object) -> None:
    await old_units(GIA_SANG_OLD, *HOANG_VAN_THU)
    with queries.at_most(2):  # type: ignore[attr-defined]
        assert await old_communes_like("hoang van thu")
