"""What SePay would send for a transfer, and when it would send it again. Pure."""

import json
from datetime import datetime

from payments.gate import StatementLine
from payments.gates.sepay import sign, write

NOTICE_PATH = "/payments/notices/sepay"
RETRY_MINUTES = (1, 1, 2, 3, 5, 8, 13)  # developer.sepay.vn, webhooks: seven repeats within some 33 minutes
SENDS_MAX = len(RETRY_MINUTES) + 1


def notice_body(
    event_id: int, *, gateway: str, account_number: str, amount_dong: int, content: str, at: datetime
) -> bytes:
    """The raw notice of money that came into an account; `event_id` stays the same on every repeat."""
    line = StatementLine(
        provider_ref=str(event_id),
        our_ref="",
        gateway=gateway,
        account_number=account_number,
        content=content,
        amount_dong=amount_dong,
        is_incoming=True,
        at=at,
        bank_reference=f"FT{event_id:012}",
    )
    return write(line)


def notice_headers(secret: str, raw: bytes, *, now: datetime, is_forged: bool) -> dict[str, str]:
    """The headers that go with a notice; a forged one is signed by somebody without the secret."""
    key = "forged " + secret if is_forged else secret
    return {**sign(key, int(now.timestamp()), raw), "Content-Type": "application/json"}


def was_taken(status: int, body: bytes) -> bool:
    """Whether an answer stops the repeats: 2xx with {"success": true}."""
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return 200 <= status < 300 and isinstance(answer, dict) and answer.get("success") is True


def mangled(content: str, how: str) -> str:
    """A transfer's content as banks deliver it: `as_is`, `wrapped` in the bank's own words, `loose`, `slipped`
    (two neighbours swapped), or `lost`."""
    if how == "wrapped":
        return f"MBVCB.6089412375.{content}.CT tu 0011004321987 NGUYEN VAN AN toi tai khoan nhan"
    if how == "slipped":
        return f"ck {content[:4]}{content[5:6]}{content[4:5]}{content[6:]} tra tien"
    if how == "loose":
        return f"ck {content[:4]} {content[4:7]}.{content[7:]} cam on".lower()
    return "CHUYEN TIEN" if how == "lost" else content
