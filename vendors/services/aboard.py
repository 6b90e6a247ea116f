"""Coming aboard: a person becomes somebody who sells, in one act."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError

from accounts.services import grant, record
from kit.codes import new_code
from kit.dates import vietnam_date
from kit.db import sql, transaction
from kit.errors import Conflict, Refusal
from kit.i18n import say
from kit.roles import Role
from kit.text import nfc, slug, sort_key
from kit.units import Unit
from vendors.models import IdentityState, Market, ReceivingAccount, Stall, Vendor, VendorKind
from vendors.services.identity.confirming import selling_state
from vendors.services.markets.zones import place_for

SLUG_MAX = 100


@dataclass(frozen=True)
class Newcomer:
    """All that is asked on the one page: checked, in stored form. Without a market the goods are sold at home.

    Without an `account` the seller adds one later: whoever helps them aboard types none.
    """

    kind: VendorKind
    name: str
    contact_name: str
    phone: str
    commune: Unit
    line: str
    bin: str = ""
    account: str = ""
    holder: str = ""
    market_slug: str = ""
    stall: str = ""
    about: str = ""
    is_demo: bool = False


async def come_aboard(person_id: int, newcomer: Newcomer, *, now: datetime, by: int | None = None) -> Vendor:
    """Makes the vendor, its receiving account and stall, and grants the person the role over it.

    `by` is who did it for the person, themselves if None.
    One phone number, one vendor: Conflict for a second. Refusal at `stall` when somebody else holds that place.
    """
    async with transaction():
        await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text", [f"aboard:{newcomer.phone}"])
        if await Vendor.filter(phone=newcomer.phone).exists():
            raise Conflict(say("Số điện thoại này đã có quầy hàng. Hãy vào mục «Hàng» để đăng bán."))
        vendor = await _vendor(newcomer, now)
        if newcomer.account:
            await ReceivingAccount.create(
                vendor=vendor,
                bin=newcomer.bin,
                number=newcomer.account,
                holder=newcomer.holder,
                is_default=True,
            )
        if newcomer.market_slug:
            await take_stall(vendor, newcomer.market_slug, newcomer.stall)
        await grant(person_id, Role.VENDOR, str(vendor.id), by=by)
        await record(
            by or person_id,
            "vendor_came_aboard",
            "vendor",
            str(vendor.id),
            kind=newcomer.kind,
            bin=newcomer.bin,
        )
    return vendor


async def take_stall(vendor: Vendor, market_slug: str, number: str) -> Stall:
    """Gives the vendor a place in a market, a claim when the board's list does not say so.

    Refusal at `market` or `stall` when there is none or it is taken.
    """
    market = await Market.get_or_none(slug=market_slug)
    if market is None:
        raise Refusal(say("Hãy chọn một chợ trong danh sách."), field="market")
    kept = stall_number(number)
    place = await place_for(market.id, kept, vendor.phone)
    try:
        async with transaction():
            return await Stall.create(
                market=market, vendor=vendor, number=kept, zone_id=place.zone_id, is_claimed=place.is_claimed
            )
    except IntegrityError:
        raise Refusal(
            say(
                "Ô {number} ở {market} đã có người đăng ký. Hãy xem lại số ô.",
                number=number,
                market=market.name,
            ),
            field="stall",
        ) from None


def stall_number(typed: str) -> str:
    """A stall's number as it is kept: capitals, one clean line."""
    return nfc(typed).upper()


async def _vendor(newcomer: Newcomer, now: datetime) -> Vendor:
    return await Vendor.create(
        slug=await _free_slug(newcomer.name),
        kind=newcomer.kind,
        name=newcomer.name,
        name_key=sort_key(newcomer.name)[:400],
        contact_name=newcomer.contact_name,
        phone=newcomer.phone,
        commune_code=newcomer.commune.code,
        commune=newcomer.commune.name,
        province=newcomer.commune.province,
        line=newcomer.line,
        about=newcomer.about,
        state=await selling_state(IdentityState.DRAFT, vietnam_date(now)),
        is_demo=newcomer.is_demo,
        created_at=now,
    )


async def _free_slug(name: str) -> str:
    plain = slug(name, SLUG_MAX) or "quay-hang"
    if not await Vendor.filter(slug=plain).exists():
        return plain
    return f"{plain}-{new_code('Q', length=8).lower()}"
