"""Which commune a person meant: by its name in force, by an old one, and when they must be asked."""

import pytest

from kit.i18n import translated
from tests.factories import (
    GIA_SANG,
    GIA_SANG_OLD,
    LA_HIEN,
    PHAN_DINH_PHUNG,
    old_units,
    units,
)
from vendors.services import commune_label, commune_meant, communes_found, old_label

DIVIDED = {f"{code}.{GIA_SANG_OLD}" for code in (PHAN_DINH_PHUNG, GIA_SANG)}
TRUNG_VUONG_OLD, HOANG_VAN_THU_OLD = "05443", "05440"

pytestmark = pytest.mark.usefixtures("old")


@pytest.fixture
async def old(db: None) -> None:
    """Old Gia Sàng, which was divided, La Hiên, Trưng Vương and Hoàng Văn Thụ, and Gia Sàng as it is in force."""
    await old_units(GIA_SANG_OLD, LA_HIEN, TRUNG_VUONG_OLD, HOANG_VAN_THU_OLD)
    await units("19", GIA_SANG, LA_HIEN)


async def test_a_name_in_force_goes_before_the_old_one_of_the_same_place() -> None:
    meant = await commune_meant("Phường Gia Sàng", "")
    assert meant.unit is not None and (meant.unit.code, meant.before) == (GIA_SANG, None)


async def test_a_divided_old_commune_is_asked_about() -> None:
    typed = "Phường Gia Sàng, TP Thái Nguyên"
    asked = await commune_meant(typed, "")
    assert asked.unit is None and asked.fault is not None
    assert "Phường Gia Sàng cũ nay thuộc nhiều xã, phường" in translated(asked.fault, "vi")
    assert {one.key for one in asked.choices} == DIVIDED
    chosen = await commune_meant(typed, f"{PHAN_DINH_PHUNG}.{GIA_SANG_OLD}", typed)
    assert chosen.unit is not None and chosen.before is not None
    assert (chosen.unit.code, chosen.before.code) == (PHAN_DINH_PHUNG, GIA_SANG_OLD)
    assert (
        chosen.label
        == "Phường Phan Đình Phùng, Thái Nguyên (Phường Gia Sàng, Thành phố Thái Nguyên, Thái Nguyên)"
    )
    again = await commune_meant(chosen.label, chosen.key)
    assert again == chosen


async def test_an_old_name_that_went_into_one_is_mapped_by_itself() -> None:
    meant = await commune_meant("trung vuong, thai nguyen", "")
    assert meant.unit is not None and meant.before is not None
    assert (meant.unit.code, old_label(meant.before)) == (
        PHAN_DINH_PHUNG,
        "Phường Trưng Vương, Thành phố Thái Nguyên, Thái Nguyên",
    )


async def test_an_old_name_of_the_same_commune_is_offered_once() -> None:
    assert [one.key for one in await communes_found("la hien")] == [LA_HIEN]
    by_district = await communes_found("la hien, vo nhai")
    assert [one.key for one in by_district] == [f"{LA_HIEN}.{LA_HIEN}"]


@pytest.mark.parametrize(
    "key",
    [f"{LA_HIEN}.{GIA_SANG_OLD}", f"{PHAN_DINH_PHUNG}.99999", "99999", f"99999.{GIA_SANG_OLD}"],
)
async def test_a_pair_that_never_was_does_not_count(key: str) -> None:
    """An old commune goes only with one that it went into; the text alone decides then."""
    meant = await commune_meant("Xã La Hiên", key, "Xã La Hiên")
    assert meant.unit is not None and (meant.unit.code, meant.before) == (LA_HIEN, None)


async def test_a_choice_for_other_words_does_not_count() -> None:
    meant = await commune_meant("La Hiên", f"{PHAN_DINH_PHUNG}.{GIA_SANG_OLD}", "Phường Gia Sàng")
    assert meant.unit is not None and meant.unit.code == LA_HIEN


async def test_nothing_typed_and_nothing_known() -> None:
    assert await communes_found(" .,") == []
    for typed, sentence in (("", "Cần tên xã"), ("Atlantis", "Không có xã, phường nào tên «Atlantis»")):
        meant = await commune_meant(typed, "")
        assert meant.fault is not None and sentence in translated(meant.fault, "vi")
    assert commune_label("Xã La Hiên", "Tỉnh Thái Nguyên") == "Xã La Hiên, Thái Nguyên"
