"""Sellers as others see them, and the account their buyers pay on."""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.errors import NotFound, Refusal
from kit.i18n import Sentence, say
from kit.units import commune
from vendors.models import ReceivingAccount, Stall, Vendor, VendorKind, VendorState
from vendors.services.banks import bank_of
from vendors.services.cards import market_url, seller_url
from vendors.services.communes import short_province

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
class StallView:
    """A vendor's place in a market."""

    number: str
    market: str
    market_url: str


@dataclass(frozen=True)
class VendorCard:
    """A seller with address and phone, also as the sender of parcels. `phone` is E.164."""

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


async def pay_to(vendor_id: int) -> PayTo:
    """The vendor's default receiving account. Refusal when there is none."""
    account = await ReceivingAccount.filter(vendor_id=vendor_id).order_by("-is_default", "id").first()
    if account is None:
        raise Refusal(say("Người bán chưa có tài khoản nhận tiền, chưa thể đặt hàng."), status=409)
    bank = await bank_of(account.bin)
    return PayTo(account.bin, account.number, account.holder, bank.name if bank else account.bin)


async def lacks_account(vendor_ids: Sequence[int]) -> bool:
    """Whether none of these vendors can be paid yet; one query."""
    return not await ReceivingAccount.exists(vendor_id__in=list(vendor_ids))


async def vendor_with_account(numbers: Sequence[str]) -> int | None:
    """The vendor one of whose receiving accounts has one of these numbers; None for nobody's and for several's."""
    found = ReceivingAccount.filter(number__in=list(numbers)).distinct().limit(2)
    ids = await found.values_list("vendor_id", flat=True)
    return int(str(ids[0])) if len(ids) == 1 else None


async def vendor_card(vendor_id: int) -> VendorCard:
    """One vendor, in two queries. NotFound when there is none."""
    vendor = await Vendor.get_or_none(id=vendor_id)
    if vendor is None:
        raise NotFound()
    return await card_of_vendor(vendor)


async def card_of_vendor(vendor: Vendor) -> VendorCard:
    """The card of a vendor at hand, without stalls that a board has not confirmed; one query for its stalls."""
    rows = Stall.filter(vendor_id=vendor.id, is_claimed=False)
    stalls = await rows.select_related("market").order_by("id")
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
        stalls=tuple(StallView(one.number, one.market.name, market_url(one.market.slug)) for one in stalls),
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
