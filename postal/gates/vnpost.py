"""VNPost's «My Vietnam Post»: codes of its own, a cancellation that is a request, webhooks signed for one item only.

A webhook carries several parcels and one signature, over the first of them: the others are asked about before an end
is believed. It answers no days with its prices, and does not refuse a repeated reference: it is looked for first.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from kit.gates import BadSignature, HttpAnswer, Malformed, RawRequest, json_answer
from kit.wire import json_object
from postal.carrier import (
    Area,
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
    ask_file,
    dong_of,
    hook_status,
    is_true,
    local_phone,
    local_stamp,
    moment_of,
    object_in,
    objects_in,
    raw_text,
    word_of,
)
from postal.gates.names import VNPOST
from postal.gates.statuses import mapped
from postal.states import ParcelState

NO_DISTRICT = "VNPOST"  # the constant in place of a district in new addresses
BY_ITEM, BY_REFERENCE = "1", "2"
COD_ADD_ON, COD_AMOUNT = "GTG021", "PROP0018"
PAGE_ROWS, PAGES_MAX = 100, 50
# What a service takes from collection to the door: VNPost's prices come without days, so these are the market's own
# first guess by the service's first letters, for its administrators to correct.
DAYS: tuple[tuple[str, int, int], ...] = (("ETN", 1, 3), ("CTN", 3, 6), ("PTN", 3, 8))


@dataclass(frozen=True)
class VnpostKeys:
    """What VNPost gives a customer; `public_key` is the PEM that its webhooks are checked with."""

    user: str
    password: str
    customer: str
    contract: str
    public_key: str


class Vnpost(OffersNothing):
    """The gate to VNPost. Its state is the token of this process."""

    code = VNPOST

    def __init__(self, keys: VnpostKeys, line: Line) -> None:
        self._keys, self._line, self.is_twin = keys, line, line.is_twin
        self._token = ""

    def capabilities(self) -> frozenset[Capability]:
        """Its lists of changes can be polled; only the first item of a webhook is proved."""
        one = Capability
        return frozenset(
            {one.QUOTE, one.FIND_BY_REFERENCE, one.CANCEL, one.LABELS, one.TRACK, one.LIST_CHANGED}
            | {one.WEBHOOK, one.SIGNED_NEWS, one.AREAS}
        )

    async def quote(self, request: ParcelRequest) -> list[Quote]:
        """ServicesCharge over all services; what it weighs by volume is L×W×H/6 in grams."""
        size = request.size
        body = {
            "scope": 1,
            "customerCode": self._keys.customer,
            "contractNumber": self._keys.contract,
            "data": {
                **_codes("sender", request.sender),
                **_codes("receiver", request.recipient),
                "receiverNational": "VN",
                "weight": request.weight_g,
                "length": size.length_cm if size else 0,
                "width": size.width_cm if size else 0,
                "height": size.height_cm if size else 0,
                "serviceCode": None,
                "addonService": _add_ons(request),
                "vehicle": "BO",
            },
        }
        answer = await self._ask("POST", "/ServicesCharge", body, seconds=QUOTE_SECONDS)
        if isinstance(answer, dict):
            _refuse(answer)
        return sorted(filter(None, map(_offer, objects_in(answer))), key=lambda one: one.price_dong)

    async def create(self, request: ParcelRequest, *, reference: str) -> Booked:
        """CreateOrder. Repeats are not refused by VNPost: never call it again without having looked."""
        service = request.service or (await self.quote(request))[0].service
        body = self._order_body(request, reference, service)
        answer = object_in(await self._ask("POST", "/CreateOrder", body, creates=reference), reference)
        _refuse(answer)
        return _booked(answer, reference)

    async def find_by_reference(self, reference: str) -> Booked | None:
        """getOrder by saleOrderCode."""
        found = await self._order(BY_REFERENCE, reference)
        return _booked(found, reference) if found else None

    async def cancel(self, tracking_code: str, *, reason: str) -> CancelAnswer:
        """orderCancel opens a case that VNPost decides; it wants its own number of the order."""
        found = await self._order(BY_ITEM, tracking_code)
        if not found:
            return CancelAnswer.REFUSED
        answer = object_in(
            await self._ask("POST", "/orderCancel", {"OriginalId": word_of(found, "originalID")})
        )
        return CancelAnswer.REQUESTED if word_of(answer, "caseId") else CancelAnswer.REFUSED

    async def labels(self, tracking_codes: Sequence[str], size: LabelSize) -> LabelDocument:
        """The file that VNPost makes for up to a hundred parcels; its size is set in the customer's portal."""
        await self._fresh_token()
        content, media_type = await ask_file(
            self._line,
            "POST",
            "/exportListReport",
            body=list(tracking_codes[:100]),
            headers={"token": self._token},
        )
        return LabelDocument(content=content, media_type=media_type)

    async def track(self, tracking_code: str) -> list[CarrierEvent]:
        """GetStatusHistoryOrder."""
        query = urlencode({"type": BY_ITEM, "code": tracking_code})
        answer = await self._ask("GET", f"/GetStatusHistoryOrder?{query}")
        rows = answer.get("data") if isinstance(answer, dict) else answer
        return [_event(one, tracking_code) for one in objects_in(rows)]

    async def list_changed(self, since: datetime, until: datetime) -> list[CarrierEvent]:
        """GetListOrder by the time of the last change, all its pages."""
        found: list[CarrierEvent] = []
        for page in range(PAGES_MAX):
            query = urlencode(
                {
                    "lastUpdateFrom": local_stamp(since),
                    "lastUpdateTo": local_stamp(until),
                    "page": page,
                    "size": PAGE_ROWS,
                }
            )
            answer = object_in(await self._ask("GET", f"/GetListOrder?{query}"))
            rows = objects_in(answer.get("data"))
            found += [_event(one) for one in rows]
            if len(rows) < PAGE_ROWS:
                break
        return found

    async def areas(self) -> list[Area]:
        """getNewProvinceAll and getNewCommuneAll."""
        provinces = objects_in(await self._ask("GET", "/getNewProvinceAll"))
        names = {word_of(one, "provinceCode"): word_of(one, "provinceName") for one in provinces}
        communes = objects_in(await self._ask("GET", "/getNewCommuneAll"))
        found = [(word_of(one, "provinceCode"), one) for one in communes]
        return [
            Area(word_of(one, "communeCode"), word_of(one, "communeName"), parent, names.get(parent, ""))
            for parent, one in found
        ]

    def verify_webhook(self, request: RawRequest) -> None:
        """RSA-SHA256 over MYVNP, sendDate, and item and status of the first parcel; nothing else is covered."""
        try:
            body = json_object(request.body)
            first = objects_in(body.get("data"))[0]
            signature = base64.b64decode(word_of(body, "signature"), validate=True)
        except (Malformed, IndexError, ValueError) as fault:
            raise BadSignature("no signature can be read") from fault
        text = f"MYVNP{word_of(body, 'sendDate')}{word_of(first, 'itemCode')}{word_of(first, 'status')}"
        key = serialization.load_pem_public_key(self._keys.public_key.encode())
        assert isinstance(key, rsa.RSAPublicKey), "VNPost signs with RSA"
        try:
            key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as fault:
            raise BadSignature("the signature does not fit") from fault

    def parse_webhook(self, request: RawRequest) -> list[CarrierEvent]:
        """All parcels of it; only of the first is item and status proved."""
        rows = objects_in(json_object(request.body).get("data"))
        return [_event(one, is_sure=place == 0) for place, one in enumerate(rows)]

    def webhook_reply(self, verdict: WebhookVerdict) -> HttpAnswer:
        """200 when it was taken."""
        status = hook_status(verdict)
        return json_answer(status, {"success": status == 200})

    def map_status(self, code: str, *, is_returning: bool = False, reason: str = "") -> MappedStatus:
        """By the table."""
        return mapped(VNPOST, code, is_returning=is_returning, reason=reason)

    async def _order(self, kind: str, code: str) -> dict[str, Any] | None:
        answer = await self._ask("GET", "/getOrder?" + urlencode({"type": kind, "code": code}))
        rows = answer.get("data") if isinstance(answer, dict) and "data" in answer else answer
        found = rows[0] if isinstance(rows, list) and rows else rows
        return found if isinstance(found, dict) and word_of(found, "itemCode") else None

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        creates: str = "",
        seconds: float = 25.0,
    ) -> Any:
        """With a token; on 401 or 403 one more is fetched, once."""
        for _ in range(2):
            await self._fresh_token()
            try:
                headers = {"token": self._token}
                return await ask(
                    self._line, method, path, body=body, headers=headers, creates=creates, seconds=seconds
                )
            except AccessRefused:
                self._token = ""
        raise CarrierRejected("token", "refused")

    async def _fresh_token(self) -> None:
        if self._token:
            return
        body = {
            "username": self._keys.user,
            "password": self._keys.password,
            "customerCode": self._keys.customer,
        }
        try:
            answer = object_in(await ask(self._line, "POST", "/GetAccessToken", body=body))
        except AccessRefused:
            raise CarrierRejected("token", "login refused") from None
        if not is_true(answer, "success") or not word_of(answer, "token"):
            raise CarrierRejected("token", "login refused", word_of(answer, "message"))
        self._token = word_of(answer, "token")

    def _order_body(self, request: ParcelRequest, reference: str, service: str) -> dict[str, object]:
        return {
            "orderCreationStatus": 1,
            "type": "GUI",
            "customerCode": self._keys.customer,
            "contractCode": self._keys.contract,
            "informationOrder": {
                **_person("sender", request.sender),
                **_person("receiver", request.recipient),
                "serviceCode": service,
                "saleOrderCode": reference,
                "contentNote": request.contents,
                "weight": str(request.weight_g),
                "length": str(request.size.length_cm) if request.size else "0",
                "width": str(request.size.width_cm) if request.size else "0",
                "height": str(request.size.height_cm) if request.size else "0",
                "sendType": "1",
                "deliveryTime": "N",
                "deliveryRequire": "2",
                "isBroken": "0",
                "vehicle": "BO",
                "addonService": _add_ons(request),
                "additionRequest": [],
            },
        }


def _refuse(answer: Mapping[str, Any]) -> None:
    if "success" in answer and not is_true(answer, "success"):
        raise CarrierRejected(word_of(answer, "field"), word_of(answer, "code"), word_of(answer, "message"))


def _booked(answer: Mapping[str, Any], reference: str) -> Booked:
    item = word_of(answer, "itemCode")
    if not item:
        raise CarrierAmbiguous(reference)
    state = mapped(VNPOST, word_of(answer, "status")).state or ParcelState.CREATED
    return Booked(item, state, fee_dong=dong_of(answer, "totalFee"), sort_code=word_of(answer, "sortingCode"))


def _offer(one: Mapping[str, Any]) -> Quote | None:
    price_dong, service = dong_of(one, "totalFee"), word_of(one, "serviceCode")
    if price_dong is None or not service:
        return None
    least, most = next((days[1:] for days in DAYS if service.startswith(days[0])), (3, 8))
    weight_g = max(dong_of(one, "priceWeight") or 0, dong_of(one, "weightConvert") or 0)
    return Quote(price_dong, least, most, service, word_of(one, "serviceName"), weight_g)


def _event(one: Mapping[str, Any], tracking_code: str = "", *, is_sure: bool = True) -> CarrierEvent:
    item, status = word_of(one, "itemCode") or tracking_code, word_of(one, "status")
    if not item or not status:
        raise Malformed("a parcel without item or status")
    return CarrierEvent(
        tracking_code=item,
        code=status,
        at=moment_of(word_of(one, "updatedDate")),
        reference=word_of(one, "saleOrderCode"),
        note=word_of(one, "note") or word_of(one, "reason"),
        place=word_of(one, "poName"),
        is_sure=is_sure,
        fee_dong=dong_of(one, "totalFee"),
        weight_g=dong_of(one, "weight"),
        cod_dong=dong_of(one, "codAmount"),
        raw=raw_text(one),
    )


def _codes(side: str, party: Party) -> dict[str, object]:
    if party.area is None:
        raise CarrierRejected(side, "no_area")
    return {
        f"{side}ProvinceCode": party.area.parent_id,
        f"{side}DistrictCode": NO_DISTRICT,
        f"{side}CommuneCode": party.area.id,
    }


def _person(side: str, party: Party) -> dict[str, object]:
    return {
        **_codes(side, party),
        f"{side}Name": party.name,
        f"{side}Phone": local_phone(party.phone),
        f"{side}Address": address_of(party),
    }


def _add_ons(request: ParcelRequest) -> list[dict[str, str]]:
    return [{"code": COD_ADD_ON, "propValue": f"{COD_AMOUNT}:{request.cod_dong}"}] if request.cod_dong else []
