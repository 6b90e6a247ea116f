"""Mobile Money of an operator: redirect, callback and query in the manner of the ViettelPay gateway 2.0.

No operator publishes its merchants' API: what is fixed here is the shape, what differs by contract is the signer
(payments/gates/signers.py), the address and the merchant's code.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode

import httpx2

from kit.wire import JsonObject, asked, needed, said, said_dong, whole_of
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
from payments.gates.names import MOBILE_MONEY
from payments.gates.signers import Signer

NAME = MOBILE_MONEY
VERSION = "2.0"
CHECK_SUM = "check_sum"
AMOUNT_MIN_DONG, AMOUNT_MAX_DONG = 1_000, 100_000_000  # Decree 368/2025: 100 million a month and provider

OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "00": Outcome.SUCCEEDED,
        "W04": Outcome.EXPIRED,
        "V06": Outcome.CANCELLED,
        "M04": Outcome.NOT_FOUND,
        "813": Outcome.PENDING,
        "99": Outcome.PENDING,
        **dict.fromkeys(("V02", "22", "V03", "16", "V04", "V05", "M02", "M03"), Outcome.FAILED),
    }
)
STATUSES: Mapping[str, Outcome] = MappingProxyType(
    {
        "1": Outcome.SUCCEEDED,
        "0": Outcome.PENDING,
        "-1": Outcome.PENDING,
        "2": Outcome.FAILED,
        "4": Outcome.CANCELLED,
    }
)
WAIT = "S_MAINTAIN"
REFUSED = frozenset(
    {"V01", "M01"}
)  # our check sum, our merchant code: ours to mend, asking again changes nothing
ANSWERS: Mapping[Taken, tuple[int, str]] = MappingProxyType(
    {
        Taken.PROCESSED: (200, "00"),
        Taken.DUPLICATE: (200, "00"),
        Taken.NOT_FOUND: (200, "01"),
        Taken.AMOUNT_MISMATCH: (200, "04"),
        Taken.BAD_SIGNATURE: (401, "V01"),
        Taken.MALFORMED: (400, "02"),
        Taken.TEMPORARY_ERROR: (500, "99"),
    }
)


class MobileMoney:
    """The gate to an operator of Mobile Money. `url` is the gateway's host."""

    name = NAME
    caps = Capabilities(
        redirect=True,
        refund=True,
        query_refund=True,
        partial_refund=True,
        amount_min_dong=AMOUNT_MIN_DONG,
        amount_max_dong=AMOUNT_MAX_DONG,
    )

    def __init__(
        self,
        merchant_code: str,
        signer: Signer,
        url: str,
        client: httpx2.AsyncClient,
        *,
        is_twin: bool = False,
    ) -> None:
        self._signer, self._url, self._client = signer, url.rstrip("/"), client
        self.receiver, self.is_twin = merchant_code, is_twin

    async def create(self, intent: Intent, *, idem_key: str) -> Action:
        """The signed address of the operator's page; nothing goes out, billcode and order_id make it one order."""
        fields = self._signed(
            {
                "version": VERSION,
                "command": "PAYMENT",
                "merchant_code": self.receiver,
                "billcode": intent.code,
                "order_id": intent.reference,
                "trans_amount": str(intent.amount_dong),
                "desc": intent.words,
                "locale": "En" if intent.language == "en" else "Vi",
                "return_url": intent.return_url,
                "cancel_url": intent.return_url,
            }
        )
        return Redirect(f"{self._url}/payment?{urlencode(fields)}")

    def verify_callback(self, request: RawRequest) -> VerifiedEvent:
        """The operator's POST of form fields; they are split, checked, and only then read."""
        fields = _fields(request.body)
        signature = fields.pop(CHECK_SUM, "") or request.header("Signature")
        if not signature or not self._signer.fits(fields, signature):
            raise BadSignature("check_sum does not fit the fields")
        reference, code = needed(fields, "order_id", 40), needed(fields, "error_code", 20)
        transaction, status = said(fields, "vt_transaction_id"), said(fields, "payment_status")
        return VerifiedEvent(
            provider=NAME,
            event_key=f"{reference}:{transaction}:{code}:{status}",
            kind=EventKind.PAYMENT,
            our_ref=reference,
            provider_ref=transaction[:80],
            amount_dong=whole_of(fields, "trans_amount"),
            currency=VND,
            occurred_at=request.at,
            outcome=outcome_of(code, status),
            digest=request.digest,
            receiver=needed(fields, "merchant_code", 40),
            code=code,
        )

    def acknowledge(self, event: VerifiedEvent | None, taken: Taken) -> HttpAnswer:
        """The operator's own result codes back."""
        status, code = ANSWERS[taken]
        reference = event.our_ref if event else ""
        return json_answer(
            status, {"error_code": code, "merchant_code": self.receiver, "order_id": reference}
        )

    async def query(self, asked: Asked) -> ProviderState:
        """How a payment stands (TRANS_INQUIRY)."""
        answer = await self._ask("TRANS_INQUIRY", {"order_id": asked.reference})
        code, status = said(answer, "error_code"), said(answer, "payment_status")
        outcome = outcome_of(code, status)
        return ProviderState(
            outcome=outcome,
            our_ref=said(answer, "order_id"),
            provider_ref=said(answer, "vt_transaction_id"),
            amount_dong=said_dong(answer, "trans_amount") if outcome is Outcome.SUCCEEDED else None,
            at=asked.now,
            code=code,
        )

    async def cancel(self, asked: Asked, *, idem_key: str) -> ProviderState:
        """The operator ends an unpaid order by itself, after three minutes on its page."""
        raise NotOffered("Mobile Money has no cancel")

    async def refund(
        self, asked: Asked, amount_dong: int, reason: str, *, idem_key: str, now: datetime
    ) -> RefundState:
        """Money back to the payer's account with the operator."""
        fields = {
            "order_id": asked.reference,
            "refund_id": idem_key,
            "vt_transaction_id": asked.provider_ref,
            "trans_amount": str(amount_dong),
            "desc": reason,
        }
        return _refund_state(await self._ask("REFUND", fields))

    async def query_refund(self, refund: RefundAsked) -> RefundState:
        """How a refund stands."""
        fields = {"order_id": refund.payment.reference, "refund_id": refund.reference}
        return _refund_state(await self._ask("REFUND_INQUIRY", fields))

    async def list_transactions(self, since: datetime, until: datetime) -> AsyncIterator[StatementLine]:
        """Operators reconcile by files of a contract."""
        raise NotOffered("Mobile Money lists nothing")
        yield

    def _signed(self, fields: dict[str, str]) -> dict[str, str]:
        return {**fields, CHECK_SUM: self._signer.sign(fields)}

    async def _ask(self, command: str, fields: dict[str, str]) -> JsonObject:
        form = self._signed({"version": VERSION, "cmd": command, "merchant_code": self.receiver, **fields})
        answer = await asked(self._client, f"{self._url}/transaction", form=form)
        code = said(answer, "error_code")
        if code == WAIT:
            raise GateAway(code)
        if code in REFUSED:
            raise GateRefused(code)
        plain = {
            name: value for name, value in answer.items() if isinstance(value, str) and name != CHECK_SUM
        }
        if not self._signer.fits(plain, said(answer, CHECK_SUM)):
            raise GateUnsure("the answer's check_sum does not fit")
        if code not in OUTCOMES:
            raise GateUnsure(f"unknown error_code {code!r}")
        return answer


def outcome_of(code: str, status: str) -> Outcome:
    """What a result says: paid only when the call is good and the payment's own status says so."""
    outcome = OUTCOMES.get(code, Outcome.PENDING)
    return STATUSES.get(status, Outcome.PENDING) if outcome is Outcome.SUCCEEDED else outcome


def _refund_state(answer: JsonObject) -> RefundState:
    code, status = said(answer, "error_code"), said(answer, "refund_status")
    outcome = OUTCOMES[code]
    if outcome is Outcome.SUCCEEDED:
        outcome = STATUSES.get(status, Outcome.PENDING)
    elif outcome in (Outcome.EXPIRED, Outcome.CANCELLED):
        outcome = Outcome.FAILED
    return RefundState(
        outcome, said(answer, "refund_transaction_id"), said_dong(answer, "trans_amount"), code
    )


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=40)
    except ValueError as fault:
        raise BadSignature(f"no form: {fault}") from fault
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise BadSignature("a field comes twice")
    return fields
