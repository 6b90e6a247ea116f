"""Mangled transfer texts: no false match ever, and 99 of 100 codes found that can be found; slips told from others."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.mangling import SLIPS, cases, payments_made, read
from bench.matching import figures, missed
from kit.codes import new_code
from payments.matching import Verdict
from payments.transfer_text import nearly_said

CODES = [new_code("DH", random.Random(7).randrange) for _ in range(400)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_false_match_and_99_of_100_found(seed: int) -> None:
    *kinds, whole = figures(seed, of_each=2)
    assert int(whole["texts"]) >= 500 and int(whole["recoverable"]) >= 450
    assert [row["kind"] for row in kinds if row["false"]] == []
    assert int(whole["found"]) >= 0.99 * int(whole["recoverable"]), missed(seed, of_each=2)


def test_every_kind_of_text_is_among_them() -> None:
    rows = {str(row["kind"]): row for row in figures(4, of_each=1)}
    assert {"small letters", "cut at the end", "two changed", "two codes, their sum"} <= set(rows)
    assert all(int(row["texts"]) >= 12 for row in rows.values())


def test_a_slip_with_another_sum_or_another_account_is_for_a_person() -> None:
    population = payments_made(random.Random(5))
    others = [case for case in cases(5, 1) if not case.is_recoverable]
    assert others
    for case in others:
        verdict, codes = read(case, population)
        assert codes == () or (verdict is Verdict.MATCHED and set(codes) <= set(case.meant))


@given(st.sampled_from(CODES), st.sampled_from(sorted(SLIPS)), st.integers(0, 2**32))
def test_one_slip_names_its_own_code_only(code: str, slip: str, seed: int) -> None:
    said = SLIPS[slip](code, random.Random(seed))
    assert nearly_said(CODES, f"ck {said.lower()} cam on") == code


@given(st.text())
def test_other_texts_name_nearly_nothing(text: str) -> None:
    assert nearly_said(CODES, text, None) is None


def test_what_lies_near_two_codes_names_none() -> None:
    code, alike = "DH7K3M9PXJ", "DH7K3M9QWJ"
    assert nearly_said([code], "DH7K3M9QXJ") == code
    assert nearly_said([code, alike], "DH7K3M9QXJ") is None
    assert nearly_said([code, CODES[0]], "DH7K3M9PX", CODES[0][1:]) is None
    assert nearly_said([], "DH7K3M9PXJ") is None
