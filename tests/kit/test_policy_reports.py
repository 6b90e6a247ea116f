"""Reports of the content policy: what is logged says nothing of anybody, and floods are not written down."""

import json
import logging
from typing import Any

import pytest

from kit.web.policy_reports import AN_ADDRESS_AN_HOUR, lines_of
from tests.conftest import Browser

PAGE = "http://test/orders/D7K2M9P4QX?phone=0912345678"


def old_form(**changes: str) -> bytes:
    told = {"document-uri": PAGE, "violated-directive": "script-src 'self'", "blocked-uri": "inline"}
    return json.dumps({"csp-report": {**told, **changes}}).encode()


def new_form(*bodies: dict[str, Any]) -> bytes:
    return json.dumps([{"type": "csp-violation", "url": PAGE, "body": body} for body in bodies]).encode()


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (old_form(), ["script-src by inline"]),
        (
            old_form(**{"blocked-uri": "https://a:b@evil.example/x?who=1"}),
            ["script-src by https://evil.example"],
        ),
        (old_form(**{"blocked-uri": "data"}), ["script-src by data"]),
        (old_form(**{"blocked-uri": "http://[::1"}), ["script-src by something"]),
        (
            new_form(
                {
                    "effectiveDirective": "style-src-attr",
                    "blockedURL": "inline",
                    "sourceFile": "http://test/static/js/till.js?v=1",
                }
            ),
            ["style-src-attr by inline in /static/js/till.js"],
        ),
        (new_form(*[{"effectiveDirective": "img-src", "blockedURL": "eval"}] * 9), ["img-src by eval"] * 5),
        (old_form(**{"violated-directive": "x\n2026 forged"}), []),
        (b"[" * 100_000, []),
        (b"no json", []),
        (b"\xff\xfe", []),
        (b"[1, null, {}]", []),
        (b'{"csp-report": [1]}', []),
    ],
)
def test_a_report_as_a_line(body: bytes, lines: list[str]) -> None:
    assert lines_of(body) == lines


async def test_reports_are_logged_without_anybody_and_within_limits(client: Browser, caplog: Any) -> None:
    caplog.set_level(logging.WARNING, "policy")
    first = await client.get("/sign-in")
    assert "report-uri /policy-reports" in first.headers["content-security-policy"]
    assert first.headers["reporting-endpoints"] == 'policy="/policy-reports"'
    for _ in range(AN_ADDRESS_AN_HOUR + 5):
        answer = await client.post("/policy-reports", content=old_form())
        assert answer.status_code == 204 and not answer.content
    lines = [record.getMessage() for record in caplog.records if record.name == "policy"]
    assert lines == ["content policy broken: script-src by inline"] * AN_ADDRESS_AN_HOUR
    assert (await client.post("/policy-reports", content=b"x" * 70_000)).status_code == 413
