"""What a market's board sees and does: its traders, whom it invites, and its list of traders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from accounts.services import record, tell
from kit.codes import number_signed, signed_number
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.text import fold
from vendors.models import Market, PlateScan, Stall, TraderInvitation, Vendor, VendorState
from vendors.services.aboard import take_stall
from vendors.services.cards import Leaf, leaf_of, seller_url
from vendors.services.markets.plates import last_scans
from vendors.services.markets.zones import confirm_listed, zone_names
from vendors.trader_list import BadRow, TraderList, TraderRow

PURPOSE = "invitation"
INVITATION_LIFE = timedelta(hours=20)  # texts are deleted after a day
INVITED_SHOWN = 200


@dataclass(frozen=True)
class Sender:
    """Who invites, from which address of the market, signed with which secret; `texts` whether phones are told."""

    person_id: int
    site: str
    secret: str
    texts: bool = True


@dataclass(frozen=True)
class TraderView:
    """A trader who holds a stall of the market; `scan` is the plate's last self-scan."""

    number: str
    name: str
    url: str
    phone: str
    scan: PlateScan | None
    stall_id: int = 0
    zone_id: int | None = None


@dataclass(frozen=True)
class InvitationView:
    """What an invitation says: to whom, for which stall of which market."""

    id: int
    name: str
    phone: str
    stall: str
    market_slug: str
    market: str
    texted_at: datetime | None


@dataclass(frozen=True)
class Imported:
    """What became of a list: how many are new, how many stood there already, and the rows that could not be taken."""

    added: int
    known: int
    bad: list[BadRow]


async def traders_of(market_id: int, page: int) -> Leaf[TraderView]:
    """A page of a market's confirmed stalls in the order of their numbers, with the last self-scan; three queries."""
    stalls = Stall.filter(market_id=market_id, is_claimed=False).select_related("vendor")
    leaf = await leaf_of(stalls.order_by("number", "id"), page)
    last = await last_scans([one.id for one in leaf.items])
    rows = [
        TraderView(
            one.number,
            one.vendor.name,
            seller_url(one.vendor.slug),
            one.vendor.phone,
            last.get(one.id),
            one.id,
            one.zone_id,
        )
        for one in leaf.items
    ]
    return Leaf(rows, leaf.page, leaf.has_more)


async def waiting_invitations(market: Market) -> list[InvitationView]:
    """Up to 200 invited traders who hold no stall of the market yet, by stall; two queries."""
    here = await Stall.filter(market_id=market.id).values_list("vendor__phone", flat=True)
    rows = TraderInvitation.filter(market_id=market.id).exclude(phone__in=[str(phone) for phone in here])
    return [_view(row, market) for row in await rows.order_by("stall_number", "id").limit(INVITED_SHOWN)]


async def invite(market: Market, name: str, phone: str, stall: str, *, sender: Sender, now: datetime) -> None:
    """Invites one trader by a text with a signed link. Refusal at `phone` or `stall` when taken; twice texts twice."""
    row = TraderRow(0, phone, name, stall)
    fault = (await _faults(market, [row], {})).get(0)
    if fault is not None:
        raise Refusal(fault.why, field="stall" if fault.typed == "stall" else "phone")
    async with transaction():
        invitation = await _invited(market, row, None, sender, now)
        await _text(invitation, market, sender, now)
        await record(sender.person_id, "trader_invited", "market", market.id, stall=stall)


async def import_traders(market: Market, found: TraderList, *, sender: Sender, now: datetime) -> Imported:
    """Keeps the good rows of a list in one act; a list read twice adds nothing the second time.

    A zone that the list names is kept for those who are known already too.
    """
    zones = await zone_names(market.id)
    faults = await _faults(market, found.rows, zones)
    good = [row for row in found.rows if row.line not in faults]
    named = [
        BadRow(row.line, f"{row.name} · {row.stall}", faults[row.line].why)
        for row in found.rows
        if row.line in faults
    ]
    known = {one.phone for one in await TraderInvitation.filter(market_id=market.id)}
    held = Stall.filter(market_id=market.id, is_claimed=False).select_related("vendor")
    known |= {one.vendor.phone for one in await held}
    fresh = [row for row in good if row.phone not in known]
    async with transaction():
        for row in fresh:
            invitation = await _invited(market, row, zones.get(fold(row.zone)), sender, now)
            if sender.texts:
                await _text(invitation, market, sender, now)
        await _put_in_zones(market, [row for row in good if row.zone and row.phone in known], zones)
        await confirm_listed(market, by=sender.person_id, now=now)
        await record(sender.person_id, "traders_imported", "market", market.id, added=len(fresh))
    bad = sorted([*found.bad, *named], key=lambda one: one.line)
    return Imported(len(fresh), len(good) - len(fresh), bad)


async def invitation_by_code(code: str, secret: str) -> InvitationView:
    """The invitation that a signed link names. NotFound for anything that was not signed here."""
    number = number_signed(code, PURPOSE, secret.encode())
    row = await TraderInvitation.get_or_none(id=number).select_related("market") if number else None
    if row is None:
        raise NotFound(say("Đường dẫn mời này không đúng. Hãy nhờ ban quản lý chợ gửi lại."))
    return _view(row, row.market)


async def take_invited_stall(invitation: InvitationView, vendor_ids: Sequence[int], phone: str) -> None:
    """Gives the invited stall to a vendor who is aboard already. NotFound for another phone, Refusal when taken."""
    if phone != invitation.phone or not vendor_ids:
        raise NotFound()
    async with transaction():
        vendor = (await locked(Vendor, [min(vendor_ids)]))[min(vendor_ids)]
        if vendor.state == VendorState.SUSPENDED:
            raise Conflict(say("Quầy hàng này đang tạm dừng nên chưa nhận thêm ô được."))
        if not await Stall.filter(vendor_id=vendor.id, market__slug=invitation.market_slug).exists():
            await take_stall(vendor, invitation.market_slug, invitation.stall)


@dataclass(frozen=True)
class _Fault:
    typed: str
    why: Sentence


async def _put_in_zones(market: Market, rows: Sequence[TraderRow], zones: dict[str, int]) -> None:
    """Two statements for each zone that the rows name."""
    for zone_id in {zones[fold(row.zone)] for row in rows}:
        numbers = [row.stall for row in rows if zones[fold(row.zone)] == zone_id]
        await TraderInvitation.filter(market_id=market.id, stall_number__in=numbers).update(zone_id=zone_id)
        await Stall.filter(market_id=market.id, number__in=numbers).update(zone_id=zone_id)


async def _faults(market: Market, rows: Sequence[TraderRow], zones: dict[str, int]) -> dict[int, _Fault]:
    """By line the rows whose stall is another's, whose phone was promised another, or whose zone there is not."""
    stalls = await Stall.filter(market_id=market.id, is_claimed=False).select_related("vendor")
    invited = await TraderInvitation.filter(market_id=market.id)
    holders = {one.stall_number: one.phone for one in invited} | {
        one.number: one.vendor.phone for one in stalls
    }
    promised = {one.phone: one.stall_number for one in invited}
    faults = {}
    for row in rows:
        if holders.get(row.stall, row.phone) != row.phone:
            faults[row.line] = _Fault("stall", say("Ô {stall} đã có người khác.", stall=row.stall))
        elif promised.get(row.phone, row.stall) != row.stall:
            other = promised[row.phone]
            faults[row.line] = _Fault(
                "phone", say("Số điện thoại này đã được mời vào ô {stall}.", stall=other)
            )
        elif row.zone and fold(row.zone) not in zones:
            faults[row.line] = _Fault(
                "zone", say("Chợ chưa có khu «{zone}». Hãy thêm khu này trước.", zone=row.zone[:60])
            )
    return faults


async def _invited(
    market: Market, row: TraderRow, zone_id: int | None, sender: Sender, now: datetime
) -> TraderInvitation:
    try:
        async with transaction():
            invitation, _ = await TraderInvitation.get_or_create(
                market_id=market.id,
                phone=row.phone,
                defaults={
                    "name": row.name,
                    "stall_number": row.stall,
                    "zone_id": zone_id,
                    "invited_by": sender.person_id,
                    "created_at": now,
                },
            )
    except IntegrityError:
        raise Conflict(say("Danh sách vừa được người khác sửa. Hãy tải lại trang rồi làm lại.")) from None
    return invitation


async def _text(invitation: TraderInvitation, market: Market, sender: Sender, now: datetime) -> None:
    """The words stay short: a text message with accents holds 70 characters a part."""
    code = signed_number(invitation.id, PURPOSE, sender.secret.encode())
    words = say(
        "{market} mời {name} nhận ô {stall} và mở quầy trên chợ số: {link}",
        market=market.name,
        name=invitation.name,
        stall=invitation.stall_number,
        link=f"{sender.site}/i/{code}",
    )
    await tell(invitation.phone, words, now=now, expires_at=now + INVITATION_LIFE)
    invitation.texted_at = now
    await invitation.save(update_fields=["texted_at"])


def _view(row: TraderInvitation, market: Market) -> InvitationView:
    return InvitationView(
        row.id, row.name, row.phone, row.stall_number, market.slug, market.name, row.texted_at
    )
