"""What is wrong in a sheet, told with its row, column and cell, and kept as JSON."""

from collections.abc import Mapping, Sequence

from kit.i18n import Sentence, say
from kit.sheets import Place, Sheet, cell_name

FORMULA = say("ô này là công thức. Hãy dán lại thành giá trị.")
MERGED = say("ô này bị gộp với ô khác. Hãy bỏ gộp ô rồi điền từng dòng.")
Kept = dict[str, object]


def cell_fault(
    number: int,
    name: str,
    fault: Sentence,
    *,
    mapping: Mapping[str, str],
    heads: Sequence[str],
    fields: Mapping[str, Sentence],
) -> Kept:
    """«Dòng 7, cột Giá (C7): …» for row 6 (from 0), or without a cell when the sheet has no such column."""
    column = next((int(at) for at, what in mapping.items() if what == name), None)
    if column is None:
        return kept(
            say(
                "Dòng {row}, thiếu cột {column}: {fault}",
                row=number + 1,
                column=fields.get(name, name),
                fault=fault,
            )
        )
    head = heads[column] if column < len(heads) and heads[column] else fields[name]
    return kept(
        say(
            "Dòng {row}, cột {column} ({cell}): {fault}",
            row=number + 1,
            column=head,
            cell=cell_name(number, column),
            fault=fault,
        )
    )


def row_fault(number: int, fault: Sentence) -> Kept:
    """«Dòng 7: …»; `number` as the sheet counts, from 1."""
    return kept(say("Dòng {row}: {fault}", row=number, fault=fault))


def merged_places(sheet: Sheet) -> set[Place]:
    """Every place under a merge that lies below the sheet's title; wide ones are cut at what a sheet may hold."""
    last = len(sheet.rows)
    width = max((len(row) for row in sheet.rows), default=0)
    return {
        (row, column)
        for first, end in sheet.merges
        for row in range(first[0], min(end[0] + 1, last))
        for column in range(first[1], min(end[1] + 1, width))
    }


def kept(sentence: Sentence) -> Kept:
    """A sentence as JSON holds it."""
    values = {k: kept(v) if isinstance(v, Sentence) else v for k, v in sentence.values.items()}
    return {"text": sentence.text, "values": values}


def said(fault: Mapping[str, object]) -> Sentence:
    """A kept sentence back."""
    values = fault["values"]
    assert isinstance(values, dict)
    return Sentence(str(fault["text"]), {k: said(v) if isinstance(v, dict) else v for k, v in values.items()})
