"""Statements with heads nobody knows: columns guessed, named by a clerk, previewed, confirmed, remembered, ended."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry
from kit.roles import Role
from kit.sheets import Sheet, read_sheet
from kit.sheets_out import csv_of, xlsx_of
from kit.text import fold
from orders.models import Order
from postal.models import CarrierStatement, CarrierStatementLine, Parcel, StatementDraft, StatementMapping
from postal.services.statements.naming import draft_of, put_old_away
from postal.statement_columns import FIELDS, faults_in, guessed, head_row
from postal.statement_sheet import columns_by, day_said, heads_mark, read_lines, stated, sum_said
from postal.statements import Verdict
from postal.states import MoneyState
from tests.conftest import Browser, Queries
from tests.doors import Doors

HEADS = ["TT", "Kiện", "Khách đã đưa", "Trừ phí vận hành", "Về tài khoản", "Chốt phiên"]
NAMED = {"waybill": 1, "cod": 2, "fee": 3, "remitted": 4, "on": 5}
INDEX = "/post/statements"


def dotted(dong: int) -> str:
    """A sum as a carrier's office writes it."""
    return f"{dong:,}".replace(",", ".") + " đ"


def table_of(order: Order, sent: Parcel) -> list[list[str]]:
    """A statement of one delivered parcel, with a title, a foot, and heads that nobody knows."""
    fee = sent.fee_dong or 0
    sums = [dotted(order.total_dong), dotted(fee), dotted(order.total_dong - fee)]
    return [
        ["BẢNG KÊ PHIÊN 11"],
        HEADS,
        ["1", sent.tracking_code or "", *sums, "22/11/2026"],
        ["", "Tổng cộng", *sums, ""],
    ]


def csv_from(rows: list[list[str]]) -> bytes:
    """The rows as a CSV file."""
    return csv_of(rows[0], rows[1:])


async def delivered(stall: Doors) -> tuple[Order, Parcel]:
    """An order that the carrier says it has delivered, and its parcel."""
    order = await stall.arrived(await stall.sent_by("ghn"))
    return order, await stall.parcel(order)


async def brings(stall: Doors, clerk: Browser, raw: bytes, **more: str) -> Any:
    """The clerk sends a file in; what was left to the worker is done."""
    answer = await clerk.submit(INDEX, {"carrier": "ghn", **more}, files={"sheet": ("phiên.csv", raw)})
    await stall.works()
    return answer


async def says(clerk: Browser, **said: object) -> Any:
    """The clerk says which column holds what, for the latest file."""
    draft = await StatementDraft.all().order_by("-id").first()
    assert draft
    fields = {"head": "2"} | {name: str(value) for name, value in said.items()}
    return await clerk.submit(f"/post/statements/drafts/{draft.id}/columns", fields)


async def confirms(stall: Doors, clerk: Browser, **said: object) -> Any:
    """The clerk confirms what the preview showed."""
    draft = await StatementDraft.all().order_by("-id").first()
    assert draft
    fields = {"head": str(draft.head + 1)} | {name: str(value) for name, value in said.items()}
    answer = await clerk.submit(f"/post/statements/drafts/{draft.id}/confirmation", fields)
    await stall.works()
    return answer


async def test_a_file_with_new_heads_is_named_previewed_and_remembered(stall: Doors, clerk: Browser) -> None:
    """From the upload to the money; the next such file is read at once, its columns in another order."""
    order, sent = await delivered(stall)
    rows = table_of(order, sent)
    answer = await brings(stall, clerk, csv_from(rows))
    draft = await StatementDraft.get()
    assert answer.status_code == 303 and answer.headers["location"] == f"/post/statements/drafts/{draft.id}"
    assert not await CarrierStatement.exists()
    page = (await clerk.get(answer.headers["location"])).text
    assert "Khách đã đưa" in page and "Xem thử" in page and "Đúng rồi" not in page
    assert "phiên.csv" in (await clerk.get(INDEX)).text
    assert (await says(clerk, **NAMED)).status_code == 303
    page = (await clerk.get(answer.headers["location"])).text
    assert "Đúng rồi, nhập và nhớ cột" in page and "Chợ biết cả 1 bưu gửi" in page and "22/11/2026" in page
    done = await confirms(stall, clerk, **NAMED)
    statement = await CarrierStatement.get()
    assert done.status_code == 303 and done.headers["location"] == f"/post/statements/{statement.id}"
    assert (await stall.parcel(order)).money is MoneyState.RECONCILED
    assert (await stall.now(order)).paid_at is not None
    line, mapping = await CarrierStatementLine.get(), await StatementMapping.get()
    assert (line.verdict, line.stated_on, statement.mapping_id) == (
        Verdict.FITS,
        date(2026, 11, 22),
        mapping.id,
    )
    assert mapping.columns == {
        "waybill": "kien",
        "cod": "khach da dua",
        "fee": "tru phi van hanh",
        "remitted": "ve tai khoan",
        "on": "chot phien",
    }
    draft = await StatementDraft.get()
    assert draft.closed_at and draft.content == b"" and draft.statement_id == statement.id
    turned = [list(reversed(row)) if len(row) > 1 else row for row in rows]
    again = await brings(stall, clerk, csv_from(turned))
    assert (
        again.headers["location"].startswith("/post/statements/")
        and "drafts" not in again.headers["location"]
    )
    second = await CarrierStatementLine.all().order_by("-id").first()
    assert second and second.verdict == Verdict.TWICE and second.cod_dong == order.total_dong
    told = await AuditEntry.get(action="statement_columns_named")
    assert "Khách đã đưa" in str(told.details["columns"])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_the_pretend_carriers_other_sheet_is_guessed_wholly(
    stall: Doors, clerk: Browser, kind: str
) -> None:
    """A title above, other words and order, a sum beneath: every guess is right and only has to be confirmed."""
    order, _ = await delivered(stall)
    raw = (await clerk.get(f"/twins/carriers/ghn/statement.{kind}?manner=other_heads")).content
    await brings(stall, clerk, raw)
    draft = await StatementDraft.get()
    said = {"waybill": 2, "cod": 3, "fee": 4, "remitted": 5, "on": 1}
    assert draft.head == 1 and dict((await draft_of(draft.id)).columns) == said
    await says(clerk, **said)
    await confirms(stall, clerk, **said)
    assert (await stall.parcel(order)).money is MoneyState.RECONCILED


async def test_another_carriers_file_is_asked_about(stall: Doors, clerk: Browser) -> None:
    """What was named for one carrier says nothing of another's heads."""
    rows = table_of(*await delivered(stall))
    await brings(stall, clerk, csv_from(rows))
    await says(clerk, **NAMED)
    await confirms(stall, clerk, **NAMED)
    answer = await brings(stall, clerk, csv_from(rows) + b"\n", carrier="vnpost")
    assert "drafts" in answer.headers["location"]


async def test_an_ended_naming_is_asked_about_again_and_another_one_begins(
    stall: Doors, clerk: Browser
) -> None:
    """The list says who and since when; ended once; a new naming ends the one before."""
    rows = table_of(*await delivered(stall))
    await brings(stall, clerk, csv_from(rows))
    await says(clerk, **NAMED)
    await confirms(stall, clerk, **NAMED)
    mapping = await StatementMapping.get()
    listed = (await clerk.get("/post/statements/mappings")).text
    assert "Khách đã đưa" in listed and "Đang dùng" in listed and "chọn lúc" in listed
    ending = f"/post/statements/mappings/{mapping.id}/ending"
    assert (await clerk.submit(ending, {})).status_code == 303
    assert (await clerk.submit(ending, {})).status_code == 409
    assert "Thôi dùng" in (await clerk.get("/post/statements/mappings")).text
    rows[2][1], rows[2][0] = "GHNX7", "7"
    answer = await brings(stall, clerk, csv_from(rows))
    assert "drafts" in answer.headers["location"]
    without_day = {name: place for name, place in NAMED.items() if name != "on"}
    await says(clerk, **without_day)
    await confirms(stall, clerk, **without_day)
    await brings(stall, clerk, csv_from([*rows, ["9", "GHNX9", "1", "0", "1", ""]]), anew="yes")
    await says(clerk, **NAMED)
    await confirms(stall, clerk, **NAMED)
    stands = await StatementMapping.all().order_by("id")
    assert [one.ended_at is None for one in stands] == [False, False, True]
    assert "on" in stands[2].columns and "on" not in stands[1].columns


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"cod": 2, "fee": 3}, "waybill", "Chọn cột mã vận đơn"),
        ({"waybill": 1, "fee": 3}, "cod", "Chọn cột tiền thu hộ"),
        ({"waybill": 1, "cod": 2}, "fee", "Chọn cột cước"),
        ({"waybill": 1, "cod": 2, "fee": 2}, "fee", "đã chọn cho «Tiền thu hộ»"),
        ({"waybill": 1, "cod": 1, "fee": 3}, "cod", "đã chọn cho «Mã vận đơn của hãng»"),
        ({"waybill": 1, "cod": 5, "fee": 3}, "cod", "không có số tiền nào"),
        ({"waybill": 5, "cod": 2, "fee": 3}, "waybill", "là ngày, không phải mã"),
        ({"waybill": 1, "cod": 2, "fee": 3, "on": 4}, "on", "không có ngày nào"),
        ({"waybill": 1, "cod": 2, "fee": 9}, "fee", "không có cột này"),
        ({"waybill": 1, "cod": 2, "fee": 3, "head": 19}, "head", "Chọn dòng tiêu đề"),
        ({"waybill": 1, "cod": 2, "fee": "hai"}, "fee", "số"),
        ({"waybill": 1, "cod": 2, "fee": 61}, "fee", "60"),
    ],
)
async def test_columns_that_cannot_be_right_are_refused_at_their_field(
    stall: Doors, clerk: Browser, said: dict[str, object], field: str, words: str
) -> None:
    """A sentence there, nothing noted, nothing taken in."""
    rows = table_of(*await delivered(stall))
    del rows[3]
    await brings(stall, clerk, csv_from(rows))
    answer = await says(clerk, **said)
    assert answer.status_code == 422 and words in answer.text
    assert field == "head" or f'id="f-{field}-error"' in answer.text
    draft = await StatementDraft.get()
    assert draft.columns == {} and not await StatementMapping.exists()
    assert (await confirms(stall, clerk, **NAMED)).status_code == 409
    assert not await CarrierStatement.exists()


async def test_rows_that_cannot_be_read_stop_the_confirmation(stall: Doors, clerk: Browser) -> None:
    """The preview says which; a confirmation all the same is refused and remembers nothing."""
    rows = table_of(*await delivered(stall))
    rows.insert(3, ["2", "GHN77", "nhiều", "0", "0", ""])
    await brings(stall, clerk, csv_from(rows))
    assert (await says(clerk, **NAMED)).status_code == 303
    draft = await StatementDraft.get()
    page = (await clerk.get(f"/post/statements/drafts/{draft.id}")).text
    assert "Dòng 4:" in page and "không đọc được" in page and "Đúng rồi" not in page
    assert (await confirms(stall, clerk, **NAMED)).status_code == 422
    assert not await StatementMapping.exists() and not await CarrierStatement.exists()


async def test_what_was_seen_is_what_is_taken_in(stall: Doors, clerk: Browser) -> None:
    """Columns said anew by another since the preview: refused, nothing is remembered."""
    rows = table_of(*await delivered(stall))
    await brings(stall, clerk, csv_from(rows))
    await says(clerk, **NAMED)
    other = NAMED | {"fee": 4, "remitted": 3}
    await says(clerk, **other)
    answer = await confirms(stall, clerk, **NAMED)
    assert answer.status_code == 409 and "vừa chọn lại cột" in answer.text
    assert not await StatementMapping.exists()
    assert (await confirms(stall, clerk, **other)).status_code == 303
    assert (await confirms(stall, clerk, **other)).status_code == 404


async def test_the_same_file_twice_is_one_draft_and_may_be_put_away(stall: Doors, clerk: Browser) -> None:
    """Until it is taken in or forgotten; one taken in is never kept again."""
    rows = table_of(*await delivered(stall))
    first = await brings(stall, clerk, csv_from(rows))
    second = await brings(stall, clerk, csv_from(rows))
    assert first.headers["location"] == second.headers["location"]
    draft = await StatementDraft.get()
    removal = f"/post/statements/drafts/{draft.id}/removal"
    assert (await clerk.submit(removal, {})).status_code == 303
    assert (await clerk.submit(removal, {})).status_code == 409
    assert (await StatementDraft.get()).content == b""
    assert (await clerk.get(first.headers["location"])).status_code == 404
    await brings(stall, clerk, csv_from(rows))
    await says(clerk, **NAMED)
    await confirms(stall, clerk, **NAMED)
    again = await brings(stall, clerk, csv_from(rows), anew="yes")
    assert again.status_code == 409 and "đã nhập rồi" in again.text


async def test_a_file_nobody_names_is_forgotten_after_a_month(stall: Doors, clerk: Browser) -> None:
    """Its content goes; the row says when."""
    await brings(stall, clerk, csv_from(table_of(*await delivered(stall))))
    assert await put_old_away(now=stall.clock.now()) == 0
    stall.clock.forward(days=31)
    assert await put_old_away(now=stall.clock.now()) == 1
    draft = await StatementDraft.get()
    assert draft.closed_at and draft.content == b""


async def test_our_own_code_stands_for_a_waybill(stall: Doors, clerk: Browser) -> None:
    """A file without the carrier's numbers, but with ours."""
    order, sent = await delivered(stall)
    fee = sent.fee_dong or 0
    rows = [
        ["Mã bên shop", "Đã nhận của khách", "Trừ"],
        [sent.code or "", dotted(order.total_dong), str(fee)],
    ]
    answer = await brings(stall, clerk, csv_from(rows))
    assert "drafts" in answer.headers["location"]
    said = {"reference": 0, "cod": 1, "fee": 2}
    assert (await says(clerk, head=1, **said)).status_code == 303
    await confirms(stall, clerk, **said)
    assert (await stall.parcel(order)).money is MoneyState.RECONCILED


async def test_another_row_may_hold_the_heads(stall: Doors, clerk: Browser) -> None:
    """Looked at by the address, without script; nonsense in it changes nothing."""
    await brings(stall, clerk, csv_from(table_of(*await delivered(stall))))
    address = f"/post/statements/drafts/{(await StatementDraft.get()).id}"
    for head in ("1", "3", "99", "x", "-1", ""):
        answer = await clerk.get(f"{address}?head={head}")
        assert answer.status_code == 200 and "Cột nào là gì?" in answer.text


async def test_the_list_asks_a_bounded_number_of_queries(
    stall: Doors, clerk: Browser, queries: Queries
) -> None:
    """However many were named."""
    for n in range(30):
        await StatementMapping.create(
            carrier="ghn",
            mark=f"m{n}",
            heads=["A"],
            columns={"cod": "a"},
            said_by=1,
            said_at=stall.clock.now(),
        )
    with queries.at_most(12):
        assert (await clerk.get("/post/statements/mappings")).status_code == 200
    assert "page=2" in (await clerk.get("/post/statements/mappings")).text


async def test_a_strangers_carrier_may_not_look(stall: Doors, clerk: Browser, sign_in_as: Any) -> None:
    """A file belongs to the desk."""
    await brings(stall, clerk, csv_from(table_of(*await delivered(stall))))
    draft = await StatementDraft.get()
    await sign_in_as(clerk, "0912345679", Role.CARRIER)
    assert (await clerk.get(f"/post/statements/drafts/{draft.id}")).status_code in (403, 404)
    assert (await clerk.get("/post/statements/mappings")).status_code in (403, 404)


@pytest.mark.parametrize(
    ("text", "dong"),
    [
        ("1.234.567", 1_234_567),
        ("1,234,567", 1_234_567),
        ("1,234,567.00", 1_234_567),
        ("1.234.567,00", 1_234_567),
        ("1 234 567", 1_234_567),
        ("1234567.0", 1_234_567),
        ("1.234.567 đ", 1_234_567),
        ("1,234,567.00 VND", 1_234_567),
        ("₫1.234.567", 1_234_567),
        ("VND 35.000", 35_000),
        ("35\u00a0000\u00a0₫", 35_000),
        ("(15.000)", -15_000),
        ("-15.000 đ", -15_000),
        ("\u221215,000.00", -15_000),
        ("0", 0),
        ("0.00", 0),
        ("-", 0),
        ("", 0),
    ],
)
def test_sums_as_people_write_them(text: str, dong: int) -> None:
    """Every way that a statement may have it."""
    assert sum_said(text) == dong


@pytest.mark.parametrize(
    "text", ["12,50", "1.234,5", "1.234.00", "1.23.456", "abc", "1e5", "(", "()", "--5", "٣"]
)
def test_sums_that_could_be_wrong_are_refused(text: str) -> None:
    """A part of a đồng, marks in the wrong place, words."""
    with pytest.raises(ValueError):
        sum_said(text)


def test_days_of_a_statement() -> None:
    """A day, a moment either way round, nothing; nonsense is refused."""
    day = date(2026, 11, 22)
    written = ("22/11/2026", "2026-11-22", "22/11/2026 14:05", "2026-11-22 14:05:09", "14:05 22/11/2026")
    assert [day_said(one) for one in written] == [day] * 5
    assert day_said("") is None
    for one in ("31/02/2026", "22/11/26", "hôm qua"):
        with pytest.raises(ValueError):
            day_said(one)


def test_known_heads_are_never_asked_about_and_files_too_narrow_are_refused() -> None:
    """With the carrier's own words there is nothing to name; with two columns nothing could be."""
    known = stated("Mã đơn GHN,Tiền COD,Tổng phí\nG1,1000,10\n".encode(), "ghn")
    assert known.unknown is None and len(known.lines) == 1
    anew = stated("Mã đơn GHN,Tiền COD,Tổng phí\nG1,1000,10\n".encode(), "ghn", is_named_anew=True)
    assert anew.unknown is not None and not anew.lines
    narrow = stated(b"A,B\nG1,1000\n", "ghn")
    assert narrow.unknown is None and narrow.refused


def test_guesses_by_likeness_and_by_what_stands_there() -> None:
    """Heads a little different, sums that add up under heads that say nothing, our own code by its check character."""
    like = Sheet(
        [
            [
                "STT",
                "Ngày trả tiền",
                "Mã vận đơn GHN",
                "Số tiền đã thu hộ",
                "Tổng cước phí",
                "Số tiền thực trả",
            ],
            ["1", "20/11/2026", "G1ABC", "200.000", "20.000", "180.000"],
            ["2", "20/11/2026", "G2ABC", "300.000", "25.000", "275.000"],
        ]
    )
    assert guessed(like, 0, "ghn") == {"on": 1, "waybill": 2, "cod": 3, "fee": 4, "remitted": 5}
    blank = Sheet([["P", "Q", "R", "S"], ["50", "ABC12345", "450", "500"], ["60", "ABC12346", "640", "700"]])
    assert guessed(blank, 0, "file") == {"fee": 0, "waybill": 1, "remitted": 2, "cod": 3}
    assert head_row(Sheet([["BẢNG KÊ"], [], *like.rows]), "ghn") == 2


def test_two_columns_of_one_name_and_none_are_refused() -> None:
    """They could not be told apart the next time."""
    sheet = Sheet([["Mã", "Tiền", "Tiền", ""], ["A1", "1", "2", "3"], ["A2", "4", "5", "6"]])
    faults = faults_in(sheet, 0, {"waybill": 0, "cod": 1, "fee": 3})
    assert "Có hai cột cùng tên" in str(faults["cod"]) and "không có tiêu đề" in str(faults["fee"])
    same = Sheet([["Hãng", "Thu", "Phí", "Trống"], ["GHN", "1", "2", ""], ["GHN", "4", "5", ""]])
    faults = faults_in(same, 0, {"waybill": 0, "cod": 1, "fee": 3})
    assert "dòng nào cũng ghi" in str(faults["waybill"]) and "không có gì ở dưới" in str(faults["fee"])


ROWS = st.lists(
    st.tuples(st.integers(1, 10**6), st.integers(0, 9_000_000), st.integers(0, 90_000), st.integers(1, 28)),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row[0],
)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, order=st.permutations(range(6)), kind=st.sampled_from(["csv", "xlsx"]), title=st.booleans())
def test_any_order_of_columns_reads_the_same(
    rows: list[tuple[int, int, int, int]], order: list[int], kind: str, title: bool
) -> None:
    """A naming holds for the heads, not for their places."""
    table = [
        [str(n), f"K{code}Z", dotted(cod), dotted(fee), dotted(cod - fee), f"{day:02}/11/2026"]
        for n, (code, cod, fee, day) in enumerate(rows, 1)
    ]
    named = {name: fold(HEADS[place]) for name, place in NAMED.items()}
    kept = {heads_mark(HEADS): (7, named)}
    turned = [[row[place] for place in order] for row in [HEADS, *table]]
    above = [["BẢNG KÊ"]] if title else []
    full = [*above, *turned]
    raw = csv_of(full[0], full[1:]) if kind == "csv" else xlsx_of(full[0], full[1:])
    found, plain = stated(raw, "ghn", kept), read_lines(Sheet([HEADS, *table]), 1, NAMED)
    assert found.mapping_id == 7 and not found.refused and not found.faults
    assert [_without_row(one) for one in found.lines] == [_without_row(one) for one in plain.lines]
    assert [one.cod_dong for one in found.lines] == [row[1] for row in rows]
    at = head_row(read_sheet(raw), "ghn")
    assert at == len(above) and columns_by(turned[0], named).keys() == NAMED.keys()


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=8), min_size=2, max_size=8),
    said=st.dictionaries(st.sampled_from(list(FIELDS)), st.integers(0, 9)),
)
def test_whatever_stands_in_a_file_it_is_guessed_and_looked_over(
    cells: list[list[str]], said: dict[str, int]
) -> None:
    """No file makes the page fail: guesses are columns of the file, what is let through can be read."""
    sheet = Sheet(cells)
    at = head_row(sheet, "ghn")
    width = max(len(row) for row in cells)
    assert all(0 <= place < width for place in guessed(sheet, at, "ghn").values())
    if not faults_in(sheet, at, said):
        read = read_lines(sheet, at + 1, said)
        assert read.lines or read.faults or read.refused


def _without_row(line: Any) -> tuple[object, ...]:
    return (line.waybill, line.reference, line.cod_dong, line.fee_dong, line.remitted_dong, line.stated_on)
