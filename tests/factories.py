"""Rows with human names for tests, a section for each package."""

import io
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from PIL import Image

from accounts.models import Person, TextMessage
from accounts.notice_gates import Letter, NotCarried, PushAddress
from kit.codes import new_code, signed_number
from kit.db import locked, transaction
from kit.models import AdminUnit, AdminUnitSuccessor
from kit.text import slug as slug_of
from kit.text import sort_key
from kit.units import NEW, OLD, commune, successor_rows, unit_rows
from orders.models import Order
from orders.services import (
    Buyer,
    Recipient,
    Wish,
    place_orders,
    put_in_basket,
    reference_of,
    review_basket,
    settle_notice,
)
from payments.gate import StatementLine
from payments.gates.sepay import write
from payments.models import Notice, PaymentEvent
from payments.services import PaymentView, Settled, payment_for, record_notice, settle
from payments.services import ask as ask_for_money
from payments.services.notices import SEPAY, Source
from postal.carrier import ParcelRequest, Party
from postal.services import ParcelView, act, book, delivery_code, parcel
from postal.staff_carrier import Act
from vendors.models import (
    Bank,
    Certificate,
    Listing,
    ListingState,
    Market,
    ReceivingAccount,
    Stall,
    Vendor,
    VendorKind,
    VendorState,
)
from vendors.services.variants import VariantContent, approve_variants, variants_of, write_variants

# --- postal ---


def sender(**changes: str) -> Party:
    """A seller at a stall in Thái Nguyên."""
    return replace(
        Party(
            "Chè Hảo Đạt", "+84912345678", "Quầy 12, chợ Thái", "05503", "Xã Tân Cương", "Tỉnh Thái Nguyên"
        ),
        **changes,
    )


def recipient(**changes: str) -> Party:
    """A buyer in another commune of the province."""
    return replace(
        Party(
            "Nguyễn Thị Hoa",
            "+84987654321",
            "Số 5, ngõ 2",
            "05443",
            "Phường Phan Đình Phùng",
            "Tỉnh Thái Nguyên",
        ),
        **changes,
    )


def parcel_request(**changes: Any) -> ParcelRequest:
    """A parcel of tea from `sender` to `recipient`."""
    fields: dict[str, Any] = {
        "reference": "AB12CD34",
        "sender": sender(),
        "recipient": recipient(),
        "weight_g": 500,
        "value_dong": 250_000,
        "contents": "Chè nõn tôm 500 g",
    }
    return ParcelRequest(**{**fields, **changes})


async def booked_parcel(
    key: str = "order:1",
    *,
    now: datetime,
    secret: str = "a secret for tests, long enough to sign",
    **changes: Any,
) -> ParcelView:
    """A parcel waiting to be collected."""
    return await book(parcel_request(**changes), key=key, now=now, secret=secret)


async def carried(code: str, *acts: Act, person_id: int, now: datetime) -> ParcelView:
    """The parcel after these acts, one after the other."""
    for number, one in enumerate(acts):
        await act(
            code,
            one,
            person_id=person_id,
            event_key=f"carried:{number}:{one}",
            now=now,
            reason=_REASON.get(one, ""),
            delivery_code=delivery_code(code, SECRET) if one is Act.DELIVER else "",
            secret=SECRET,
        )
    return await parcel(code)


_REASON = {Act.FAIL: "recipient_unreachable", Act.FAIL_PICKUP: "sender_absent"}


# --- accounts ---

SECRET = "a secret for tests, long enough to sign"
HOA, TUAN, LAN = "+84912345678", "+84987654321", "+84973111222"


class RefusingGate:
    """A gate of any channel of notices that takes nothing."""

    public_key = ""

    def __init__(self, *, is_final: bool = False, is_gone: bool = False) -> None:
        self.asked = 0
        self._trouble = NotCarried("not today", is_final=is_final, is_gone=is_gone)

    async def send(self, address: str | PushAddress, letter: Letter) -> None:
        """Refuses."""
        self.asked += 1
        raise self._trouble


async def person(name: str = "Nguyễn Thị Hoa", phone: str = HOA) -> Person:
    """Somebody who has signed in before and said their name."""
    return await Person.create(phone=phone, name=name)


async def code_sent_to(phone: str) -> str:
    """The six digits of the newest text that waits for a phone."""
    text = await TextMessage.filter(phone=phone).order_by("-id").first()
    assert text is not None, f"no text for {phone}"
    found = re.search(r"[0-9]{6}", text.words)
    assert found, text.words
    return found[0]


def wrong_code(code: str) -> str:
    """Six digits that are not the code."""
    return f"{(int(code) + 1) % 1_000_000:06}"


# --- vendors ---

TAN_CUONG, LA_HIEN = "05503", "05740"


async def bank(bin: str = "970436", name: str = "Vietcombank", kind: str = "bank") -> Bank:
    """An institution that receives transfers."""
    row, _ = await Bank.get_or_create(
        bin=bin, defaults={"code": name[:3].upper(), "name": name, "kind": kind}
    )
    return row


async def market(name: str = "Chợ Thái", slug: str = "cho-thai") -> Market:
    """A market in the city."""
    return await Market.create(slug=slug, name=name, commune_code="05443", commune="Phường Phan Đình Phùng")


async def vendor(name: str = "Chè Hảo Đạt", slug: str = "che-hao-dat", **changes: Any) -> Vendor:
    """A cooperative in Tân Cương that may sell, paid at Vietcombank."""
    fields: dict[str, Any] = {
        "slug": slug,
        "kind": VendorKind.COOPERATIVE,
        "name": name,
        "name_key": sort_key(name),
        "contact_name": "Đào Thanh Hảo",
        "phone": "+84912000111",
        "commune_code": TAN_CUONG,
        "commune": "Xã Tân Cương",
        "province": "Tỉnh Thái Nguyên",
        "line": "Xóm Nam Đồng",
        "state": VendorState.CAN_SELL,
    }
    made = await Vendor.create(**{**fields, **changes})
    await bank()
    await ReceivingAccount.create(
        vendor=made, bin="970436", number="0123456789", holder="DAO THANH HAO", is_default=True
    )
    return made


async def listing(seller: Vendor | None = None, name: str = "Chè móc câu", **changes: Any) -> Listing:
    """Tea on sale, ten packets left."""
    fields: dict[str, Any] = {
        "code": new_code("H"),
        "slug": slug_of(name),
        "vendor": seller or await vendor(),
        "name": name,
        "kind": "tea",
        "price_dong": 220_000,
        "unit": "gói 500 g",
        "weight_g": 550,
        "stock": 10,
        "commune_code": TAN_CUONG,
        "commune": "Xã Tân Cương",
        "province": "Tỉnh Thái Nguyên",
        "about": "Chè một tôm hai lá, sao tay.",
        "art": "tea",
        "state": ListingState.ON_SALE,
    }
    return await Listing.create(**{**fields, **changes})


async def boxes(
    *sizes: tuple[str, int, int], seller: Vendor | None = None, **changes: Any
) -> tuple[Listing, dict[str, int]]:
    """Tea on sale in boxes of (name, price in đồng, stock), each weighing 300 g, and their ids by name."""
    goods = await listing(seller, **changes)
    async with transaction():
        goods = (await locked(Listing, [goods.id]))[goods.id]
        content = [VariantContent(name, price_dong, "hộp", 300, stock) for name, price_dong, stock in sizes]
        await write_variants(goods, content)
        await goods.save()
        await approve_variants(goods.id)
    ids = {one.name: one.id for one in (await variants_of([goods]))[goods.id]}
    return goods, ids


async def certificate(
    goods: Listing, *, stars: int = 4, valid_to: date | None = None, **changes: Any
) -> Certificate:
    """An OCOP certificate, valid for long unless told otherwise."""
    fields: dict[str, Any] = {
        "code": new_code("S"),
        "product": goods.name,
        "decision_no": "2890/QĐ-BNN-VPĐP",
        "decided_on": date(2024, 6, 30),
        "valid_to": valid_to or date(2099, 6, 30),
        "issuer_level": "province",
    }
    return await Certificate.create(listing=goods, stars=stars, **{**fields, **changes})


def photo_bytes(colour: tuple[int, int, int] = (31, 107, 67), size: tuple[int, int] = (640, 480)) -> bytes:
    """A JPEG as a phone writes it, telling its camera."""
    picture, written, told = Image.new("RGB", size, colour), io.BytesIO(), Image.Exif()
    told[0x010F] = "Secret camera"
    picture.save(written, "JPEG", exif=told)
    return written.getvalue()


# --- payments ---


async def payment(
    reference: str = "order:1",
    *,
    now: datetime,
    amount_dong: int = 35_000,
    minutes: int = 15,
    vendor_id: int | None = None,
) -> PaymentView:
    """Money asked for an order, by default of a new seller with an account."""
    seller_id = vendor_id or (await vendor(slug=f"che-{new_code('T').lower()}")).id
    expires_at = now + timedelta(minutes=minutes)
    return await ask_for_money(
        reference, vendor_id=seller_id, amount_dong=amount_dong, now=now, expires_at=expires_at
    )


def bank_notice(asked: PaymentView, key: int = 1, *, at: datetime, **changes: Any) -> StatementLine:
    """What the bank tells when somebody pays exactly what was asked."""
    fields: dict[str, Any] = {
        "provider_ref": str(key),
        "our_ref": "",
        "gateway": "Vietcombank",
        "account_number": asked.account_number,
        "content": f"IBFT {asked.code} NGUYEN THI HOA",
        "amount_dong": asked.rest_dong,
        "is_incoming": True,
        "at": at,
    }
    return StatementLine(**{**fields, **changes})


async def recorded(notice: StatementLine, *, now: datetime, source: Source = SEPAY) -> int:
    """The number of a notice after it was written down."""
    await record_notice(notice, write(notice).decode(), now=now, source=source)
    return int((await Notice.get(event_key=notice.provider_ref, source=source.name)).id)


async def told(asked: PaymentView, key: int = 1, *, now: datetime, **changes: Any) -> Settled | None:
    """What became of a notice about a payment, settled at once; `at` is when the money moved, by default now."""
    notice = bank_notice(asked, key, **{"at": now, **changes})
    number = await recorded(notice, now=now)
    async with transaction():
        return await settle(number, now=now)


# --- orders ---

COMMUNES_OF_ORDERS = ("19", "38", TAN_CUONG, LA_HIEN, "15661")


@cache
def shipped_units(version: str) -> dict[str, dict[str, Any]]:
    """The units of one structure as the market ships them, by code; the file is read once in a process."""
    return {str(row["code"]): row for row in unit_rows() if row["version"] == version}


async def units(*codes: str) -> None:
    """These provinces and communes in force, as far as they are not there yet."""
    known = set(await AdminUnit.filter(version=NEW).values_list("code", flat=True))
    shipped = shipped_units(NEW)
    wanted = [code for code in dict.fromkeys(codes) if code not in known]
    await AdminUnit.bulk_create([AdminUnit(**shipped[code]) for code in wanted])


GIA_SANG_OLD, GIA_SANG, PHAN_DINH_PHUNG = "05461", "05467", "05443"


async def old_units(*codes: str) -> None:
    """These old communes with their districts and provinces, and the communes in force they went into."""
    shipped = shipped_units(OLD)
    wanted = set(codes)
    wanted |= {str(shipped[code]["parent_code"]) for code in wanted}
    wanted |= {str(shipped[code]["parent_code"]) for code in wanted if shipped[code]["parent_code"]}
    known = set(await AdminUnit.filter(version=OLD).values_list("code", flat=True))
    await AdminUnit.bulk_create([AdminUnit(**shipped[code]) for code in wanted - known])
    steps = [row for row in successor_rows() if row["old_code"] in codes]
    await AdminUnitSuccessor.bulk_create([AdminUnitSuccessor(**row) for row in steps], ignore_conflicts=True)
    now = {row["new_code"] for row in steps}
    above = {str(shipped_units(NEW)[code]["parent_code"]) for code in now}
    await units(*now, *above)


async def to_la_hien(**changes: Any) -> Recipient:
    """A buyer at home in La Hiên."""
    unit = await commune(LA_HIEN)
    assert unit is not None
    return replace(Recipient("Nguyễn Thị Hoa", HOA, "Xóm Cây Bòng", unit), **changes)


async def wish(buyer: Buyer, *, key: str = "", is_adult: bool = False) -> Wish:
    """What a buyer agrees to who has read their basket as it is now."""
    review = await review_basket(buyer.owner, LA_HIEN)
    return Wish(key or new_code("G"), review.seen, is_adult)


async def placed(
    *things: tuple[Listing, int], now: datetime, buyer: Buyer = Buyer(None, "d" * 22), is_adult: bool = False
) -> list[Order]:
    """The orders made of these goods and quantities, one for each seller."""
    for goods, quantity in things:
        await put_in_basket(buyer.owner, goods.code, quantity)
    agreed = await wish(buyer, is_adult=is_adult)
    codes = await place_orders(buyer, await to_la_hien(), agreed, now=now, payment_minutes=15)
    return [await Order.get(code=code) for code in codes]


async def put_basket(buyer: Buyer, goods: Listing, pieces: int = 1) -> None:
    """Goods in a buyer's basket."""
    await put_in_basket(buyer.owner, goods.code, pieces)


async def pay_order(order: Order, key: int = 1, *, now: datetime, **changes: Any) -> None:
    """The bank tells of a transfer for an order (all that is asked, unless told otherwise) and it is settled."""
    asked = await payment_for(reference_of(order.id))
    assert asked is not None
    notice = bank_notice(asked, key, **{"at": now, **changes})
    await settle_notice(await recorded(notice, now=now), now=now)


async def after(asked: PaymentView) -> PaymentView:
    """The payment as it is now."""
    now = await payment_for(asked.reference)
    assert now is not None
    return now


async def kinds(asked: PaymentView) -> list[str]:
    """What happened to a payment, in order."""
    return [
        str(kind)
        for kind in await PaymentEvent.filter(payment_id=asked.id)
        .order_by("id")
        .values_list("kind", flat=True)
    ]


# --- plates ---


async def stall(seller: Vendor | None = None, number: str = "A12", place: Market | None = None) -> Stall:
    """A place in Chợ Thái."""
    return await Stall.create(market=place or await market(), vendor=seller or await vendor(), number=number)


def stall_code(of: Stall) -> str:
    """The signed code in the stall's short link."""
    return signed_number(of.id, "stall", SECRET.encode())
