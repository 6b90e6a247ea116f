"""Giao Hàng Tiết Kiệm: kilograms when booking and grams when asked, form-encoded webhooks told once, unsigned.

Its shipper's own reports (45, 49, 123, 127, 128, 410) are not confirmed by it. A repeated id is refused with the
label of the parcel that is there, which is adopted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from kit.gates import HttpAnswer, Malformed, RawRequest, json_answer
from postal.carrier import (
    Booked,
    CancelAnswer,
    Capability,
    CarrierAmbiguous,
    CarrierEvent,
    CarrierRejected,
    MappedStatus,
    OffersNothing,
    ParcelRequest,
    Party,
    Quote,
    WebhookVerdict,
)
from postal.gates.asking import (
    QUOTE_SECONDS,
    AccessRefused,
    Line,
    ask,
    check_key,
    dong_of,
    hook_status,
    is_true,
    local_phone,
    moment_of,
    names_of,
    object_in,
    raw_text,
    word_of,
)
from postal.gates.names import GHTK
from postal.gates.statuses import mapped
from postal.states import ParcelState

SHIPMENTS = "/services/shipment"
VERSION = "1.5"
# Days by road inside a province and beyond it: prices come without days, so these are the market's own first guess.
NEAR_DAYS, FAR_DAYS = (1, 2), (2, 5)
_REPEATED = "ORDER_ID_EXIST"


@dataclass(frozen=True)
class GhtkKeys:
    """What GHTK gives a shop, and the secret in the address that it calls."""

    token: str
    client_source: str
    hook_hash: str


class Ghtk(OffersNothing):
    """The gate to GHTK."""

    code = GHTK

    def __init__(self, keys: GhtkKeys, line: Line) -> None:
        self._keys, self._line, self.is_twin = keys, line, line.is_twin

    def capabilities(self) -> frozenset[Capability]:
        """It tells once only, so it is asked as well."""
        one = Capability
        return frozenset(
            {one.QUOTE, one.REPEATABLE_CREATE, one.FIND_BY_REFERENCE, one.CANCEL, one.TRACK, one.WEBHOOK}
        )

    async def quote(self, request: ParcelRequest) -> list[Quote]:
        """fee, with the weight in grams."""
        query = {
            **_place("pick_", request.sender),
            **_place("", request.recipient),
            "weight": request.weight_g,
            "value": request.value_dong,
            "transport": "road",
        }
        answer = object_in(
            await self._ask("GET", f"{SHIPMENTS}/fee?{urlencode(query)}", seconds=QUOTE_SECONDS)
        )
        _refuse(answer)
        fee = object_in(answer.get("fee"))
        price_dong = dong_of(fee, "fee")
        if price_dong is None or not is_true({"delivery": fee.get("delivery", True)}, "delivery"):
            return []
        near = request.sender.province == request.recipient.province
        least, most = NEAR_DAYS if near else FAR_DAYS
        return [Quote(price_dong, least, most, "road", "", request.weight_g)]

    async def create(self, request: ParcelRequest, *, reference: str) -> Booked:
        """order; when the id is there already the answer names its label."""
        path = f"{SHIPMENTS}/order?ver={VERSION}"
        answer = object_in(
            await self._ask("POST", path, _order_body(request, reference), creates=reference), reference
        )
        if not is_true(answer, "success"):
            return _repeated(answer, reference)
        made = object_in(answer.get("order"), reference)
        if not word_of(made, "label"):
            raise CarrierAmbiguous(reference)
        state = mapped(GHTK, word_of(made, "status_id")).state or ParcelState.CREATED
        return Booked(
            word_of(made, "label"),
            state,
            fee_dong=dong_of(made, "fee"),
            sort_code=word_of(made, "sorting_code"),
        )

    async def find_by_reference(self, reference: str) -> Booked | None:
        """The shipment by partner_id."""
        found = await self._read(f"partner_id:{reference}")
        if not found:
            return None
        state = mapped(GHTK, word_of(found, "status")).state or ParcelState.CREATED
        return Booked(word_of(found, "label_id"), state, fee_dong=dong_of(found, "ship_money"))

    async def cancel(self, tracking_code: str, *, reason: str) -> CancelAnswer:
        """cancel, while it was not collected."""
        answer = object_in(await self._ask("POST", f"{SHIPMENTS}/cancel/{quote(tracking_code)}"))
        return CancelAnswer.DONE if is_true(answer, "success") else CancelAnswer.REFUSED

    async def track(self, tracking_code: str) -> list[CarrierEvent]:
        """Where it stands now; GHTK hands out no history."""
        found = await self._read(tracking_code)
        if not found or not word_of(found, "status"):
            return []
        return [
            CarrierEvent(
                tracking_code=word_of(found, "label_id") or tracking_code,
                code=word_of(found, "status"),
                at=moment_of(word_of(found, "modified")),
                reference=word_of(found, "partner_id"),
                reason=word_of(found, "reason_code"),
                note=word_of(found, "message"),
                fee_dong=dong_of(found, "ship_money"),
                weight_g=dong_of(found, "weight"),
                cod_dong=dong_of(found, "pick_money"),
                raw=raw_text(found),
            )
        ]

    def verify_webhook(self, request: RawRequest) -> None:
        """Nothing is signed: only who knows the hash in the address gets in."""
        check_key(self._keys.hook_hash, request, "hash")

    def parse_webhook(self, request: RawRequest) -> list[CarrierEvent]:
        """Form fields; the weight is in kilograms here."""
        try:
            told = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        except UnicodeDecodeError as fault:
            raise Malformed("no text") from fault
        if not told.get("label_id") or not told.get("status_id"):
            raise Malformed("no label_id or no status_id")
        return [
            CarrierEvent(
                tracking_code=told["label_id"],
                code=told["status_id"],
                at=moment_of(told.get("action_time", "")),
                reference=told.get("partner_id", ""),
                reason=told.get("reason_code", ""),
                note=told.get("reason", ""),
                is_sure=False,
                fee_dong=dong_of(told, "fee"),
                weight_g=_grams(told.get("weight", "")),
                cod_dong=dong_of(told, "pick_money"),
            )
        ]

    def webhook_reply(self, verdict: WebhookVerdict) -> HttpAnswer:
        """200; anything else is repeated once."""
        status = hook_status(verdict)
        return json_answer(status, {"success": status == 200})

    def map_status(self, code: str, *, is_returning: bool = False, reason: str = "") -> MappedStatus:
        """By the table."""
        return mapped(GHTK, code, is_returning=is_returning, reason=reason)

    async def _read(self, which: str) -> dict[str, Any] | None:
        answer = object_in(await self._ask("GET", f"{SHIPMENTS}/v2/{quote(which, safe=':')}"))
        found = answer.get("order")
        return found if is_true(answer, "success") and isinstance(found, dict) else None

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        creates: str = "",
        seconds: float = 25.0,
    ) -> Any:
        headers = {"Token": self._keys.token, "X-Client-Source": self._keys.client_source}
        try:
            return await ask(
                self._line, method, path, body=body, headers=headers, creates=creates, seconds=seconds
            )
        except AccessRefused:
            raise CarrierRejected("token", "refused") from None


def _refuse(answer: Mapping[str, Any]) -> None:
    if not is_true(answer, "success"):
        raise CarrierRejected("", word_of(answer, "error_code"), word_of(answer, "message"))


def _repeated(answer: Mapping[str, Any], reference: str) -> Booked:
    fault = answer.get("error")
    if isinstance(fault, dict) and word_of(fault, "code") == _REPEATED:
        if not word_of(fault, "ghtk_label"):
            raise CarrierAmbiguous(reference)
        state = mapped(GHTK, word_of(fault, "status")).state or ParcelState.CREATED
        return Booked(word_of(fault, "ghtk_label"), state)
    code = word_of(fault, "code") if isinstance(fault, dict) else word_of(answer, "error_code")
    raise CarrierRejected("", code, word_of(answer, "message"))


def _order_body(request: ParcelRequest, reference: str) -> dict[str, object]:
    kilograms = request.weight_g / 1000
    return {
        "products": [
            {"name": request.contents[:200], "weight": kilograms, "quantity": 1, "product_code": ""}
        ],
        "order": {
            "id": reference,
            **_person("pick_", request.sender),
            **_person("", request.recipient),
            "hamlet": "Khác",
            "is_freeship": "1",
            "pick_money": request.cod_dong,
            "value": request.value_dong,
            "transport": "road",
            "pick_option": "cod",
            "note": request.reference,
        },
    }


def _place(side: str, party: Party) -> dict[str, object]:
    """In three levels where the person gave it so; else the commune stands for the district: not documented."""
    before = party.old_place.split(", ")
    if len(before) == 3:
        return {f"{side}ward": before[0], f"{side}district": before[1], f"{side}province": before[2]}
    commune, province = names_of(party)
    return {f"{side}province": province, f"{side}district": commune, f"{side}ward": commune}


def _person(side: str, party: Party) -> dict[str, object]:
    return {
        **_place(side, party),
        f"{side}name": party.name,
        f"{side}tel": local_phone(party.phone),
        f"{side}address": party.line,
    }


def _grams(kilograms: str) -> int | None:
    try:
        return round(float(kilograms) * 1000) if kilograms else None
    except (ValueError, OverflowError):
        return None
