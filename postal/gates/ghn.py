"""Giao Hàng Nhanh: one reference is one parcel, names in place of area numbers, webhooks that nobody signs.

A webhook is believed as far as its secret address goes: it may move a parcel along, but an end is asked about first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kit.clock import VIETNAM
from kit.gates import HttpAnswer, Malformed, RawRequest, json_answer
from kit.wire import json_object
from postal.carrier import (
    Booked,
    CancelAnswer,
    Capability,
    CarrierAmbiguous,
    CarrierEvent,
    CarrierRejected,
    LabelDocument,
    LabelSize,
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
    address_of,
    ask,
    check_key,
    dong_of,
    hook_status,
    local_phone,
    moment_of,
    names_of,
    object_in,
    objects_in,
    raw_text,
    word_of,
)
from postal.gates.names import GHN
from postal.gates.statuses import mapped
from postal.states import ParcelState

ORDERS = "/v2/shipping-order"
REFERENCE_MAX = 50
WEIGHT_MAX_G = 50_000
HEAVY_FROM_G = 20_000
INSURED_MAX_DONG = 5_000_000
COD_MAX_DONG = 50_000_000
SHEETS = {LabelSize.A5: "printA5", LabelSize.A6: "print80x80", LabelSize.A7: "print52x70"}
SMALLEST = (10, 10, 5)  # a size has to be named; this one never weighs more than the goods


@dataclass(frozen=True)
class GhnKeys:
    """What GHN gives a shop, and the secret in the address that it calls."""

    token: str
    shop_id: str
    hook_key: str


class Ghn(OffersNothing):
    """The gate to GHN."""

    code = GHN

    def __init__(self, keys: GhnKeys, line: Line) -> None:
        self._keys, self._line, self.is_twin = keys, line, line.is_twin

    def capabilities(self) -> frozenset[Capability]:
        """A booking may be repeated: the same client_order_code gives the same order."""
        one = Capability
        return frozenset(
            {one.QUOTE, one.REPEATABLE_CREATE, one.FIND_BY_REFERENCE, one.CANCEL, one.REDELIVER}
            | {one.SEND_BACK, one.LABELS, one.TRACK, one.WEBHOOK}
        )

    async def quote(self, request: ParcelRequest) -> list[Quote]:
        """preview, which takes new addresses, where it is contested whether fee does."""
        body = {**self._order_body(request), "client_order_code": ""}
        answer = await self._ask(f"{ORDERS}/preview", body, seconds=QUOTE_SECONDS)
        made, now = object_in(answer), self._line.now()
        price_dong, due = dong_of(made, "total_fee"), word_of(made, "expected_delivery_time")
        if price_dong is None:
            return []
        days = (moment_of(due).astimezone(VIETNAM).date() - now.astimezone(VIETNAM).date()).days if due else 4
        service = str(body["service_type_id"])
        return [Quote(price_dong, max(1, days - 1), max(1, days), service, "", request.weight_g)]

    async def create(self, request: ParcelRequest, *, reference: str) -> Booked:
        """create; a repeat of the reference gives the order that is there."""
        body = {**self._order_body(request), "client_order_code": reference[:REFERENCE_MAX]}
        made = object_in(await self._ask(f"{ORDERS}/create", body, creates=reference), reference)
        if not word_of(made, "order_code"):
            raise CarrierAmbiguous(reference)
        return Booked(
            word_of(made, "order_code"),
            ParcelState.AWAITING_PICKUP,
            fee_dong=dong_of(made, "total_fee"),
            sort_code=word_of(made, "sort_code"),
        )

    async def find_by_reference(self, reference: str) -> Booked | None:
        """detail-by-client-code."""
        try:
            found = await self._ask(f"{ORDERS}/detail-by-client-code", {"client_order_code": reference})
        except CarrierRejected:
            return None
        one = object_in(found)
        if not word_of(one, "order_code"):
            return None
        state = mapped(GHN, word_of(one, "status")).state or ParcelState.AWAITING_PICKUP
        return Booked(word_of(one, "order_code"), state, sort_code=word_of(one, "sort_code"))

    async def cancel(self, tracking_code: str, *, reason: str) -> CancelAnswer:
        """switch-status/cancel; each order has a result of its own."""
        return CancelAnswer.DONE if await self._switched("cancel", tracking_code) else CancelAnswer.REFUSED

    async def redeliver(self, tracking_code: str, *, note: str) -> None:
        """switch-status/storing: back to the office, for another attempt."""
        if not await self._switched("storing", tracking_code):
            raise CarrierRejected("state", "not_now")

    async def send_back(self, tracking_code: str, *, note: str) -> None:
        """switch-status/return."""
        if not await self._switched("return", tracking_code):
            raise CarrierRejected("state", "not_now")

    async def labels(self, tracking_codes: Sequence[str], size: LabelSize) -> LabelDocument:
        """An address that opens for half an hour."""
        made = object_in(await self._ask("/v2/a5/gen-token", {"order_codes": list(tracking_codes[:100])}))
        return LabelDocument(
            url=f"{self._line.label_url.rstrip('/')}/{SHEETS[size]}?token={word_of(made, 'token')}"
        )

    async def track(self, tracking_code: str) -> list[CarrierEvent]:
        """detail: where it stands, and the log of how it came there."""
        one = object_in(await self._ask(f"{ORDERS}/detail", {"order_code": tracking_code}))
        rows = [*objects_in(one.get("log")), {**one, "updated_date": one.get("updated_date")}]
        found = [_logged(row, tracking_code) for row in rows if word_of(row, "status")]
        return list(dict.fromkeys(found))

    def verify_webhook(self, request: RawRequest) -> None:
        """Nothing is signed: only who knows the secret in the address gets in."""
        check_key(self._keys.hook_key, request, "key")

    def parse_webhook(self, request: RawRequest) -> list[CarrierEvent]:
        """A new status; news of weights, sums and fees moves nothing and is kept beside it."""
        body = json_object(request.body)
        kind, code = word_of(body, "Type").lower(), word_of(body, "OrderCode")
        if not code or not kind:
            raise Malformed("no OrderCode or no Type")
        if kind not in ("switch_status", "create"):
            return []
        return [
            CarrierEvent(
                tracking_code=code,
                code=word_of(body, "Status"),
                at=moment_of(word_of(body, "Time")),
                reference=word_of(body, "ClientOrderCode"),
                reason=word_of(body, "ReasonCode"),
                note=word_of(body, "Reason"),
                place=word_of(body, "Warehouse"),
                is_sure=False,
                fee_dong=dong_of(body, "TotalFee"),
                weight_g=dong_of(body, "Weight"),
                cod_dong=dong_of(body, "CODAmount"),
            )
        ]

    def webhook_reply(self, verdict: WebhookVerdict) -> HttpAnswer:
        """200 stops its ten repeats."""
        status = hook_status(verdict)
        return json_answer(status, {"code": status})

    def map_status(self, code: str, *, is_returning: bool = False, reason: str = "") -> MappedStatus:
        """By the table."""
        return mapped(GHN, code, is_returning=is_returning, reason=reason)

    async def _switched(self, to: str, tracking_code: str) -> bool:
        rows = objects_in(await self._ask(f"/v2/switch-status/{to}", {"order_codes": [tracking_code]}))
        return any(word_of(one, "order_code") == tracking_code and one.get("result") is True for one in rows)

    async def _ask(
        self, path: str, body: Mapping[str, object], *, creates: str = "", seconds: float = 25.0
    ) -> Any:
        headers = {"Token": self._keys.token, "ShopId": self._keys.shop_id}
        try:
            told = await ask(
                self._line, "POST", path, body=body, headers=headers, creates=creates, seconds=seconds
            )
        except AccessRefused:
            raise CarrierRejected("token", "refused") from None
        answer = object_in(told, creates)
        if word_of(answer, "code") != "200":
            raise CarrierRejected("", word_of(answer, "code_message"), word_of(answer, "message"))
        return answer.get("data")

    def _order_body(self, request: ParcelRequest) -> dict[str, object]:
        if request.weight_g > WEIGHT_MAX_G:
            raise CarrierRejected("weight_g", "too_heavy")
        if request.cod_dong > COD_MAX_DONG:
            raise CarrierRejected("cod_dong", "too_much")
        length, width, height = (
            (request.size.length_cm, request.size.width_cm, request.size.height_cm)
            if request.size
            else SMALLEST
        )
        item = {
            "name": request.contents[:200],
            "quantity": 1,
            "price": request.value_dong,
            "weight": request.weight_g,
            "length": length,
            "width": width,
            "height": height,
        }
        return {
            **_person("from", request.sender),
            **_person("to", request.recipient),
            "payment_type_id": 1,
            "required_note": "CHOXEMHANGKHONGTHU",
            "service_type_id": 5 if request.weight_g >= HEAVY_FROM_G else 2,
            "content": request.contents[:2000],
            "note": request.reference,
            "cod_amount": request.cod_dong,
            "insurance_value": min(request.value_dong, INSURED_MAX_DONG),
            "weight": request.weight_g,
            "length": length,
            "width": width,
            "height": height,
            "items": [item],
        }


def _person(side: str, party: Party) -> dict[str, object]:
    """Names exactly as GHN spells them."""
    commune, province = names_of(party)
    return {
        f"{side}_name": party.name,
        f"{side}_phone": local_phone(party.phone),
        f"{side}_address": address_of(party),
        f"is_new_{side}_address": True,
        f"{side}_ward_name": commune,
        f"{side}_province_name": province,
    }


def _logged(row: Mapping[str, Any], tracking_code: str) -> CarrierEvent:
    return CarrierEvent(
        tracking_code=tracking_code,
        code=word_of(row, "status"),
        at=moment_of(word_of(row, "updated_date")),
        reference=word_of(row, "client_order_code"),
        reason=word_of(row, "reason_code"),
        raw=raw_text({name: one for name, one in row.items() if name != "log"}),
    )
