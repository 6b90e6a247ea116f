"""Administrative units: the files as they are shipped, how they are made, and how typed text is read."""

import hashlib
import importlib.util
import json
import sqlite3
from collections import Counter
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.models import AdminUnit, AdminUnitSuccessor
from kit.text import fold
from kit.units import (
    LEVELS,
    NEW,
    OLD,
    SUCCESSORS_CSV,
    UNITS_CSV,
    Province,
    Reading,
    readings_of,
    successor_rows,
    unit_rows,
)
from kit.units_old import former_names

ROOT = Path(__file__).resolve().parents[2]
UNITS = {(row["code"], row["version"]): row for row in unit_rows()}
SUCCESSORS = list(successor_rows())
PROVINCES = [
    Province("19", "Tỉnh Thái Nguyên", "thai nguyen"),
    Province("22", "Tỉnh Quảng Ninh", "quang ninh"),
]


def of(version: str, level: str) -> list[dict[str, str | date | None]]:
    return [row for row in UNITS.values() if (row["version"], row["level"]) == (version, level)]


def became(old_code: str) -> list[tuple[str, str]]:
    return [(row["new_code"], row["share"]) for row in SUCCESSORS if row["old_code"] == old_code]


def make_units() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_units", ROOT / "bin" / "make_units.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("version", "level", "count"),
    [
        (NEW, "province", 34),
        (NEW, "district", 0),
        (NEW, "commune", 3_321),
        (OLD, "province", 63),
        (OLD, "district", 696),
        (OLD, "commune", 10_035),
    ],
)
def test_counts_are_those_of_the_resolutions(version: str, level: str, count: int) -> None:
    assert len(of(version, level)) == count


def test_types_of_communes_in_force() -> None:
    assert Counter(row["type"] for row in of(NEW, "commune")) == {
        "xã": 2_621,
        "phường": 687,
        "đặc khu": 13,
    }


def test_no_code_stands_twice_in_a_version() -> None:
    assert len(UNITS) == len(list(unit_rows())) == 14_149


@pytest.mark.parametrize(("level", "digits"), [("province", 2), ("district", 3), ("commune", 5)])
def test_codes_keep_their_leading_zeros(level: str, digits: int) -> None:
    codes = [str(row["code"]) for version in (NEW, OLD) for row in of(version, level)]
    assert {(len(code), code.isascii() and code.isdecimal()) for code in codes} == {(digits, True)}
    assert any(code.startswith("0") for code in codes)


@pytest.mark.parametrize(
    ("version", "level", "parent_level"),
    [
        (NEW, "commune", "province"),
        (OLD, "district", "province"),
        (OLD, "commune", "district"),
    ],
)
def test_every_unit_has_a_parent_of_the_right_level(version: str, level: str, parent_level: str) -> None:
    parents = {row["code"] for row in of(version, parent_level)}
    assert [row for row in of(version, level) if row["parent_code"] not in parents] == []


def test_provinces_stand_alone() -> None:
    assert {row["parent_code"] for version in (NEW, OLD) for row in of(version, "province")} == {None}


def test_thai_nguyen_has_92_communes() -> None:
    ours = [row for row in of(NEW, "commune") if row["parent_code"] == "19"]
    assert Counter(row["type"] for row in ours) == {"xã": 77, "phường": 15}


@pytest.mark.parametrize(
    ("code", "name", "short_name", "folded"),
    [
        ("05503", "Xã Tân Cương", "Tân Cương", "tan cuong"),
        ("05692", "Xã Đồng Hỷ", "Đồng Hỷ", "dong hy"),
        ("05740", "Xã La Hiên", "La Hiên", "la hien"),
        ("01843", "Phường Bắc Kạn", "Bắc Kạn", "bac kan"),
        ("05443", "Phường Phan Đình Phùng", "Phan Đình Phùng", "phan dinh phung"),
    ],
)
def test_communes_known_by_their_code(code: str, name: str, short_name: str, folded: str) -> None:
    row = UNITS[code, NEW]
    assert (row["name"], row["short_name"], row["folded"]) == (name, short_name, folded)


def test_names_are_their_type_and_short_name() -> None:
    for row in UNITS.values():
        full = f"{row['type']} {row['short_name']}"
        numbered = row["short_name"] == row["name"] and str(row["name"]).split()[-1].isdecimal()
        assert numbered or str(row["name"]).lower() == full.lower()


def test_folded_is_the_fold_of_the_short_name() -> None:
    assert [row for row in UNITS.values() if row["folded"] != fold(str(row["short_name"]))] == []


def test_a_code_may_mean_another_place_in_the_other_version() -> None:
    assert UNITS["80", OLD]["name"] == "Tỉnh Long An"
    assert UNITS["80", NEW]["name"] == "Tỉnh Tây Ninh"


def test_dates_meet_where_the_structures_change() -> None:
    assert {(row["valid_from"], row["valid_to"]) for row in UNITS.values() if row["version"] == NEW} == {
        (date(2025, 7, 1), None)
    }
    assert {(row["valid_from"], row["valid_to"]) for row in UNITS.values() if row["version"] == OLD} == {
        (None, date(2025, 6, 30))
    }


def test_rows_come_parents_first() -> None:
    order = [(row["version"], LEVELS.index(str(row["level"])), row["code"]) for row in unit_rows()]
    assert order == sorted(order)


def test_successors_point_to_existing_codes() -> None:
    for row in SUCCESSORS:
        old, new = (
            UNITS[row["old_code"], row["old_version"]],
            UNITS[row["new_code"], row["new_version"]],
        )
        assert (old["version"], new["version"]) == (OLD, NEW)
        assert (old["level"], new["level"]) in {
            ("province", "province"),
            ("commune", "commune"),
            ("district", "commune"),
        }


def test_every_old_province_and_commune_has_a_successor_and_every_new_one_a_source() -> None:
    old, new = (
        {row["old_code"] for row in SUCCESSORS},
        {row["new_code"] for row in SUCCESSORS},
    )
    assert [row for row in of(OLD, "province") + of(OLD, "commune") if row["code"] not in old] == []
    assert [row for row in of(NEW, "province") + of(NEW, "commune") if row["code"] not in new] == []


def test_part_means_more_than_one_successor_and_none_stands_twice() -> None:
    counts = Counter(row["old_code"] for row in SUCCESSORS)
    assert {(row["share"], counts[row["old_code"]] > 1) for row in SUCCESSORS} == {
        ("whole", False),
        ("part", True),
    }
    assert len({(row["old_code"], row["new_code"]) for row in SUCCESSORS}) == len(SUCCESSORS) == 10_665


def test_successors_stay_in_the_province_that_their_own_became() -> None:
    for row in SUCCESSORS:
        old, new = UNITS[row["old_code"], OLD], UNITS[row["new_code"], NEW]
        if old["level"] == "commune":
            old = UNITS[str(old["parent_code"]), OLD]
        if old["level"] == "district":
            assert became(str(old["parent_code"])) == [(new["parent_code"], "whole")]


@pytest.mark.parametrize(
    ("old_code", "old_name", "expected"),
    [
        ("05761", "Thị trấn Hùng Sơn", [("05488", "whole")]),  # Xã Đại Phúc
        ("06", "Tỉnh Bắc Kạn", [("19", "whole")]),
        ("318", "Huyện Bạch Long Vĩ", [("11948", "whole")]),
    ],
)
def test_known_successors(old_code: str, old_name: str, expected: list[tuple[str, str]]) -> None:
    assert UNITS[old_code, OLD]["name"] == old_name
    assert became(old_code) == expected


def test_a_divided_ward_of_thai_nguyen_has_both_successors() -> None:
    gia_sang = next(row for row in of(OLD, "commune") if row["name"] == "Phường Gia Sàng")
    names = {str(UNITS[code, NEW]["name"]) for code, _ in became(str(gia_sang["code"]))}
    assert names == {"Phường Gia Sàng", "Phường Phan Đình Phùng"}


@pytest.mark.parametrize("path", [UNITS_CSV, SUCCESSORS_CSV])
def test_files_are_those_the_documentation_describes(path: Path) -> None:
    written = path.read_bytes()
    assert hashlib.sha256(written).hexdigest() in (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert b"\r" not in written


def test_the_source_is_read_by_its_keys(tmp_path: Path) -> None:
    paths = tiny_source(tmp_path)
    units, successors = make_units().read_source(*paths)
    assert [row[:7] for row in units] == [
        ("31", OLD, "province", "", "Thành phố Hải Phòng", "Hải Phòng", "thành phố"),
        ("317", OLD, "district", "31", "Thị xã Cát Hải", "Cát Hải", "thị xã"),
        ("318", OLD, "district", "31", "Huyện Bạch Long Vĩ", "Bạch Long Vĩ", "huyện"),
        ("00001", OLD, "commune", "317", "Phường 4", "Phường 4", "phường"),
        ("31", NEW, "province", "", "Thành phố Hải Phòng", "Hải Phòng", "thành phố"),
        ("00002", NEW, "commune", "31", "Xã Đồ Sơn", "Đồ Sơn", "xã"),
        (
            "00003",
            NEW,
            "commune",
            "31",
            "Đặc khu Bạch Long Vĩ",
            "Bạch Long Vĩ",
            "đặc khu",
        ),
    ]
    assert [(row.old_code, row.new_code, row.share) for row in successors] == [
        ("31", "31", "whole"),
        ("00001", "00003", "part"),
        ("00001", "00002", "part"),
        ("318", "00003", "whole"),
    ]


def tiny_source(folder: Path) -> tuple[Path, Path]:
    """Two old districts (one without communes) and two new communes; the old commune is divided."""
    database = sqlite3.connect(folder / "dataset.db")
    shared = "province, provinceKey, provinceCode, ward, wardKey, wardCode"
    database.execute(f"CREATE TABLE admin_units ({shared})")
    database.execute(f"CREATE TABLE admin_units_legacy ({shared}, district, districtKey, districtCode)")
    city = ("Thành phố Hải Phòng", "hp", "31")
    new = [
        (*city, "Xã  Đồ Sơn", "doson", "00002"),
        (*city, "Đặc Khu Bạch Long Vĩ", "blv", "00003"),
    ]
    old = [
        (*city, "Phường 4", "p4", "00001", "Thị Xã Cát Hải", "ch", "317"),
        (*city, None, None, None, "Huyện Bạch Long Vĩ", "blv", "318"),
    ]
    database.executemany("INSERT INTO admin_units VALUES (?, ?, ?, ?, ?, ?)", new)
    database.executemany("INSERT INTO admin_units_legacy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", old)
    database.commit()
    database.close()
    pieces = [
        {"newWardKey": "doson", "isDefaultNewWard": False},
        {"newWardKey": "blv", "isDefaultNewWard": True},
    ]
    converter = {
        "DICT_PROVINCE": {"hp": ["hp"]},
        "DICT_PROVINCE_WARD_NO_DIVIDED": {"hp": {"blv": ["hp_blv_"]}},
        "DICT_PROVINCE_WARD_DIVIDED": {"hp": {"hp_ch_p4": pieces}},
    }
    (folder / "converter.json").write_text(json.dumps(converter), encoding="utf-8")
    return folder / "dataset.db", folder / "converter.json"


@pytest.mark.parametrize("name", ["La Hiên", "Xãlahiên", ""])
def test_a_name_without_a_type_is_refused(name: str) -> None:
    with pytest.raises(StopIteration):
        make_units().unit(NEW, "commune", "00001", "19", name)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("la hien", Reading("la hien", "La Hien", None)),
        ("  LA HIÊN ", Reading("la hien", "La Hiên", None)),
        ("xã La Hiên", Reading("la hien", "La Hiên", None)),
        ("đặc khu Phú Quốc", Reading("phu quoc", "Phú Quốc", None)),
        ("phương liệt", Reading("phuong liet", "Phương Liệt", None)),
        ("La Hiên, Thái Nguyên", Reading("la hien", "La Hiên", "19")),
        ("x. la hiên - tỉnh thái nguyên", Reading("la hien", "La Hiên", "19")),
        ("quảng ninh", Reading("quang ninh", "Quảng Ninh", None)),
        ("Đồng H", Reading("dong h", "Đồng H", None)),
    ],
)
def test_text_is_read_as_meant(text: str, reading: Reading) -> None:
    assert reading in readings_of(text, PROVINCES)


def test_a_province_alone_is_not_taken_away() -> None:
    assert readings_of("quảng ninh", PROVINCES) == [Reading("quang ninh", "Quảng Ninh", None)]


@pytest.mark.parametrize("text", ["", "   ", "%", "_", "'--", "\x00", "\ud800", "\u0301"])
def test_nothing_to_search_for_gives_no_reading(text: str) -> None:
    assert readings_of(text, PROVINCES) == []


@given(st.text(st.characters(), max_size=300))
def test_readings_hold_only_folded_words(text: str) -> None:
    for reading in readings_of(text, PROVINCES):
        assert reading.folded == fold(reading.folded) != ""
        assert not set(reading.typed) & set("%_\\\x00")


async def test_a_commune_goes_by_its_old_names_too(db: None, queries: Any) -> None:
    """The old communes it was made of, their districts and province, each once; numbers are no names."""
    old = [
        ("05503", "commune", "164", "Tân Cương"),
        ("05506", "commune", "164", "Thịnh Đức"),
        ("05507", "commune", "164", "1"),
        ("164", "district", "19", "Thái Nguyên"),
        ("19", "province", None, "Thái Nguyên"),
    ]
    for code, level, parent, name in old:
        await AdminUnit.create(
            code=code,
            version=OLD,
            level=level,
            parent_code=parent,
            name=name,
            short_name=name,
            type="",
            folded=fold(name),
        )
    for code in ("05503", "05506", "05507"):
        await AdminUnitSuccessor.create(
            old_code=code, old_version=OLD, new_code="05503", new_version=NEW, share="whole"
        )
    with queries.at_most(1):
        found = await former_names(["05503", "05503", "99999"])
    assert found == {"05503": ("Tân Cương", "Thái Nguyên", "Thịnh Đức")}
