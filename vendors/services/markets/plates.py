"""Plates: the signed link of a stall, what its page shows, self-scans, and reports of plates that differ."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.functions import Max

from accounts.services import record
from kit.codes import number_signed, signed_number
from kit.dates import day_start, vietnam_date
from kit.db import locked, transaction
from kit.errors import NotFound
from kit.identifiers import account_tail
from vendors.models import PlateReport, PlateScan, PlateVerdict, ReceivingAccount, Stall, VendorState
from vendors.services.banks import bank_of
from vendors.services.cards import Leaf, leaf_of, market_url
from vendors.services.photos import ReadyPhoto, photo_url
from vendors.services.sellers import PayTo, pay_to

PURPOSE = "stall"
SCANS_SHOWN = 14


@dataclass(frozen=True)
class Plate:
    """A stall with what its plate and its public page say. `pays` is the account its QR names, `tail` its end."""

    stall_id: int
    code: str
    url: str
    number: str
    market: str
    market_id: int
    market_url: str
    vendor_id: int
    vendor_slug: str
    name: str
    phone: str
    photo_url: str
    pays: PayTo
    tail: str
    is_demo: bool


@dataclass(frozen=True)
class OwnPlate:
    """One of a trader's plates, with the last self-scan and whether it was today, and reports that are open."""

    plate: Plate
    last: PlateScan | None
    scanned_today: bool
    open_reports: int


@dataclass(frozen=True)
class Seen:
    """What a scan showed: the account by bank and last four, hashed, and the verdict on it."""

    verdict: PlateVerdict
    bin: str = ""
    tail: str = ""
    account_hash: str = ""


@dataclass(frozen=True)
class ReportView:
    """A report with the stall it is about, as boards and administrators work it."""

    report: PlateReport
    stall: str
    market: str
    seller: str
    stall_url: str
    photo_url: str
    bank: str


async def plate_by_code(code: str, secret: str) -> Plate:
    """The plate of the stall that a signed link names. NotFound for guesses and for sellers who may not sell."""
    number = number_signed(code, PURPOSE, secret.encode())
    stall = await Stall.get_or_none(id=number).select_related("vendor", "market") if number else None
    if stall is None or stall.is_claimed or stall.vendor.state != VendorState.CAN_SELL:
        raise NotFound()
    return _plate(stall, await pay_to(stall.vendor_id), secret)


async def own_plates(vendor_ids: Sequence[int], *, now: datetime, secret: str) -> list[OwnPlate]:
    """The plates of these vendors' confirmed stalls in the order they were taken; four queries and two a vendor."""
    rows = Stall.filter(vendor_id__in=list(vendor_ids), is_claimed=False)
    stalls = await rows.select_related("vendor", "market").order_by("id")
    ids, since = [one.id for one in stalls], day_start(vietnam_date(now))
    last = await last_scans(ids)
    reported = [one.stall_id for one in await PlateReport.filter(stall_id__in=ids, closed_at__isnull=True)]
    pays = {vendor_id: await pay_to(vendor_id) for vendor_id in {one.vendor_id for one in stalls}}
    return [
        OwnPlate(
            plate=_plate(one, pays[one.vendor_id], secret),
            last=last.get(one.id),
            scanned_today=one.id in last and last[one.id].at >= since,
            open_reports=reported.count(one.id),
        )
        for one in stalls
    ]


async def last_scans(stall_ids: Sequence[int]) -> dict[int, PlateScan]:
    """By stall its newest self-scan; two queries, however long the log."""
    newest = PlateScan.filter(stall_id__in=list(stall_ids)).annotate(newest=Max("id")).group_by("stall_id")
    ids = await newest.values_list("newest", flat=True)
    return {one.stall_id: one for one in await PlateScan.filter(id__in=list(ids))}


async def own_plate(code: str, vendor_ids: Sequence[int], secret: str) -> Plate:
    """The plate if one of these vendors holds the stall. NotFound otherwise."""
    plate = await plate_by_code(code, secret)
    if plate.vendor_id not in vendor_ids:
        raise NotFound()
    return plate


async def seen_account(vendor_id: int, bin: str, account: str) -> Seen:
    """A scanned account compared by hash: the default one is the same, another of one's own an old plate."""
    default = await pay_to(vendor_id)
    seen = account_hash(bin, account)
    own = {account_hash(one.bin, one.number) for one in await ReceivingAccount.filter(vendor_id=vendor_id)}
    verdict = PlateVerdict.OLD if seen in own else PlateVerdict.DIFFERENT
    if seen == account_hash(default.bin, default.number):
        verdict = PlateVerdict.SAME
    return Seen(verdict, bin, account_tail(account), seen)


def account_hash(bin: str, account: str) -> str:
    """SHA-256 of an account as VietQR names it; letters in accounts count the same in any case."""
    return hashlib.sha256(f"{bin}:{account.upper()}".encode()).hexdigest()


async def record_scan(plate: Plate, seen: Seen, *, person_id: int, now: datetime) -> PlateScan:
    """Writes a self-scan into the log."""
    async with transaction():
        return await PlateScan.create(
            stall_id=plate.stall_id,
            person_id=person_id,
            verdict=seen.verdict,
            seen_bin=seen.bin,
            seen_tail=seen.tail,
            seen_hash=seen.account_hash,
            at=now,
        )


async def scan_of(plate: Plate, scan_id: int) -> PlateScan | None:
    """One self-scan of this plate."""
    return await PlateScan.get_or_none(id=scan_id, stall_id=plate.stall_id)


async def scans_of(plate: Plate) -> list[PlateScan]:
    """The last fourteen self-scans, newest first."""
    return await PlateScan.filter(stall_id=plate.stall_id).order_by("-id").limit(SCANS_SHOWN)


async def keep_stall_photo(plate: Plate, photo: ReadyPhoto, *, person_id: int) -> None:
    """Hangs a photo on the stall's page."""
    async with transaction():
        await Stall.filter(id=plate.stall_id).update(photo_key=photo.key)
        await record(person_id, "stall_photo_changed", "stall", plate.stall_id)


async def note_print(plate: Plate, size: str, *, person_id: int) -> None:
    """Writes into the trail that a plate was made to be printed, and for which account."""
    async with transaction():
        await record(person_id, "plate_printed", "stall", plate.stall_id, size=size, tail=plate.tail)


async def report_plate(
    plate: Plate,
    note: str,
    seen: Seen | None,
    photo: ReadyPhoto | None,
    *,
    person_id: int | None,
    now: datetime,
) -> PlateReport:
    """Keeps a report for the board and the administrators; the seller sees on their screen that there is one."""
    async with transaction():
        return await PlateReport.create(
            stall_id=plate.stall_id,
            person_id=person_id,
            note=note,
            seen_bin=seen.bin if seen else "",
            seen_tail=seen.tail if seen else "",
            verdict=seen.verdict if seen else "",
            photo_key=photo.key if photo else "",
            at=now,
        )


async def open_plate_reports(market_ids: Sequence[int] | None, page: int, *, secret: str) -> Leaf[ReportView]:
    """A page of the reports nobody has closed, oldest first, of these markets (None: of all)."""
    rows = PlateReport.filter(closed_at__isnull=True).select_related("stall__market", "stall__vendor")
    if market_ids is not None:
        rows = rows.filter(stall__market_id__in=list(market_ids))
    leaf = await leaf_of(rows.order_by("id"), page)
    names = {bin: await bank_of(bin) for bin in {one.seen_bin for one in leaf.items if one.seen_bin}}
    views = []
    for one in leaf.items:
        bank = names.get(one.seen_bin)
        views.append(
            ReportView(
                report=one,
                stall=one.stall.number,
                market=one.stall.market.name,
                seller=one.stall.vendor.name,
                stall_url=stall_url(one.stall_id, secret),
                photo_url=photo_url(one.photo_key) if one.photo_key else "",
                bank=bank.name if bank else one.seen_bin,
            )
        )
    return Leaf(views, leaf.page, leaf.has_more)


async def close_plate_report(
    report_id: int, note: str, market_ids: Sequence[int] | None, *, by: int, now: datetime
) -> None:
    """Closes a report with what was found; twice is once. NotFound when it is of another market."""
    async with transaction():
        report = (await locked(PlateReport, [report_id])).get(report_id)
        stall = await Stall.get(id=report.stall_id) if report else None
        if report is None or stall is None or (market_ids is not None and stall.market_id not in market_ids):
            raise NotFound()
        if report.closed_at is not None:
            return
        report.closed_at, report.closed_by, report.closing_note = now, by, note
        await report.save(update_fields=["closed_at", "closed_by", "closing_note"])
        await record(by, "plate_report_closed", "stall", stall.id, note=note)


def stall_url(stall_id: int, secret: str) -> str:
    """The signed short address of a stall's page."""
    return f"/s/{signed_number(stall_id, PURPOSE, secret.encode())}"


def _plate(stall: Stall, pays: PayTo, secret: str) -> Plate:
    return Plate(
        stall_id=stall.id,
        code=signed_number(stall.id, PURPOSE, secret.encode()),
        url=stall_url(stall.id, secret),
        number=stall.number,
        market=stall.market.name,
        market_id=stall.market_id,
        market_url=market_url(stall.market.slug),
        vendor_id=stall.vendor_id,
        vendor_slug=stall.vendor.slug,
        name=stall.vendor.name,
        phone=stall.vendor.phone,
        photo_url=photo_url(stall.photo_key) if stall.photo_key else "",
        pays=pays,
        tail=account_tail(pays.number),
        is_demo=stall.vendor.is_demo,
    )
