"""payOS payment links of a seller: made, looked up and taken back (payos.vn/docs/api).

The money goes straight to the seller's account. Requests are signed over five fields in their order,
answers over the sorted fields of `data`, with the checksum key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2

from kit.wire import ANSWER_MAX_BYTES, TIMEOUT_SECONDS, asked, hmac_sha256, is_same
from payments.gate import GateAway, GateRefused, GateUnsure
from payments.gates.bank_lines import json_object
from payments.gates.payos import signature

API_URL = "https://api-merchant.payos.vn"
PAY_URL = "https://pay.payos.vn/web/"
OK, EXISTS, NOT_FOUND = "00", "231", "101"
DESCRIPTION_MAX = 9  # what accounts that are not linked inside payOS may hold
CANCELLED_BECAUSE = "Đơn đã trả tiền cách khác"
OPEN_STATES = ("PENDING", "UNDERPAID", "PROCESSING")
_SIGNED = ("amount", "cancelUrl", "description", "orderCode", "returnUrl")


@dataclass(frozen=True)
class LinkWanted:
    """A link as it is asked for: `order_code` is ours and unique; addresses are absolute."""

    order_code: int
    amount_dong: int
    description: str
    return_url: str
    expires_at: datetime


@dataclass(frozen=True)
class LinkMade:
    """A link as payOS knows it. `url` is "" when nobody may pay on it any more."""

    link_id: str
    url: str
    amount_dong: int


class PayosLinks:
    """payOS under one seller's keys."""

    def __init__(
        self,
        client_id: str,
        api_key: str,
        checksum_key: str,
        client: httpx2.AsyncClient,
        *,
        api_url: str = API_URL,
        pay_url: str = PAY_URL,
    ) -> None:
        self._headers = {"x-client-id": client_id, "x-api-key": api_key}
        self._checksum_key, self._client = checksum_key, client
        self._requests, self._pay_url = f"{api_url}/v2/payment-requests", pay_url

    async def create(self, wanted: LinkWanted) -> LinkMade:
        """Makes the link; the one that stands when this order code was asked before.

        Raises GateAway when nothing was taken, GateUnsure when it may have been, GateRefused.
        """
        body: dict[str, object] = {
            "orderCode": wanted.order_code,
            "amount": wanted.amount_dong,
            "description": wanted.description[:DESCRIPTION_MAX],
            "returnUrl": wanted.return_url,
            "cancelUrl": wanted.return_url,
            "expiredAt": int(wanted.expires_at.timestamp()),
        }
        body["signature"] = create_signature(self._checksum_key, body)
        answer = await asked(self._client, self._requests, body=body, headers=self._headers)
        if answer.get("code") == EXISTS:
            known = await self.find(wanted.order_code)
            if known is None:
                raise GateUnsure("the order code is taken and not to be found")
            return known
        return self._made(answer)

    async def find(self, order_code: int) -> LinkMade | None:
        """The link of this order code; None when there is none. Raises as create does."""
        url = f"{self._requests}/{order_code}"
        try:
            answer = await self._client.get(url, headers=self._headers, timeout=TIMEOUT_SECONDS)
        except httpx2.HTTPError as lost:
            raise GateAway(f"{type(lost).__name__}: {lost}") from lost
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            raise GateAway(f"HTTP {answer.status_code}")
        try:
            found = json_object(answer.content[:ANSWER_MAX_BYTES])
        except ValueError as garbled:
            raise GateUnsure(f"the answer is garbled: {garbled}") from garbled
        if answer.status_code == 404 or found.get("code") == NOT_FOUND:
            return None
        return self._made(found)

    async def cancel(self, order_code: int) -> LinkMade:
        """Takes the link back: nobody may pay on it any more. Raises as create does."""
        url, body = f"{self._requests}/{order_code}/cancel", {"cancellationReason": CANCELLED_BECAUSE}
        return self._made(await asked(self._client, url, body=body, headers=self._headers))

    def _made(self, answer: Mapping[str, Any]) -> LinkMade:
        if answer.get("code") != OK:
            raise GateRefused(str(answer.get("code"))[:20], str(answer.get("desc"))[:200])
        told = answer.get("data")
        if not isinstance(told, dict) or not is_same(
            signature(self._checksum_key, told), answer.get("signature")
        ):
            raise GateUnsure("the answer is not signed with the checksum key")
        link_id = str(told.get("paymentLinkId") or told.get("id") or "")[:64]
        if not link_id.isalnum():
            raise GateUnsure("the answer names no link")
        url = f"{self._pay_url}{link_id}" if told.get("status") in OPEN_STATES else ""
        return LinkMade(link_id, url, int(str(told.get("amount", 0))))


def create_signature(checksum_key: str, body: Mapping[str, object]) -> str:
    """HMAC-SHA256 over the five fields that are signed, in the order of their names, with plain values."""
    return hmac_sha256(checksum_key, "&".join(f"{name}={body[name]}" for name in _SIGNED))
