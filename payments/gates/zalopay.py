"""ZaloPay v2 (docs.zalopay.vn): create, callback, query, refund; HMAC-SHA256, key1 asks and key2 answers."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

import httpx2

from kit.clock import VIETNAM
from kit.wire import (
    JsonObject,
    asked,
    hmac_sha256,
    is_same,
    json_object,
    milliseconds,
    moment_of_ms,
    needed,
    said,
    said_dong,
    text_of,
    whole_of,
)
from payments.gate import (
    VND,
    Action,
    Asked,
    BadSignature,
    Capabilities,
    EventKind,
    GateAway,
    GateRefused,
    GateUnsure,
    HttpAnswer,
    Intent,
    Malformed,
    NotOffered,
    Outcome,
    ProviderState,
    RawRequest,
    Redirect,
    RefundAsked,
    RefundState,
    StatementLine,
    Taken,
    VerifiedEvent,
    json_answer,
)
from payments.gates.names import ZALOPAY

NAME = ZALOPAY
PRODUCTION_URL = "https://openapi.zalopay.vn"
EXPIRE_MIN = timedelta(seconds=300)
EXPIRE_MAX = timedelta(seconds=2_592_000)
AMOUNT_MIN_DONG = 1_000

# The values that each call signs with key1, joined by |; a query signs key1 itself too.
SIGNED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "create": ("app_id", "app_trans_id", "app_user", "amount", "app_time", "embed_data", "item"),
        "query": ("app_id", "app_trans_id", "key1"),
        "refund": ("app_id", "zp_trans_id", "amount", "description", "timestamp"),
        "refund_with_fee": (
            "app_id",
            "zp_trans_id",
            "amount",
            "refund_fee_amount",
            "description",
            "timestamp",
        ),
        "query_refund": ("app_id", "m_refund_id", "timestamp"),
    }
)
QUERY_OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {"1": Outcome.SUCCEEDED, "2": Outcome.FAILED, "3": Outcome.PENDING, "-101": Outcome.REVERSED}
)
REFUND_OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {"1": Outcome.SUCCEEDED, "2": Outcome.FAILED, "3": Outcome.PENDING}
)
KNOWN_BEFORE, WAIT, UNSURE = "-68", frozenset({"-429"}), frozenset({"-500"})
ANSWERS: Mapping[Taken, tuple[int, str]] = MappingProxyType(
    {
        Taken.PROCESSED: (1, "success"),
        Taken.DUPLICATE: (1, "success"),
        Taken.NOT_FOUND: (1, "kept for review"),
        Taken.AMOUNT_MISMATCH: (1, "kept for review"),
        Taken.BAD_SIGNATURE: (-1, "mac not equal"),
        Taken.MALFORMED: (-1, "data not readable"),
        Taken.TEMPORARY_ERROR: (0, "call again"),
    }
)


@dataclass(frozen=True)
class ZalopayKeys:
    """What ZaloPay gives a merchant: key1 signs what we ask, key2 what ZaloPay tells."""

    app_id: str
    key1: str
    key2: str


class Zalopay:
    """The gate to ZaloPay."""

    name = NAME
    caps = Capabilities(
        redirect=True,
        refund=True,
        partial_refund=True,
        query_refund=True,
        amount_min_dong=AMOUNT_MIN_DONG,
        amount_max_dong=50_000_000,
    )

    def __init__(
        self, keys: ZalopayKeys, url: str, client: httpx2.AsyncClient, *, is_twin: bool = False
    ) -> None:
        self._keys, self._url, self._client = keys, url.rstrip("/"), client
        self.receiver, self.is_twin = keys.app_id, is_twin

    async def create(self, intent: Intent, *, idem_key: str) -> Action:
        """Asks for a page where the buyer pays; app_trans_id is what ZaloPay knows a repeat by (-68)."""
        left = min(max(intent.expires_at - intent.now, EXPIRE_MIN), EXPIRE_MAX)
        form = {
            "app_id": self._keys.app_id,
            "app_user": intent.code,
            "app_trans_id": trans_id(intent.reference, intent.now),
            "app_time": str(milliseconds(intent.now)),
            "expire_duration_seconds": str(int(left.total_seconds())),
            "amount": str(intent.amount_dong),
            "description": intent.words[:256],
            "item": "[]",
            "embed_data": json.dumps({"redirecturl": intent.return_url}, separators=(",", ":")),
            "bank_code": "",
            "callback_url": intent.callback_url,
        }
        answer = await self._ask("create", form)
        if said(answer, "return_code") != "1":
            raise GateRefused(said(answer, "sub_return_code"), said(answer, "sub_return_message"))
        if not said(answer, "order_url"):
            raise GateUnsure("ZaloPay gave no page to pay on")
        return Redirect(said(answer, "order_url"))

    def verify_callback(self, request: RawRequest) -> VerifiedEvent:
        """A callback: `mac` is over the text of `data` exactly as it came, which is read only after it fits."""
        try:
            body = json_object(request.body)
            signed = text_of(body, "data", 16_000)
        except Malformed as garbled:
            raise BadSignature(f"no mac can be read: {garbled}") from garbled
        if not is_same(hmac_sha256(self._keys.key2, signed), body.get("mac")):
            raise BadSignature("the mac does not fit the data")
        if said(body, "type") not in ("", "1"):
            raise Malformed("not about an order")
        found = json_object(signed.encode())
        transaction = needed(found, "zp_trans_id", 40)
        return VerifiedEvent(
            provider=NAME,
            event_key=transaction,
            kind=EventKind.PAYMENT,
            our_ref=reference_of(needed(found, "app_trans_id", 40)),
            provider_ref=transaction,
            amount_dong=whole_of(found, "amount"),
            currency=VND,
            occurred_at=moment_of_ms(found, "server_time"),
            outcome=Outcome.SUCCEEDED,
            digest=request.digest,
            receiver=needed(found, "app_id", 20),
            code="1",
        )

    def acknowledge(self, event: VerifiedEvent | None, taken: Taken) -> HttpAnswer:
        """200 with a return_code: 1 ends it, -1 is a wrong mac, 0 asks for a repeat (three at most)."""
        code, message = ANSWERS[taken]
        return json_answer(200, {"return_code": code, "return_message": message})

    async def query(self, asked: Asked) -> ProviderState:
        """How a payment stands."""
        form = {"app_id": self._keys.app_id, "app_trans_id": trans_id(asked.reference, asked.asked_at)}
        answer = await self._ask("query", form)
        code = said(answer, "return_code")
        outcome = QUERY_OUTCOMES.get(code, Outcome.PENDING)
        if answer.get("is_processing") is True:
            outcome = Outcome.PENDING
        return ProviderState(
            outcome=outcome,
            our_ref=asked.reference,
            provider_ref=said(answer, "zp_trans_id") if outcome is Outcome.SUCCEEDED else "",
            amount_dong=said_dong(answer, "amount") if outcome is Outcome.SUCCEEDED else None,
            at=asked.now,
            code=code,
            words=said(answer, "return_message"),
        )

    async def cancel(self, asked: Asked, *, idem_key: str) -> ProviderState:
        """ZaloPay ends an unpaid order by itself."""
        raise NotOffered("ZaloPay has no cancel")

    async def refund(
        self, asked: Asked, amount_dong: int, reason: str, *, idem_key: str, now: datetime
    ) -> RefundState:
        """Money back; it is worked later, so that mostly query_refund tells the end."""
        form = {
            "app_id": self._keys.app_id,
            "m_refund_id": self._refund_id(idem_key, now),
            "zp_trans_id": asked.provider_ref,
            "amount": str(amount_dong),
            "timestamp": str(milliseconds(now)),
            "description": reason[:100],
        }
        answer = await self._ask("refund", form)
        return _refund_state(answer, "refund_id")

    async def query_refund(self, refund: RefundAsked) -> RefundState:
        """How a refund stands."""
        form = {
            "app_id": self._keys.app_id,
            "m_refund_id": self._refund_id(refund.reference, refund.asked_at),
            "timestamp": str(milliseconds(refund.now)),
        }
        return _refund_state(await self._ask("query_refund", form), "refund_id")

    async def list_transactions(self, since: datetime, until: datetime) -> AsyncIterator[StatementLine]:
        """ZaloPay reconciles by files of a contract."""
        raise NotOffered("ZaloPay lists nothing")
        yield

    def _refund_id(self, reference: str, asked_at: datetime) -> str:
        return f"{_day(asked_at)}_{self._keys.app_id}_{reference}"

    async def _ask(self, call: str, form: dict[str, str]) -> JsonObject:
        answer = await asked(
            self._client, f"{self._url}/v2/{call}", form={**form, "mac": mac(self._keys.key1, call, form)}
        )
        code, more = said(answer, "return_code"), said(answer, "sub_return_code")
        if more in WAIT:
            raise GateAway(f"{code} {more}")
        if not code or more in UNSURE or (call in ("create", "refund") and more == KNOWN_BEFORE):
            raise GateUnsure(f"{code} {more} {said(answer, 'return_message')}")
        return answer


def mac(key1: str, call: str, form: Mapping[str, str]) -> str:
    """The mac of a call: its values joined by | in the documented order, under key1."""
    values: Sequence[str] = [{**form, "key1": key1}.get(name, "") for name in SIGNED[call]]
    return hmac_sha256(key1, "|".join(values))


def trans_id(reference: str, asked_at: datetime) -> str:
    """app_trans_id: yymmdd of Vietnam's calendar, then our reference."""
    return f"{_day(asked_at)}_{reference}"


def reference_of(app_trans_id: str) -> str:
    """Our reference in an app_trans_id."""
    return app_trans_id.partition("_")[2]


def _day(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime("%y%m%d")


def _refund_state(answer: JsonObject, reference_field: str) -> RefundState:
    code = said(answer, "return_code")
    return RefundState(
        outcome=REFUND_OUTCOMES.get(code, Outcome.PENDING),
        provider_ref=said(answer, reference_field),
        code=said(answer, "sub_return_code") or code,
        words=said(answer, "return_message"),
    )
