"""The pretend bank and the real gate agree: what one writes the other reads, and a forgery never passes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.codes import new_code
from payments.sepay_gate import ACKNOWLEDGED, BadSignature, StaleNotice, verify
from payments.transfer_text import candidate_codes
from payments.twins.sepay import RETRY_MINUTES, SENDS_MAX, mangled, notice_body, notice_headers, was_taken

NOW = datetime(2026, 3, 25, 7, 2, 40, tzinfo=UTC)
SECRET = "khoa-thu-nghiem"
contents = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=120).map(
    str.strip
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def body(event_id: int = 7, amount_dong: int = 35_000, content: str = "", at: datetime = NOW) -> bytes:
    return notice_body(
        event_id,
        gateway="Vietcombank",
        account_number="0123456789",
        amount_dong=amount_dong,
        content=content,
        at=at,
    )


@given(
    event_id=st.integers(1, 2**63 - 1), amount_dong=st.integers(1, 500_000_000), content=contents, at=moments
)
def test_what_the_twin_tells_the_gate_reads(
    event_id: int, amount_dong: int, content: str, at: datetime
) -> None:
    raw = body(event_id, amount_dong, content, at)
    notice = verify(raw, notice_headers(SECRET, raw, now=NOW, is_forged=False), SECRET, NOW)
    assert (notice.event_key, notice.amount_dong, notice.content) == (str(event_id), amount_dong, content)
    assert (notice.account_number, notice.is_incoming, notice.at) == (
        "0123456789",
        True,
        at.replace(microsecond=0),
    )


@given(secret=st.text("abcdef0123456789", min_size=1), content=contents)
def test_a_forgery_never_passes(secret: str, content: str) -> None:
    raw = body(content=content)
    with pytest.raises(BadSignature):
        verify(raw, notice_headers(secret, raw, now=NOW, is_forged=True), secret, NOW)


def test_a_notice_kept_for_too_long_is_stale_but_a_repeat_is_signed_anew() -> None:
    raw = body()
    later = NOW + timedelta(minutes=13)
    with pytest.raises(StaleNotice):
        verify(raw, notice_headers(SECRET, raw, now=NOW, is_forged=False), SECRET, later)
    assert (
        verify(raw, notice_headers(SECRET, raw, now=later, is_forged=False), SECRET, later).event_key == "7"
    )


def test_a_repeat_has_the_same_body() -> None:
    assert body() == body()


@pytest.mark.parametrize("how", ["as_is", "wrapped", "loose"])
def test_the_code_is_found_in_what_banks_make_of_it(how: str) -> None:
    for _ in range(200):
        code = new_code("DH")
        assert code in candidate_codes(mangled(code, how))


def test_a_lost_content_names_nobody() -> None:
    assert candidate_codes(mangled(new_code("DH"), "lost"), prefix="DH") == []


@pytest.mark.parametrize(
    ("status", "answer", "taken"),
    [
        (200, b'{"success": true}', True),
        (201, b'{"success":true,"id":1}', True),
        (200, b'{"success": false}', False),
        (200, b'{"success": "true"}', False),
        (200, b"[true]", False),
        (200, b"", False),
        (200, b"\xff", False),
        (302, b'{"success": true}', False),
        (401, b'{"success": true}', False),
        (500, b'{"success": true}', False),
    ],
)
def test_only_2xx_with_success_stops_the_repeats(status: int, answer: bytes, taken: bool) -> None:
    assert was_taken(status, answer) is taken


def test_the_repeats_are_sepays() -> None:
    assert (sum(RETRY_MINUTES), SENDS_MAX, dict(ACKNOWLEDGED)) == (33, 8, {"success": True})
