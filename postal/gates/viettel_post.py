"""Viettel Post's partner API v2: errors on HTTP 200, 150-byte texts, a token to log in for, no way to ask back.

Its webhook carries a secret of ours in `Authorization` and is the only dependable news: a lost answer to a booking is
waited for there.
"""

import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kit.gates import BadSignature, HttpAnswer, Malformed, RawRequest, json_answer
from kit.wire import json_object, milliseconds
from postal.carrier import (
    Area,
    Booked,
    CancelAnswer,
    Capability,
    CarrierAmbiguous,
    CarrierEvent,
    CarrierRejected,
    CarrierUnavailable,
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
    cut_bytes,
    days_in,
    dong_of,
    hook_status,
    is_true,
    local_phone,
    moment_of,
    object_in,
    objects_in,
    word_of,
)
from postal.gates.names import VIETTEL_POST
from postal.gates.statuses import mapped
from postal.states import ParcelState

BYTES_MAX = 150
LABEL_MINUTES = 60
SHEETS = {LabelSize.A5: "1", LabelSize.A6: "2", LabelSize.A7: "1001"}
APPROVE_RETURN, REDELIVER, CANCEL = 2, 3, 4
_KNOWN_BEFORE = ("tồn tại", "trùng", "exist", "duplicate", "unique")


@dataclass(frozen=True)
class ViettelKeys:
    """What Viettel Post gives a partner, and the secret that we typed into its portal."""

    user: str
    password: str
    hook_secret: str


class ViettelPost(OffersNothing):
    """The gate to Viettel Post. Its state is the token of this process."""

    code = VIETTEL_POST

    def __init__(self, keys: ViettelKeys, line: Line) -> None:
        self._keys, self._line, self.is_twin = keys, line, line.is_twin
        self._token = ""

    def capabilities(self) -> frozenset[Capability]:
        """No tracking and no finding: those questions are in none of its documents."""
        one = Capability
        return frozenset(
            {one.QUOTE, one.CANCEL, one.REDELIVER, one.SEND_BACK, one.LABELS, one.WEBHOOK, one.AREAS}
            | {one.SIGNED_NEWS}
        )

    async def quote(self, request: ParcelRequest) -> list[Quote]:
        """getPriceAll; a bare list of services when it went well. Prices include VAT."""
        answer = await self._ask("POST", "/v2/order/getPriceAll", _price_body(request), seconds=QUOTE_SECONDS)
        if isinstance(answer, dict):
            _refuse(answer)
        offers = [_offer(one) for one in objects_in(answer)]
        return sorted(filter(None, offers), key=lambda one: one.price_dong)

    async def create(self, request: ParcelRequest, *, reference: str) -> Booked:
        """createOrder with CHECK_UNIQUE. A system error may have made it; so may an order that is there already."""
        service = request.service or (await self.quote(request))[0].service
        body = _order_body(request, reference, service)
        answer = object_in(
            await self._ask("POST", "/v2/order/createOrder", body, creates=reference), reference
        )
        if answer.get("status") == "205":
            raise CarrierAmbiguous(reference)
        words = word_of(answer, "message").lower()
        if is_true(answer, "error") and any(one in words for one in _KNOWN_BEFORE):
            raise CarrierAmbiguous(reference)
        _refuse(answer)
        made = object_in(answer.get("data"), reference)
        if not word_of(made, "ORDER_NUMBER"):
            raise CarrierAmbiguous(reference)
        return Booked(
            word_of(made, "ORDER_NUMBER"),
            ParcelState.CREATED,
            fee_dong=dong_of(made, "MONEY_TOTAL"),
            sort_code=word_of(made, "SORT_CODE"),
        )

    async def cancel(self, tracking_code: str, *, reason: str) -> CancelAnswer:
        """Before it was entered at an office; later Viettel Post says no."""
        try:
            await self._update(CANCEL, tracking_code, reason)
        except CarrierRejected:
            return CancelAnswer.REFUSED
        return CancelAnswer.DONE

    async def redeliver(self, tracking_code: str, *, note: str) -> None:
        """At 505 only."""
        await self._update(REDELIVER, tracking_code, note)

    async def send_back(self, tracking_code: str, *, note: str) -> None:
        """At 505 only."""
        await self._update(APPROVE_RETURN, tracking_code, note)

    async def labels(self, tracking_codes: Sequence[str], size: LabelSize) -> LabelDocument:
        """An address that opens without a login for an hour: for the browser that asked, nobody else."""
        until = milliseconds(self._line.now() + timedelta(minutes=LABEL_MINUTES))
        body = {"EXPIRY_TIME": until, "ORDER_ARRAY": list(tracking_codes[:100])}
        answer = object_in(await self._ask("POST", "/v2/order/printing-code", body))
        _refuse(answer)
        bill = word_of(answer, "message")
        return LabelDocument(url=f"{self._line.label_url}?type={SHEETS[size]}&bill={bill}&showPostage=0")

    async def areas(self) -> list[Area]:
        """The communes of the 34 provinces, by Viettel Post's own numbers."""
        provinces = await self._listed("/v3/categories/listProvinceNew")
        names = {word_of(one, "PROVINCE_ID"): word_of(one, "PROVINCE_NAME") for one in provinces}
        wards = await self._listed("/v3/categories/listWardsNew?provinceId=-1")
        found = [(word_of(one, "PROVINCE_ID"), one) for one in wards]
        return [
            Area(word_of(one, "WARDS_ID"), word_of(one, "WARDS_NAME"), parent, names.get(parent, ""))
            for parent, one in found
        ]

    def verify_webhook(self, request: RawRequest) -> None:
        """`Authorization` holds our secret, nothing is signed."""
        sent = request.header("authorization").encode()
        if not self._keys.hook_secret or not hmac.compare_digest(sent, self._keys.hook_secret.encode()):
            raise BadSignature("Authorization does not hold the secret")

    def parse_webhook(self, request: RawRequest) -> list[CarrierEvent]:
        """One fact. `LOCALION_CURRENTLY` is really spelt so."""
        told = json_object(request.body).get("DATA")
        if (
            not isinstance(told, dict)
            or not word_of(told, "ORDER_NUMBER")
            or not word_of(told, "ORDER_STATUS")
        ):
            raise Malformed("DATA names no waybill or no status")
        return [
            CarrierEvent(
                tracking_code=word_of(told, "ORDER_NUMBER"),
                code=word_of(told, "ORDER_STATUS"),
                at=moment_of(word_of(told, "ORDER_STATUSDATE")),
                reference=word_of(told, "ORDER_REFERENCE"),
                reason=word_of(told, "REASON_CODE"),
                note=word_of(told, "NOTE"),
                place=word_of(told, "LOCATION_CURRENTLY") or word_of(told, "LOCALION_CURRENTLY"),
                is_returning=is_true(told, "IS_RETURNING"),
                fee_dong=dong_of(told, "MONEY_TOTAL"),
                weight_g=dong_of(told, "PRODUCT_WEIGHT"),
                cod_dong=dong_of(told, "MONEY_COLLECTION"),
            )
        ]

    def webhook_reply(self, verdict: WebhookVerdict) -> HttpAnswer:
        """200 stops its five repeats."""
        status = hook_status(verdict)
        return json_answer(status, {"status": status, "error": status != 200})

    def map_status(self, code: str, *, is_returning: bool = False, reason: str = "") -> MappedStatus:
        """By the table."""
        return mapped(VIETTEL_POST, code, is_returning=is_returning, reason=reason)

    async def _update(self, kind: int, tracking_code: str, note: str) -> None:
        body = {"TYPE": kind, "ORDER_NUMBER": tracking_code, "NOTE": cut_bytes(note, BYTES_MAX)}
        _refuse(object_in(await self._ask("POST", "/v2/order/UpdateOrder", body)))

    async def _listed(self, path: str) -> list[dict[str, Any]]:
        answer = object_in(await self._ask("GET", path))
        _refuse(answer)
        return objects_in(answer.get("data"))

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        creates: str = "",
        seconds: float = 25.0,
    ) -> Any:
        """With a token; one that has run out is renewed once."""
        for is_last in (False, True):
            if not self._token:
                self._token = await self._login()
            try:
                headers = {"Token": self._token}
                answer = await ask(
                    self._line, method, path, body=body, headers=headers, creates=creates, seconds=seconds
                )
            except AccessRefused:
                answer = {"error": True, "message": "Token invalid"}
            if not (isinstance(answer, dict) and "token" in word_of(answer, "message").lower()):
                return answer
            self._token = ""
            if is_last:
                raise CarrierRejected("token", word_of(answer, "message"))
        return None

    async def _login(self) -> str:
        body = {"USERNAME": self._keys.user, "PASSWORD": self._keys.password}
        short = await self._token_of("/v2/user/Login", body, {})
        return await self._token_of("/v2/user/ownerconnect", body, {"Token": short})

    async def _token_of(self, path: str, body: Mapping[str, object], headers: Mapping[str, str]) -> str:
        try:
            answer = object_in(await ask(self._line, "POST", path, body=body, headers=headers))
        except AccessRefused:
            raise CarrierRejected("token", "login refused") from None
        _refuse(answer)
        token = word_of(object_in(answer.get("data")), "token")
        if not token:
            raise CarrierUnavailable()
        return token


def _refuse(answer: Mapping[str, Any]) -> None:
    """Errors come on HTTP 200: first `error`, then `status`."""
    if is_true(answer, "error") or str(answer.get("status", "200")) != "200":
        raise CarrierRejected("", str(answer.get("status", "")), word_of(answer, "message"))


def _offer(one: Mapping[str, Any]) -> Quote | None:
    price_dong, service = dong_of(one, "GIA_CUOC"), word_of(one, "MA_DV_CHINH")
    if price_dong is None or not service:
        return None
    days = days_in(word_of(one, "THOI_GIAN"), otherwise=4)
    weight_g = dong_of(one, "EXCHANGE_WEIGHT") or 0
    return Quote(
        price_dong, max(1, math.floor(days / 2)), max(1, days), service, word_of(one, "TEN_DICHVU"), weight_g
    )


def _place(side: str, party: Party) -> dict[str, object]:
    """New addresses have no district: 0."""
    if party.area is None:
        raise CarrierRejected(side.lower(), "no_area")
    return {
        f"{side}_PROVINCE": int(party.area.parent_id),
        f"{side}_DISTRICT": 0,
        f"{side}_WARD": int(party.area.id),
    }


def _price_body(request: ParcelRequest) -> dict[str, object]:
    size = request.size
    return {
        **_place("SENDER", request.sender),
        **_place("RECEIVER", request.recipient),
        "PRODUCT_TYPE": "HH",
        "PRODUCT_WEIGHT": request.weight_g,
        "PRODUCT_PRICE": request.value_dong,
        "MONEY_COLLECTION": request.cod_dong,
        "PRODUCT_LENGTH": size.length_cm if size else 0,
        "PRODUCT_WIDTH": size.width_cm if size else 0,
        "PRODUCT_HEIGHT": size.height_cm if size else 0,
        "TYPE": 1,
    }


def _order_body(request: ParcelRequest, reference: str, service: str) -> dict[str, object]:
    contents = cut_bytes(request.contents, BYTES_MAX)
    item = {
        "PRODUCT_NAME": contents,
        "PRODUCT_QUANTITY": 1,
        "PRODUCT_PRICE": request.value_dong,
        "PRODUCT_WEIGHT": request.weight_g,
    }
    return {
        **_price_body(request),
        **_person("SENDER", request.sender),
        **_person("RECEIVER", request.recipient),
        "ORDER_NUMBER": reference,
        "CHECK_UNIQUE": True,
        "ENABLE_SORT_CODE": True,
        "GROUPADDRESS_ID": 0,
        "ORDER_PAYMENT": 3 if request.cod_dong else 1,
        "ORDER_SERVICE": service,
        "ORDER_SERVICE_ADD": "",
        "ORDER_NOTE": request.reference,
        "PRODUCT_NAME": contents,
        "PRODUCT_QUANTITY": 1,
        "LIST_ITEM": [item],
    }


def _person(side: str, party: Party) -> dict[str, object]:
    return {
        f"{side}_FULLNAME": cut_bytes(party.name, BYTES_MAX),
        f"{side}_PHONE": local_phone(party.phone),
        f"{side}_ADDRESS": cut_bytes(address_of(party), BYTES_MAX),
    }
