"""Registries of certificates: columns guessed, whose each is, doubt left to a person, kept once, given back."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
import xlsxwriter

from kit.clock import StoppedClock
from kit.roles import Role
from kit.sheets import read_sheet
from kit.sheets_out import csv_of, xlsx_of
from tests.factories import certificate, listing, vendor
from vendors.columns import guessed
from vendors.models import (
    Certificate,
    CertificateRegistry,
    CertificateState,
    Listing,
    RecordState,
    RegistryRow,
    RegistryState,
    Vendor,
    VendorIdentity,
)
from vendors.registry_columns import REGISTRY, level_in, stars_in
from vendors.registry_match import Known, KnownGoods, KnownSeller, Match, match, plain_name

ADMIN = "+84973111222"
NOON = datetime(2026, 11, 21, 5, tzinfo=UTC)
HEADS = ["TT", "Tên sản phẩm", "Chủ thể", "Hạng sao", "Số quyết định", "Ngày ký"]
TEA = [1, "Chè móc câu", "HTX Chè Hảo Đạt", "4 sao", "1234/QĐ-UBND", "30/06/2026"]


@pytest.fixture
def clock() -> StoppedClock:
    """Noon in Vietnam on 21/11/2026."""
    return StoppedClock(NOON)


@pytest.fixture
async def goods(db: None, client: Any, sign_in_as: Any) -> Listing:
    """Tea of a cooperative, an administrator signed in."""
    await sign_in_as(client, ADMIN, Role.ADMIN)
    return await listing(await vendor("Hợp tác xã chè Hảo Đạt"))


async def looked_through(client: Any, run_jobs: Any, raw: bytes, **more: str) -> str:
    """The address of a registry that was sent, its guessed columns accepted, and looked through."""
    answer = await client.submit("/admin/registries", files=[("sheet", ("so.xlsx", raw))])
    assert answer.status_code == 303, answer.text
    address = str(answer.headers["location"])
    one = await CertificateRegistry.get(code=address.rsplit("/", 1)[-1])
    columns = {f"column-{column}": name for column, name in one.mapping.items()}
    assert (await client.submit(f"{address}/columns", {**columns, **more})).status_code == 303
    await run_jobs()
    return address


async def kept(client: Any, run_jobs: Any, address: str) -> None:
    """Confirmed and worked through."""
    assert (await client.submit(f"{address}/confirmation")).status_code == 303
    await run_jobs()


# --- the words of a registry ---


def test_columns_of_a_departments_list_are_guessed() -> None:
    assert guessed(HEADS, REGISTRY) == {
        "1": "product",
        "2": "producer",
        "3": "stars",
        "4": "decision_no",
        "5": "decided_on",
    }


@pytest.mark.parametrize(
    ("typed", "stars"),
    [("4", "4"), ("4 sao", "4"), ("OCOP 3*", "3"), ("★★★★", "4"), ("4.0", "4.0"), ("bốn", "bốn"), ("", "")],
)
def test_stars_as_they_are_written(typed: str, stars: str) -> None:
    assert stars_in(typed) == stars


@pytest.mark.parametrize(
    ("typed", "level"),
    [("UBND tỉnh", "province"), ("Bộ NN&MT", "central"), ("UBND huyện Đại Từ", "district"), ("xã", "")],
)
def test_who_signed_in_words(typed: str, level: str) -> None:
    assert level_in(typed) == level


HAO_DAT = KnownSeller(1, "HTX chè Hảo Đạt", "4699000012", (KnownGoods(11, "HA", "Chè móc câu"),))
LA_BANG = KnownSeller(
    2, "HTX chè La Bằng", "", (KnownGoods(21, "HB", "Chè đinh"), KnownGoods(22, "HC", "Chè tôm nõn"))
)
EMPTY = KnownSeller(3, "Công ty TNHH Núi Pháo", "", ())


@pytest.mark.parametrize(
    ("product", "producer", "tax_code", "found"),
    [
        ("Chè Móc Câu", "Hợp tác xã chè Hảo Đạt", "", Match(11)),
        ("Chè móc câu", "tên gì cũng được", "4699000012", Match(11)),
        ("Chè xanh", "HTX chè Hảo Đạt", "", Match(choices=("HA",))),
        ("Chè đinh", "HTX chè La Bàng xanh", "", Match(choices=("HB", "HC"))),
        ("Chè đinh", "Công ty Núi Pháo", "", Match()),
        ("Miến", "Làng nghề Việt Cường", "", Match()),
    ],
)
def test_whose_a_certificate_is(product: str, producer: str, tax_code: str, found: Match) -> None:
    got = match(product, producer, tax_code, Known([HAO_DAT, LA_BANG, EMPTY]))
    assert got.listing_id == found.listing_id
    assert got.choices[: len(found.choices)] == found.choices and bool(got.choices) == bool(found.choices)


def test_a_name_is_plain_however_its_front_is_written() -> None:
    assert plain_name("Hợp tác xã Chè A") == plain_name("HTX chè A")
    assert plain_name("CÔNG TY CP Nông sản") == plain_name("Công ty cổ phần nông sản")
    assert plain_name("Htxa chè") == "htxa che"


def test_what_a_person_decided_holds_the_next_time() -> None:
    known = Known([HAO_DAT], {"htx che la|che xanh": 11, "htx che la|che do": None})
    assert match("Chè xanh", "Hợp tác xã chè lạ", "", known) == Match(11)
    assert match("Chè đỏ", "HTX chè lạ", "", known).is_skipped


# --- from the registry to the certificates ---


@pytest.mark.parametrize("as_csv", [False, True])
async def test_a_row_that_fits_becomes_a_certificate_once(
    client: Any, goods: Listing, run_jobs: Any, as_csv: bool
) -> None:
    raw = csv_of(HEADS, [TEA]) if as_csv else xlsx_of(HEADS, [TEA])
    address = await looked_through(client, run_jobs, raw)
    assert "Ghi 1 chứng nhận" in (await client.get(address)).text
    assert not await Certificate.all().exists()
    await kept(client, run_jobs, address)
    made = await Certificate.get(listing_id=goods.id)
    assert (made.stars, made.decision_no, made.decided_on, made.valid_to, made.issuer_level, made.state) == (
        4, "1234/QĐ-UBND", date(2026, 6, 30), date(2029, 6, 30), "province", CertificateState.CONFIRMED,
    )  # fmt: skip
    assert "4 sao" in (await client.get(f"/goods/{goods.code}")).text
    again = await looked_through(client, run_jobs, raw)
    assert again != address
    page = (await client.get(again)).text
    assert "chợ đã có" in page and "Ghi 1 chứng nhận" not in page
    await kept(client, run_jobs, again)
    assert await Certificate.all().count() == 1
    assert "so.xlsx" in (await client.get("/admin/registries")).text
    assert (await client.get("/admin/registries/NKHONGCO")).status_code == 404


async def test_a_waiting_certificate_of_the_seller_is_confirmed(
    client: Any, goods: Listing, run_jobs: Any
) -> None:
    await certificate(
        goods,
        decision_no="1234/QĐ-UBND",
        decided_on=date(2026, 6, 30),
        state=CertificateState.SUBMITTED,
        stars=5,
    )
    await kept(client, run_jobs, await looked_through(client, run_jobs, xlsx_of(HEADS, [TEA])))
    made = await Certificate.get()
    assert (made.state, made.stars) == (CertificateState.CONFIRMED, 4)


async def test_the_tax_code_finds_the_seller(client: Any, goods: Listing, run_jobs: Any) -> None:
    await VendorIdentity.create(
        vendor_id=goods.vendor_id, full_name="Đào Thanh Hảo", tax_code="4699000012", submitted_at=NOON
    )
    rows = [[*TEA[:2], "Tên cũ của hợp tác xã", *TEA[3:], "4699.000.012"]]
    await kept(client, run_jobs, await looked_through(client, run_jobs, xlsx_of([*HEADS, "MST"], rows)))
    assert await Certificate.filter(listing_id=goods.id).exists()


async def test_a_person_decides_doubtful_rows_and_is_remembered(
    client: Any, goods: Listing, run_jobs: Any
) -> None:
    rows = [
        [1, "Trà xanh đặc biệt", "HTX Chè Hảo Đạt", 4, "1234/QĐ-UBND", "30/06/2026"],
        [2, "Chè sen", "HTX Chè Hảo Đạt", 3, "1234/QĐ-UBND", "30/06/2026"],
        [3, "Miến", "Làng nghề xa lắm", 3, "1234/QĐ-UBND", "30/06/2026"],
    ]
    raw = xlsx_of(HEADS, rows)
    address = await looked_through(client, run_jobs, raw)
    states = {row.number: row for row in await RegistryRow.all()}
    assert [states[n].state for n in (2, 3, 4)] == [
        RecordState.DOUBTFUL, RecordState.DOUBTFUL, RecordState.UNKNOWN,
    ]  # fmt: skip
    assert goods.code in (await client.get(address)).text

    def decide(number: int, **typed: str) -> Any:
        return client.submit(f"{address}/rows/{states[number].id}/decision", typed)

    empty = await decide(2)
    assert empty.status_code == 422 and "Hãy chọn một món" in empty.text
    wrong = await decide(4, listing="HKHONGCO")
    assert wrong.status_code == 422 and "Không có món hàng nào mang mã này." in wrong.text
    assert (await decide(2, choice=goods.code)).status_code == 303
    assert (await decide(3, choice="none")).status_code == 303
    await kept(client, run_jobs, address)
    assert [(one.product, one.stars) for one in await Certificate.all()] == [("Trà xanh đặc biệt", 4)]
    assert (await decide(2, choice=goods.code)).status_code == 409
    other = await listing(await goods.vendor, "Miến dong")
    assert (await decide(4, listing=other.code.lower())).status_code == 303, "later, when the goods are there"
    await kept(client, run_jobs, address)
    assert await Certificate.filter(listing_id=other.id).exists()
    await looked_through(client, run_jobs, raw)
    again = await CertificateRegistry.all().order_by("-id").first()
    assert again is not None
    found = {row.number: row.state for row in await RegistryRow.filter(registry_id=again.id)}
    assert found == {2: RecordState.SAME, 3: RecordState.SKIPPED, 4: RecordState.SAME}


async def test_each_mistake_is_named_with_its_cell_and_given_back(
    client: Any, goods: Listing, run_jobs: Any
) -> None:
    await certificate(goods, stars=3, decision_no="77/QĐ-UBND", decided_on=date(2026, 6, 30))
    rows = [
        [1, "Chè móc câu", "HTX Chè Hảo Đạt", "7 sao", "1234/QĐ-UBND", "30/06/2026"],
        [2, "Chè móc câu", "HTX Chè Hảo Đạt", 4, "không nhớ", "30/06/2026"],
        [3, "Chè móc câu", "HTX Chè Hảo Đạt", 4, "1234/QĐ-UBND", "31/06/2026"],
        [4, "Chè móc câu", "HTX Chè Hảo Đạt", 5, "1234/QĐ-UBND", "22/11/2026"],
        [5, "Chè móc câu", "", 4, "1234/QĐ-UBND", "30/06/2026"],
        [6, "Chè móc câu", "HTX Chè Hảo Đạt", 4, "77/QĐ-UBND", "30/06/2026"],
        TEA,
        TEA,
        [9, "Miến", "Làng nghề xa lắm", 3, "1234/QĐ-UBND", "30/06/2026"],
    ]
    address = await looked_through(client, run_jobs, xlsx_of(HEADS, rows))
    page = (await client.get(address)).text
    for words in (
        "Dòng 2, cột Hạng sao (D2)",
        "Dòng 3, cột Số quyết định (E3)",
        "Dòng 4, cột Ngày ký (F4)",
        "Dòng 5, cột Ngày ký (F5): Ngày quyết định chưa tới.",
        "Dòng 6, cột Chủ thể (C6): Cần tên chủ thể",
        "Dòng 7, cột Hạng sao (D7): chợ đang ghi 3 sao",
        "Dòng 9, cột Tên sản phẩm (B9): trùng với dòng 8.",
        "Dòng 10: Chưa thấy chủ thể này",
    ):
        assert words in page, words
    await kept(client, run_jobs, address)
    assert await Certificate.filter(decision_no="1234/QĐ-UBND").count() == 1
    back = read_sheet((await client.get(f"{address}/faults.xlsx")).content)
    assert len(back.rows) == 9 and back.rows[0][-1] == "Cần sửa"
    assert back.rows[-1][1] == "Miến" and "Chưa thấy chủ thể này" in back.rows[-1][-1]


async def test_formulas_and_merged_cells_are_named(client: Any, goods: Listing, run_jobs: Any) -> None:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([HEADS, TEA, TEA, TEA]):
            sheet.write_row(row, 0, cells)
        sheet.write_formula("D2", "=2+2", None, 4)
        sheet.merge_range("C3:C4", "HTX Chè Hảo Đạt")
    page = (await client.get(await looked_through(client, run_jobs, written.getvalue()))).text
    assert (
        "(D2): ô này là công thức." in page and "(C3): ô này bị gộp" in page and "(C4): ô này bị gộp" in page
    )


async def test_columns_that_lack_are_asked_for(client: Any, goods: Listing, run_jobs: Any) -> None:
    raw = xlsx_of(["Tên sản phẩm", "Chủ thể", "Cột lạ"], [["Chè", "HTX", "x"]])
    answer = await client.submit("/admin/registries", files=[("sheet", ("so.xlsx", raw))])
    address = str(answer.headers["location"])
    wrong = await client.submit(f"{address}/columns", {"column-0": "product", "column-1": "producer"})
    assert wrong.status_code == 422
    assert "Còn thiếu cột: Số sao, Số quyết định, Ngày ký." in wrong.text
    assert (await client.submit(f"{address}/confirmation")).status_code == 409


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "Hãy chọn tệp danh sách chứng nhận."),
        (b"%PDF-1.4", "Tệp cần là Excel"),
        (b"PK\x03\x04broken", "Tệp bị hỏng"),
        ("Tên sản phẩm;Chủ thể\n".encode(), "Bảng chỉ có tiêu đề"),
    ],
)
async def test_a_bad_file_is_told_in_a_sentence(
    client: Any, goods: Listing, raw: bytes, sentence: str
) -> None:
    answer = await client.submit("/admin/registries", files=[("sheet", ("so.xlsx", raw))])
    assert answer.status_code == 422 and sentence in answer.text
    assert not await CertificateRegistry.all().exists()


async def test_the_pages_ask_few_queries(client: Any, goods: Listing, run_jobs: Any, queries: Any) -> None:
    rows = [[n, f"Trà số {n}", "HTX Chè Hảo Đạt", 4, "1234/QĐ-UBND", "30/06/2026"] for n in range(30)]
    for number in range(20):
        await listing(await Vendor.get(), f"Chè số {number}")
    address = await looked_through(client, run_jobs, xlsx_of(HEADS, rows))
    with queries.at_most(8):
        assert (await client.get(address)).status_code == 200
    assert (await CertificateRegistry.get()).state == RegistryState.CHECKED
