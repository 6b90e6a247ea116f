"""VNPAY 2.1.0 (sandbox.vnpayment.vn/apis): the pay address, the IPN by GET, querydr and refund; HMAC-SHA512."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import parse_qsl, quote_plus, unquote_plus

import httpx2

from kit.wire import (
    JsonObject,
    asked,
    field_names,
    hmac_sha512,
    is_same,
    milliseconds,
    moment_of_stamp,
    needed,
    said,
    vietnam_stamp,
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
from payments.gates.names import VNPAY
from payments.qr import plain

NAME = VNPAY
VERSION = "2.1.0"
API = "/merchant_webapi/api/transaction"
SECURE_HASH, HASH_TYPE = "vnp_SecureHash", "vnp_SecureHashType"
SERVER_ADDRESS = "127.0.0.1"
AMOUNT_MIN_DONG, AMOUNT_MAX_DONG = 5_000, 500_000_000

# What each server call signs, joined by | (querydr&refund.html); the answers without their names' prefix too.
SIGNED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "querydr": field_names(
            "RequestId Version Command TmnCode TxnRef TransactionDate CreateDate IpAddr OrderInfo"
        ),
        "refund": field_names(
            "RequestId Version Command TmnCode TransactionType TxnRef Amount TransactionNo TransactionDate"
            " CreateBy CreateDate IpAddr OrderInfo"
        ),
        "querydr_answer": field_names(
            "ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate TransactionNo"
            " TransactionType TransactionStatus OrderInfo PromotionCode PromotionAmount"
        ),
        "refund_answer": field_names(
            "ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate TransactionNo"
            " TransactionType TransactionStatus OrderInfo"
        ),
    }
)
RESPONSES: Mapping[str, Outcome] = MappingProxyType(
    {
        "00": Outcome.SUCCEEDED,
        "07": Outcome.SUSPICIOUS,
        "11": Outcome.EXPIRED,
        "24": Outcome.CANCELLED,
        **dict.fromkeys(("09", "10", "12", "13", "51", "65", "75", "79", "99"), Outcome.FAILED),
    }
)
STATUSES: Mapping[str, Outcome] = MappingProxyType(
    {
        "00": Outcome.SUCCEEDED,
        "01": Outcome.PENDING,
        "02": Outcome.FAILED,
        "04": Outcome.REVERSED,
        **dict.fromkeys(("05", "06", "07", "09"), Outcome.SUSPICIOUS),
    }
)
REFUND_STATUSES: Mapping[str, Outcome] = MappingProxyType(
    {
        "00": Outcome.SUCCEEDED,
        "02": Outcome.FAILED,
        "05": Outcome.PENDING,
        "06": Outcome.PENDING,
        "09": Outcome.FAILED,
    }
)
ANSWERS: Mapping[Taken, tuple[str, str]] = MappingProxyType(
    {
        Taken.PROCESSED: ("00", "Confirm Success"),
        Taken.DUPLICATE: ("02", "Order already confirmed"),
        Taken.NOT_FOUND: ("01", "Order not found"),
        Taken.AMOUNT_MISMATCH: ("04", "Invalid amount"),
        Taken.BAD_SIGNATURE: ("97", "Invalid checksum"),
        Taken.MALFORMED: ("99", "Invalid request"),
        Taken.TEMPORARY_ERROR: ("99", "Unknown error"),
    }
)
FULL, PART = "02", "03"


@dataclass(frozen=True)
class VnpayKeys:
    """What VNPAY gives a merchant."""

    tmn_code: str
    secret: str


class Vnpay:
    """The gate to VNPAY. `pay_url` is the page's whole address, `api_url` the host of the merchants' API."""

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
        self,
        keys: VnpayKeys,
        pay_url: str,
        api_url: str,
        client: httpx2.AsyncClient,
        *,
        is_twin: bool = False,
    ) -> None:
        self._keys, self._pay_url, self._client = keys, pay_url, client
        self._api_url = api_url.rstrip("/") + API
        self.receiver, self.is_twin = keys.tmn_code, is_twin

    async def create(self, intent: Intent, *, idem_key: str) -> Action:
        """The signed address of the page where the buyer pays; nothing goes out, vnp_TxnRef makes it one order."""
        fields = {
            "vnp_Version": VERSION,
            "vnp_Command": "pay",
            "vnp_TmnCode": self._keys.tmn_code,
            "vnp_Amount": str(intent.amount_dong * 100),
            "vnp_CurrCode": VND,
            "vnp_TxnRef": intent.reference,
            "vnp_OrderInfo": simple(intent.words),
            "vnp_OrderType": "other",
            "vnp_Locale": "en" if intent.language == "en" else "vn",
            "vnp_ReturnUrl": intent.return_url,
            "vnp_IpAddr": intent.payer_address,
            "vnp_CreateDate": vietnam_stamp(intent.now),
            "vnp_ExpireDate": vietnam_stamp(intent.expires_at),
        }
        query = signed_text(fields)
        return Redirect(f"{self._pay_url}?{query}&{SECURE_HASH}={hmac_sha512(self._keys.secret, query)}")

    def verify_callback(self, request: RawRequest) -> VerifiedEvent:
        """An IPN: the raw `key=value` pieces of the query are sorted and hashed as they came, then read."""
        check_query(self._keys.secret, request.query)
        pairs = _pairs(request.query)
        reference, number = needed(pairs, "vnp_TxnRef", 100), needed(pairs, "vnp_TransactionNo", 20)
        response, status = needed(pairs, "vnp_ResponseCode", 4), said(pairs, "vnp_TransactionStatus")
        paid_at = said(pairs, "vnp_PayDate")
        return VerifiedEvent(
            provider=NAME,
            event_key=f"{reference}:{number}:{response}:{status}",
            kind=EventKind.PAYMENT,
            our_ref=reference,
            provider_ref=number if number != "0" else "",
            amount_dong=_dong(whole_of(pairs, "vnp_Amount")),
            currency=said(pairs, "vnp_CurrCode") or VND,
            occurred_at=moment_of_stamp(paid_at) if paid_at else request.at,
            outcome=outcome_of(response, status),
            digest=request.digest,
            receiver=needed(pairs, "vnp_TmnCode", 20),
            code=response if response != "00" else status or response,
        )

    def acknowledge(self, event: VerifiedEvent | None, taken: Taken) -> HttpAnswer:
        """200 with RspCode: 00 and 02 end it, anything else is sent again."""
        code, message = ANSWERS[taken]
        return json_answer(200, {"RspCode": code, "Message": message})

    async def query(self, asked: Asked) -> ProviderState:
        """How a payment stands (querydr)."""
        answer = await self._querydr(asked)
        if said(answer, "vnp_ResponseCode") == "91":
            return ProviderState(Outcome.NOT_FOUND, asked.reference, code="91")
        status = said(answer, "vnp_TransactionStatus")
        outcome = STATUSES.get(status, Outcome.PENDING)
        if said(answer, "vnp_TransactionType") in (FULL, PART):
            outcome = Outcome.SUSPICIOUS
        return ProviderState(
            outcome=outcome,
            our_ref=said(answer, "vnp_TxnRef"),
            provider_ref=said(answer, "vnp_TransactionNo").removeprefix("0"),
            amount_dong=_said_dong(answer),
            at=asked.now,
            code=status,
            words=said(answer, "vnp_Message"),
        )

    async def cancel(self, asked: Asked, *, idem_key: str) -> ProviderState:
        """VNPAY ends an unpaid order by vnp_ExpireDate."""
        raise NotOffered("VNPAY has no cancel")

    async def refund(
        self, asked: Asked, amount_dong: int, reason: str, *, idem_key: str, now: datetime
    ) -> RefundState:
        """Money back: the whole sum or a part of it. Closed for sandbox terminals."""
        body = {
            "vnp_RequestId": idem_key,
            "vnp_Version": VERSION,
            "vnp_Command": "refund",
            "vnp_TmnCode": self._keys.tmn_code,
            "vnp_TransactionType": FULL if amount_dong == asked.amount_dong else PART,
            "vnp_TxnRef": asked.reference,
            "vnp_Amount": str(amount_dong * 100),
            "vnp_TransactionNo": asked.provider_ref,
            "vnp_TransactionDate": vietnam_stamp(asked.asked_at),
            "vnp_CreateBy": "cho",
            "vnp_CreateDate": vietnam_stamp(now),
            "vnp_IpAddr": SERVER_ADDRESS,
            "vnp_OrderInfo": simple(reason),
        }
        answer = await self._ask("refund", body)
        return RefundState(
            REFUND_STATUSES.get(said(answer, "vnp_TransactionStatus"), Outcome.PENDING),
            said(answer, "vnp_TransactionNo"),
            _said_dong(answer),
            said(answer, "vnp_ResponseCode"),
            said(answer, "vnp_Message"),
        )

    async def query_refund(self, refund: RefundAsked) -> RefundState:
        """How a refund stands: querydr of its payment then speaks of the refund (types 02 and 03)."""
        answer = await self._querydr(refund.payment)
        if said(answer, "vnp_TransactionType") not in (FULL, PART):
            return RefundState(Outcome.NOT_FOUND, code=said(answer, "vnp_ResponseCode"))
        status = said(answer, "vnp_TransactionStatus")
        return RefundState(
            REFUND_STATUSES.get(status, Outcome.PENDING),
            said(answer, "vnp_TransactionNo"),
            _said_dong(answer),
            status,
        )

    async def list_transactions(self, since: datetime, until: datetime) -> AsyncIterator[StatementLine]:
        """VNPAY reconciles by files of its merchants' site."""
        raise NotOffered("VNPAY lists nothing")
        yield

    async def _querydr(self, asked: Asked) -> JsonObject:
        body = {
            "vnp_RequestId": f"Q{milliseconds(asked.now)}{asked.reference}"[:32],
            "vnp_Version": VERSION,
            "vnp_Command": "querydr",
            "vnp_TmnCode": self._keys.tmn_code,
            "vnp_TxnRef": asked.reference,
            "vnp_OrderInfo": simple(f"Hoi {asked.reference}"),
            "vnp_TransactionDate": vietnam_stamp(asked.asked_at),
            "vnp_CreateDate": vietnam_stamp(asked.now),
            "vnp_IpAddr": SERVER_ADDRESS,
        }
        return await self._ask("querydr", body)

    async def _ask(self, call: str, body: dict[str, str]) -> JsonObject:
        sent = {**body, SECURE_HASH: joined_hash(self._keys.secret, call, body)}
        answer = await asked(self._client, self._api_url, body=sent)
        code, words = said(answer, "vnp_ResponseCode"), said(answer, "vnp_Message")
        if code == "00" or (call == "querydr" and code == "91" and SECURE_HASH in answer):
            if not is_same(joined_hash(self._keys.secret, f"{call}_answer", answer), answer.get(SECURE_HASH)):
                raise GateUnsure("the answer's checksum does not fit")
            return answer
        if code == "91" and call == "querydr":
            return answer
        if code == "94":
            raise (
                GateUnsure(f"asked before: {words}") if call == "refund" else GateAway("asked too soon again")
            )
        if code in ("99", "98", "") or (call == "querydr" and code not in ("02", "03", "97")):
            raise GateUnsure(f"{code} {words}")
        raise GateRefused(code, words)


def signed_text(fields: Mapping[str, str]) -> str:
    """The text that is hashed and sent: fields that are not empty, by name, form-URL-encoded, joined by &."""
    return "&".join(f"{quote_plus(key)}={quote_plus(fields[key])}" for key in sorted(fields) if fields[key])


def check_query(secret: str, query: str) -> None:
    """Raises BadSignature unless the raw query carries the right vnp_SecureHash over its own pieces as they stand."""
    pieces = [piece for piece in query.split("&") if piece]
    sent = [piece.partition("=")[2] for piece in pieces if _key(piece) == SECURE_HASH]
    signed = sorted(
        (
            piece
            for piece in pieces
            if _key(piece).startswith("vnp_") and _key(piece) not in (SECURE_HASH, HASH_TYPE)
        ),
        key=_key,
    )
    full = [piece for piece in signed if piece.partition("=")[2]]
    if len(sent) != 1 or not secret or not signed:
        raise BadSignature("vnp_SecureHash must come exactly once")
    if not any(is_same(hmac_sha512(secret, "&".join(some)), sent[0]) for some in (signed, full)):
        raise BadSignature("vnp_SecureHash does not fit the query")


def joined_hash(secret: str, call: str, body: Mapping[str, object]) -> str:
    """The checksum of a server call or of its answer: values joined by | in the documented order."""
    return hmac_sha512(secret, "|".join(str(body.get(f"vnp_{name}") or "") for name in SIGNED[call]))


def outcome_of(response: str, status: str) -> Outcome:
    """What an IPN says: paid only when both codes are 00; a code nobody knows decides nothing."""
    if response == "00":
        return STATUSES.get(status, Outcome.PENDING)
    return RESPONSES.get(response, Outcome.PENDING)


def simple(words: str) -> str:
    """vnp_OrderInfo: no accents, no signs that encoders treat differently."""
    return plain(words, 255) or "Thanh toan"


def _key(piece: str) -> str:
    return unquote_plus(piece.partition("=")[0])


def _pairs(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=60)
    except ValueError as fault:
        raise Malformed(str(fault)) from fault
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Malformed("a field comes twice")
    return found


def _dong(hundredths: int) -> int:
    if hundredths % 100:
        raise Malformed("vnp_Amount is no whole đồng")
    return hundredths // 100


def _said_dong(answer: JsonObject) -> int | None:
    text = said(answer, "vnp_Amount")
    return int(text) // 100 if text.isascii() and text.isdecimal() and int(text) % 100 == 0 else None
