"""The rows of a registry looked through: the certificate's own form, then whose it is and whether it stands already."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kit.i18n import Sentence, say
from kit.sheets import Sheet
from vendors.columns import head_row
from vendors.models import CertificateRegistry, RecordState, RegistryRow
from vendors.registry_columns import FIELDS, REGISTRY, form_of_row
from vendors.registry_match import Known, Match, match, row_key
from vendors.sheet_faults import FORMULA, MERGED, cell_fault, merged_places

BREATHE_ROWS = 50
Standing = dict[
    tuple[int, str, str], int
]  # stars by listing, decision and its day, of certificates that count


@dataclass
class Looked:
    """What rows are held against: sellers and goods here, certificates that count, the day."""

    known: Known
    standing: Standing
    today: date


async def looked_through(sheet: Sheet, one: CertificateRegistry, looked: Looked) -> list[RegistryRow]:
    """Every row below the heads that holds anything, as it will be kept; saves nothing."""
    head = head_row(sheet.rows, REGISTRY)
    merged = merged_places(sheet)
    seen: dict[tuple[int, str, str], int] = {}
    rows: list[RegistryRow] = []
    for number in range(head + 1, len(sheet.rows)):
        cells = sheet.rows[number]
        if not any(cells):
            continue
        row = RegistryRow(
            registry_id=one.id, number=number + 1, cells=cells, state=RecordState.FAULTY, faults=[]
        )
        columns = {name: int(at) for at, name in one.mapping.items()}
        for name, at in columns.items():
            if (number, at) in sheet.formulas:
                _note(row, one, name, FORMULA)
            elif (number, at) in merged:
                _note(row, one, name, MERGED)
        if not row.faults:
            typed = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
            _read(row, one, typed, looked)
            _refuse_double(row, one, seen)
        rows.append(row)
        if len(rows) % BREATHE_ROWS == 0:
            await asyncio.sleep(0)  # others share this process
    return rows


def judge(row: RegistryRow, found: Match, looked: Looked) -> Sentence | None:
    """Sets a row's state by whose it is; the sentence when the market holds something else of the same decision."""
    row.listing_id, row.choices = found.listing_id, list(found.choices)
    if found.is_skipped:
        row.state = RecordState.SKIPPED
    elif found.listing_id is None:
        row.state = RecordState.DOUBTFUL if found.choices else RecordState.UNKNOWN
    else:
        key = (found.listing_id, str(row.content["decision_no"]), str(row.content["decided_on"]))
        stars = looked.standing.get(key)
        if stars is None:
            row.state = RecordState.MATCHED
        elif stars == row.content["stars"]:
            row.state = RecordState.SAME
        else:
            row.state = RecordState.FAULTY
            return say("chợ đang ghi {n} sao theo cùng quyết định này. Hãy xem lại giấy.", n=stars)
    return None


def _read(row: RegistryRow, one: CertificateRegistry, typed: Mapping[str, str], looked: Looked) -> None:
    form = form_of_row(typed, level=one.issuer_level, source=one.file_name)
    form.settle(looked.today)
    for name, sentence in form.errors.items():
        _note(row, one, name, sentence)
    if not typed.get("producer") and not typed.get("code") and not typed.get("tax_code"):
        _note(row, one, "producer", say("Cần tên chủ thể, mã số thuế hoặc mã hàng trên chợ."))
    if row.faults:
        return
    content = form.content()
    row.content = {
        "product": content.product,
        "producer": typed.get("producer", ""),
        "stars": content.stars,
        "points": str(content.points) if content.points is not None else "",
        "decision_no": content.decision_no,
        "decided_on": content.decided_on.isoformat(),
        "valid_to": content.valid_to.isoformat(),
        "issuer_level": content.issuer_level,
        "criteria": content.criteria,
        "valid_because": content.valid_because,
    }
    row.key = row_key(content.product, typed.get("producer", ""))
    fault = judge(row, _match(row, one, typed, looked.known), looked)
    if fault is not None:
        _note(row, one, "stars", fault)


def _match(row: RegistryRow, one: CertificateRegistry, typed: Mapping[str, str], known: Known) -> Match:
    code = typed.get("code", "").strip().upper()
    if code and code in known.by_code:
        return Match(known.by_code[code].id)
    digits = "".join(mark for mark in typed.get("tax_code", "") if mark.isdigit())
    return match(str(row.content["product"]), typed.get("producer", ""), digits, known)


def _refuse_double(row: RegistryRow, one: CertificateRegistry, seen: dict[tuple[int, str, str], int]) -> None:
    """Two rows of one decision for the same goods: the second is a mistake."""
    if row.listing_id is None or row.state == RecordState.FAULTY:
        return
    key = (row.listing_id, str(row.content["decision_no"]), str(row.content["decided_on"]))
    if key in seen:
        row.state = RecordState.FAULTY
        _note(row, one, "product", say("trùng với dòng {n}. Hãy bỏ một dòng.", n=seen[key]))
    else:
        seen[key] = row.number


def _note(row: RegistryRow, one: CertificateRegistry, name: str, fault: Sentence) -> None:
    row.faults.append(
        cell_fault(row.number - 1, name, fault, mapping=one.mapping, heads=one.heads, fields=FIELDS)
    )
