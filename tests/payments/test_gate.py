"""What all gates share: reading a callback's parts, its mark, and the shape of an answer."""

from datetime import UTC, datetime

from payments.gate import Outcome, RawRequest, json_answer

NOW = datetime(2026, 3, 25, 7, 0, tzinfo=UTC)


def request(body: bytes = b"{}", query: str = "") -> RawRequest:
    return RawRequest("POST", query, {"Stripe-Signature": "t=1"}, body, NOW)


def test_a_header_is_found_in_any_case() -> None:
    assert request().header("stripe-signature") == "t=1"
    assert request().header("X-Missing") == ""


def test_the_mark_differs_with_the_body_and_with_the_query() -> None:
    marks = {request().digest, request(b"[]").digest, request(query="a=1").digest, request(b"{}?a=1").digest}
    assert len(marks) == 4 and request().digest == request().digest


def test_only_what_may_still_change_is_asked_again() -> None:
    assert {one for one in Outcome if not one.is_final} == {
        Outcome.PENDING,
        Outcome.AUTHORIZED,
        Outcome.SUSPICIOUS,
    }


def test_an_answer_is_compact_json_in_utf8() -> None:
    answer = json_answer(200, {"RspCode": "00", "Message": "Đã nhận"})
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert answer.body == '{"RspCode":"00","Message":"Đã nhận"}'.encode()
