"""What gates to bank notices share besides reading: the acts they do not offer, and asking for a list over HTTP."""

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import httpx2

from payments.gate import (
    Action,
    Asked,
    Capabilities,
    GateAway,
    GateRefused,
    HttpAnswer,
    Intent,
    NotOffered,
    ProviderState,
    RawRequest,
    RefundAsked,
    RefundState,
    StatementLine,
    Taken,
    VerifiedEvent,
)

ANSWER_MAX_BYTES = 8 * 1024 * 1024


class BankGate(ABC):
    """A provider that only tells of transfers into accounts of sellers: nothing is asked of it but its list."""

    name: str
    receiver = ""
    is_twin = False
    caps: Capabilities

    @abstractmethod
    def verify_callback(self, request: RawRequest) -> VerifiedEvent:
        """The event in a notice; raises BadSignature, Stale or Malformed."""

    @abstractmethod
    def acknowledge(self, event: VerifiedEvent | None, taken: Taken) -> HttpAnswer:
        """The answer in the provider's words."""

    @abstractmethod
    def test_callback(self, at: datetime) -> tuple[dict[str, str], bytes]:
        """Headers and body of a test that moves no money, signed with the gate's own key."""

    def list_transactions(self, since: datetime, until: datetime) -> AsyncIterator[StatementLine]:
        """Lines of the bank between two moments. Raises NotOffered."""
        raise NotOffered(f"{self.name} has no list")

    async def create(self, intent: Intent, *, idem_key: str) -> Action:
        """Never: the buyer pays the seller's account by VietQR."""
        raise NotOffered(f"{self.name} takes no payments")

    async def query(self, asked: Asked) -> ProviderState:
        """Never: what came is in the list."""
        raise NotOffered(f"{self.name} knows no payments")

    async def cancel(self, asked: Asked, *, idem_key: str) -> ProviderState:
        """Never."""
        raise NotOffered(f"{self.name} knows no payments")

    async def refund(
        self, asked: Asked, amount_dong: int, reason: str, *, idem_key: str, now: datetime
    ) -> RefundState:
        """Never: the seller transfers back by hand."""
        raise NotOffered(f"{self.name} gives nothing back")

    async def query_refund(self, refund: RefundAsked) -> RefundState:
        """Never."""
        raise NotOffered(f"{self.name} gives nothing back")


async def asked_for(
    client: httpx2.AsyncClient | None, url: str, params: Mapping[str, str], headers: Mapping[str, str]
) -> dict[str, Any]:
    """The JSON object that a GET answers. Raises NotOffered without a client, GateAway or GateRefused."""
    if client is None:
        raise NotOffered("no list is set up")
    try:
        answer = await client.get(url, params=dict(params), headers=dict(headers))
    except httpx2.HTTPError as lost:
        raise GateAway(f"{type(lost).__name__}: {lost}") from lost
    if answer.status_code in (408, 429) or answer.status_code >= 500:
        raise GateAway(f"HTTP {answer.status_code}")
    try:
        found = json.loads(answer.content[:ANSWER_MAX_BYTES])
    except (ValueError, RecursionError) as garbled:
        raise GateRefused(f"HTTP {answer.status_code}", "no JSON") from garbled
    if answer.status_code != 200 or not isinstance(found, dict):
        raise GateRefused(f"HTTP {answer.status_code}", str(found)[:200])
    return found
