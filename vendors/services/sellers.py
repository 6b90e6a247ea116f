"""Sellers as others see them, and the account their buyers pay on."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kit.db import select_text, select_with, sql
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence, say
from kit.together import Asking, Row, ask
from kit.units import commune
from vendors.models import ReceivingAccount, Vendor, VendorKind, VendorState
from vendors.services.cards import market_url, seller_url
from vendors.services.communes import short_province

_OWNERS = "SELECT DISTINCT number, vendor_id FROM receiving_account WHERE number = ANY($1)"
_PAY_TO = (
    "SELECT DISTINCT ON (account.vendor_id) account.vendor_id, account.bin, account.number, account.holder,"
    " coalesce(bank.name, account.bin) AS bank_name"
    " FROM receiving_account AS account LEFT JOIN bank ON bank.bin = account.bin"
    " WHERE account.vendor_id = ANY($1) ORDER BY account.vendor_id, account.is_default DESC, account.id"
)
_ITS_STALLS = (
    "(SELECT json_agg(json_build_array(stall.number, market.name, market.slug, market.id, market.line,"
    " market.commune_code, market.commune, market.desk_hours) ORDER BY stall.id)"
    " FROM stall JOIN market ON market.id = stall.market_id"
    " WHERE stall.vendor_id = vendor.id AND NOT stall.is_claimed)"
)
KIND_NAMES: dict[VendorKind, Sentence] = {
    VendorKind.HOUSEHOLD: say("Hộ kinh doanh"),
    VendorKind.GROWER: say("Nhà nông"),
    VendorKind.COOPERATIVE: say("Hợp tác xã"),
    VendorKind.FIRM: say("Doanh nghiệp"),
}


@dataclass(frozen=True)
class PayTo:
    """Where a buyer's money goes; `bin` and `number` as VietQR carries them, `holder` in ASCII capitals."""

    bin: str
    number: str
    holder: str
    bank_name: str


@dataclass(frozen=True)
class MarketDesk:
    """Where a market keeps goods for buyers; `hours` is empty when it has no such desk."""

    market_id: int
    market: str
    line: str
    commune_code: str
    commune: str
    hours: str

    @property
    def address(self) -> str:
        """Where the market stands, in one line."""
        return ", ".join(filter(None, (self.line, self.commune)))


@dataclass(frozen=True)
class StallView:
    """A vendor's place in a market, and that market's desk."""

    number: str
    market: str
    market_url: str
    desk: "MarketDesk"


@dataclass(frozen=True)
class VendorCard:
    """A seller with address and phone, also as the sender of parcels. `phone` is E.164.

    `fetch_at` is where buyers may fetch (FetchAt), `fetch_hours` when somebody is at the stall.
    """

    id: int
    slug: str
    url: str
    kind: str
    kind_name: Sentence
    name: str
    contact_name: str
    phone: str
    line: str
    commune_code: str
    commune: str
    province: str
    about: str
    is_demo: bool
    stalls: tuple[StallView, ...]
    fetch_at: tuple[str, ...] = ()
    fetch_hours: str = ""


async def pay_to(vendor_id: int) -> PayTo:
    """The vendor's default receiving account. Refusal when there is none."""
    found = (await ask(payees_asked([vendor_id]))).get(vendor_id)
    if found is None:
        raise Refusal(say("Người bán chưa có tài khoản nhận tiền, chưa thể đặt hàng."), status=409)
    return found


def payees_asked(vendor_ids: Collection[int]) -> Asking[dict[int, PayTo]]:
    """The same of several, by vendor, those who have an account; to be asked together with other things."""
    return Asking(_PAY_TO, [sorted(vendor_ids)], _payees)


def _payees(rows: list[Row]) -> dict[int, PayTo]:
    return {row.pop("vendor_id"): PayTo(**row) for row in rows}


async def lacks_account(vendor_ids: Sequence[int]) -> bool:
    """Whether none of these vendors can be paid yet; one query."""
    return not await ReceivingAccount.exists(vendor_id__in=list(vendor_ids))


async def vendors_with_accounts(numbers: Collection[str]) -> dict[str, set[int]]:
    """By number the vendors who receive money on it; numbers that are nobody's are missing. One query."""
    owners: dict[str, set[int]] = {}
    for row in await sql(_OWNERS, [sorted(numbers)]) if numbers else []:
        owners.setdefault(str(row["number"]), set()).add(int(str(row["vendor_id"])))
    return owners


async def vendor_card(vendor_id: int) -> VendorCard:
    """One vendor, in one query. NotFound when there is none."""
    card = (await vendor_cards([vendor_id])).get(vendor_id)
    if card is None:
        raise NotFound()
    return card


async def vendor_cards(vendor_ids: Collection[int]) -> dict[int, VendorCard]:
    """The cards of these vendors by number, those there are; one query."""
    return await ask(cards_asked(vendor_ids))


def cards_asked(vendor_ids: Collection[int]) -> Asking[dict[int, VendorCard]]:
    """The same, to be asked together with other things."""
    text = select_text(Vendor, "WHERE id = ANY($1)", _ITS_STALLS)
    return Asking(text, [sorted(vendor_ids)], _cards)


def _cards(rows: list[Row]) -> dict[int, VendorCard]:
    return {row["id"]: _card(Vendor._init_from_db(**row), _stalls(row["more"])) for row in rows}


async def vendor_with_card(tail: str, values: list[object]) -> tuple[Vendor, VendorCard] | None:
    """A vendor by fixed SQL, and its card without stalls that a board has not confirmed; one query."""
    for vendor, stalls in await select_with(Vendor, _ITS_STALLS, tail, values):
        return vendor, _card(vendor, _stalls(stalls))
    return None


def _stalls(kept: object) -> list[StallView]:
    """The stalls as _ITS_STALLS gives them."""
    rows = kept if isinstance(kept, list) else json.loads(str(kept or "[]"))
    return [
        StallView(number, name, market_url(slug), MarketDesk(id, name, *place))
        for number, name, slug, id, *place in rows
    ]


def _card(vendor: Vendor, stalls: Sequence[StallView]) -> VendorCard:
    return VendorCard(
        id=vendor.id,
        slug=vendor.slug,
        url=seller_url(vendor.slug),
        kind=vendor.kind,
        kind_name=KIND_NAMES[vendor.kind],
        name=vendor.name,
        contact_name=vendor.contact_name,
        phone=vendor.phone,
        line=vendor.line,
        commune_code=vendor.commune_code,
        commune=vendor.commune,
        province=short_province(vendor.province),
        about=vendor.about,
        is_demo=vendor.is_demo,
        stalls=tuple(stalls),
        fetch_at=tuple(vendor.fetch_at),
        fetch_hours=vendor.fetch_hours,
    )


async def phone_has_vendor(phone: str) -> bool:
    """Whether somebody came aboard with this number."""
    return await Vendor.filter(phone=phone).exists()


async def home_commune_label(vendor_id: int) -> tuple[str, str]:
    """The vendor's own commune as code and as it stands in a form's field; empty when unknown."""
    vendor = await Vendor.get_or_none(id=vendor_id)
    unit = await commune(vendor.commune_code) if vendor else None
    return (unit.code, f"{unit.name}, {short_province(unit.province)}") if unit else ("", "")


async def producer_line(vendor_id: int) -> str:
    """The vendor's name and address as a label names who answers for the goods; "" when unknown."""
    vendor = await Vendor.get_or_none(id=vendor_id)
    if vendor is None:
        return ""
    return ", ".join(part for part in (vendor.name, vendor.line, vendor.commune, vendor.province) if part)


async def seller_name(slug: str) -> str | None:
    """The name of a seller who may sell, by their slug."""
    vendor = await Vendor.get_or_none(slug=slug, state=VendorState.CAN_SELL)
    return vendor.name if vendor else None
