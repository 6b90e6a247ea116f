"""MoMo's All-In-One v2 (developers.momo.vn/v3): create, IPN, query, refund; HMAC-SHA256 over fixed field lists."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import httpx2

from kit.wire import (
    JsonObject,
    asked,
    field_names,
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
from payments.gates.names import MOMO

NAME = MOMO
PRODUCTION_URL = "https://payment.momo.vn"
API = "/v2/gateway/api"
REQUEST_TYPE = "captureWallet"
AMOUNT_MIN_DONG, AMOUNT_MAX_DONG = 1_000, 50_000_000

# The keys that are signed, in alphabetical order; accessKey takes part in the text but not in a callback's body.
SIGNED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "create": field_names(
            "accessKey amount extraData ipnUrl orderId orderInfo partnerCode redirectUrl requestId"
            " requestType"
        ),
        "created": field_names(
            "accessKey amount orderId partnerCode payUrl requestId responseTime resultCode"
        ),
        "ipn": field_names(
            "accessKey amount extraData message orderId orderInfo orderType partnerCode payType requestId"
            " responseTime resultCode transId"
        ),
        "query": ("accessKey", "orderId", "partnerCode", "requestId"),
        "refund": field_names("accessKey amount description orderId partnerCode requestId transId"),
        "confirm": field_names("accessKey amount description orderId partnerCode requestId requestType"),
    }
)

OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "0": Outcome.SUCCEEDED,
        "9000": Outcome.SUCCEEDED,  # authorised: final, because every payment asks to be captured by itself
        "1000": Outcome.PENDING,
        "7000": Outcome.PENDING,
        "7002": Outcome.PENDING,
        "8000": Outcome.PENDING,
        "1003": Outcome.CANCELLED,
        "1005": Outcome.EXPIRED,
        "1006": Outcome.CANCELLED,
        "1017": Outcome.CANCELLED,
        "42": Outcome.NOT_FOUND,
        **dict.fromkeys(
            ("98", "99", "1001", "1002", "1004", "1007", "1026", "2019", "4001", "4002", "4100"),
            Outcome.FAILED,
        ),
    }
)
WAIT = frozenset({"10", "43", "1080"})  # maintenance, a conflicting request under way, a refund under way
KNOWN_BEFORE = frozenset(
    {"40", "41"}
)  # requestId or orderId came before: it was taken, what became of it is asked
REFUSED = frozenset({"11", "12", "13", "20", "21", "22", "45", "47", "1081", "1088"})


@dataclass(frozen=True)
class MomoKeys:
    """What MoMo gives a merchant."""

    partner_code: str
    access_key: str
    secret_key: str


class Momo:
    """The gate to MoMo."""

    name = NAME
    caps = Capabilities(
        redirect=True,
        refund=True,
        partial_refund=True,
        query_refund=True,
        amount_min_dong=AMOUNT_MIN_DONG,
        amount_max_dong=AMOUNT_MAX_DONG,
    )

    def __init__(
        self, keys: MomoKeys, url: str, client: httpx2.AsyncClient, *, is_twin: bool = False
    ) -> None:
        self._keys, self._url, self._client = keys, url.rstrip("/") + API, client
        self.receiver, self.is_twin = keys.partner_code, is_twin

    async def create(self, intent: Intent, *, idem_key: str) -> Action:
        """Asks for a page where the buyer pays; the same key again is told apart by MoMo (codes 40, 41)."""
        body: JsonObject = {
            "partnerCode": self._keys.partner_code,
            "requestId": idem_key,
            "amount": intent.amount_dong,
            "orderId": intent.reference,
            "orderInfo": intent.words,
            "redirectUrl": intent.return_url,
            "ipnUrl": intent.callback_url,
            "requestType": REQUEST_TYPE,
            "extraData": "",
            "lang": "en" if intent.language == "en" else "vi",
            "autoCapture": True,
        }
        answer = await self._ask("create", body)
        self._check_created(answer, intent, idem_key)
        if said(answer, "resultCode") != "0" or not said(answer, "payUrl"):
            raise GateUnsure("MoMo gave no page to pay on")
        return Redirect(said(answer, "payUrl"))

    def verify_callback(self, request: RawRequest) -> VerifiedEvent:
        """An IPN. Its signature lies inside the JSON, so only that is read before it fits."""
        try:
            body = json_object(request.body)
        except Malformed as garbled:
            raise BadSignature(f"no signature can be read: {garbled}") from garbled
        if not is_same(signature(self._keys, "ipn", body), body.get("signature")):
            raise BadSignature("the signature does not fit the body")
        reference, transaction = needed(body, "orderId", 200), needed(body, "transId", 40)
        code = needed(body, "resultCode", 10)
        return VerifiedEvent(
            provider=NAME,
            event_key=f"{reference}:{transaction}:{code}",
            kind=EventKind.PAYMENT,
            our_ref=reference,
            provider_ref=transaction,
            amount_dong=whole_of(body, "amount"),
            currency=VND,
            occurred_at=moment_of_ms(body, "responseTime"),
            outcome=OUTCOMES.get(code, Outcome.PENDING),
            digest=request.digest,
            receiver=text_of(body, "partnerCode"),
            code=code,
        )

    def acknowledge(self, event: VerifiedEvent | None, taken: Taken) -> HttpAnswer:
        """204 and nothing else, within fifteen seconds; only a fault of ours asks for a repeat."""
        if taken is Taken.BAD_SIGNATURE:
            return json_answer(401, {"resultCode": 13, "message": "bad signature"})
        if taken is Taken.MALFORMED:
            return json_answer(400, {"resultCode": 20, "message": "bad format"})
        return HttpAnswer(500 if taken is Taken.TEMPORARY_ERROR else 204)

    async def query(self, asked: Asked) -> ProviderState:
        """How a payment stands."""
        answer = await self._query(asked.reference, asked.now)
        code = said(answer, "resultCode")
        outcome = OUTCOMES.get(code, Outcome.PENDING)
        has_amount = outcome is Outcome.SUCCEEDED
        return ProviderState(
            outcome=outcome,
            our_ref=said(answer, "orderId") or asked.reference,
            provider_ref=said(answer, "transId"),
            amount_dong=said_dong(answer, "amount") if has_amount else None,
            at=asked.now,
            code=code,
            words=said(answer, "message"),
        )

    async def cancel(self, asked: Asked, *, idem_key: str) -> ProviderState:
        """MoMo ends an unpaid order by itself."""
        raise NotOffered("MoMo cancels only what was authorised and not captured")

    async def refund(
        self, asked: Asked, amount_dong: int, reason: str, *, idem_key: str, now: datetime
    ) -> RefundState:
        """Money back, all or a part; the refund is an order of its own under `idem_key`."""
        if not AMOUNT_MIN_DONG <= amount_dong <= AMOUNT_MAX_DONG:
            raise GateRefused("22", "a refund is from 1,000 to 50,000,000 đồng")
        if not asked.provider_ref.isdecimal():
            raise GateRefused("42", "only what was paid can be given back")
        body: JsonObject = {
            "partnerCode": self._keys.partner_code,
            "orderId": idem_key,
            "requestId": idem_key,
            "amount": amount_dong,
            "transId": int(asked.provider_ref),
            "lang": "vi",
            "description": reason,
        }
        answer = await self._ask("refund", body)
        return _refund_state(answer)

    async def query_refund(self, refund: RefundAsked) -> RefundState:
        """How a refund stands: the order's query lists its refunds."""
        answer = await self._query(refund.payment.reference, refund.now)
        listed = answer.get("refundTrans")
        for one in listed if isinstance(listed, list) else []:
            if isinstance(one, dict) and one.get("orderId") == refund.reference:
                return _refund_state(one)
        return RefundState(Outcome.NOT_FOUND)

    async def list_transactions(self, since: datetime, until: datetime) -> AsyncIterator[StatementLine]:
        """MoMo has no list for merchants outside its own site."""
        raise NotOffered("MoMo lists nothing")
        yield

    async def _query(self, reference: str, now: datetime) -> JsonObject:
        body: JsonObject = {
            "partnerCode": self._keys.partner_code,
            "requestId": f"{reference}Q{milliseconds(now)}",
            "orderId": reference,
            "lang": "vi",
        }
        return await self._ask("query", body)

    async def _ask(self, call: str, body: JsonObject) -> JsonObject:
        answer = await asked(
            self._client, f"{self._url}/{call}", body={**body, "signature": signature(self._keys, call, body)}
        )
        code, words = said(answer, "resultCode"), said(answer, "message")
        if code in WAIT:
            raise GateAway(f"{code} {words}")
        if code in KNOWN_BEFORE:
            raise GateUnsure(f"{code} {words}")
        is_final_no = call != "query" and OUTCOMES.get(code) not in (Outcome.SUCCEEDED, Outcome.PENDING)
        if code in REFUSED or (is_final_no and code in OUTCOMES):
            raise GateRefused(code, words)
        if code not in OUTCOMES:
            raise GateUnsure(f"unknown result code {code!r}")
        return answer

    def _check_created(self, answer: JsonObject, intent: Intent, idem_key: str) -> None:
        """An answer that is signed must be signed rightly, and it must speak of what was asked."""
        if "signature" in answer and not is_same(
            signature(self._keys, "created", answer), answer["signature"]
        ):
            raise GateUnsure("the answer's signature does not fit")
        said = (answer.get("orderId"), answer.get("requestId"), answer.get("amount"))
        if said != (intent.reference, idem_key, str(intent.amount_dong)):
            raise GateUnsure(f"the answer speaks of something else: {said}")


def signature(keys: MomoKeys, call: str, body: Mapping[str, object]) -> str:
    """The signature of a call: `key=value` joined by &, keys in alphabetical order, values as they stand."""
    values = {**body, "accessKey": keys.access_key}
    text = "&".join(f"{key}={_plain(values.get(key))}" for key in SIGNED[call])
    return hmac_sha256(keys.secret_key, text)


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _refund_state(answer: JsonObject) -> RefundState:
    code = said(answer, "resultCode")
    outcome = OUTCOMES.get(code, Outcome.PENDING)
    return RefundState(
        outcome=outcome if outcome in (Outcome.SUCCEEDED, Outcome.PENDING) else Outcome.FAILED,
        provider_ref=said(answer, "transId"),
        amount_dong=said_dong(answer, "amount"),
        code=code,
        words=said(answer, "message"),
    )
