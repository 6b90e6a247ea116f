"""Receiving accounts: several per vendor, one default, changed only with a fresh one-time code and announced."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.services import ACCOUNT_CHANGE, record, request_code, tell, use_code
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.identifiers import account_tail
from kit.outbox import announce
from vendors.models import AccountChange, AccountChangeKind, Bank, ReceivingAccount, Vendor
from vendors.services.identity.confirming import account_was_added

ACCOUNTS_MAX = 10
SHOWN_FOR = timedelta(days=7)
TEXT_GOOD_FOR = timedelta(days=3)
ASKED_GOOD_FOR = timedelta(hours=1)
ASKED_KEPT = timedelta(days=1)
_ACTS = {
    AccountChangeKind.ADD: "account_added",
    AccountChangeKind.MAKE_DEFAULT: "account_made_default",
    AccountChangeKind.REMOVE: "account_removed",
}


@dataclass(frozen=True)
class AccountView:
    """A receiving account as it is shown: the bank's name (its BIN when unknown), the holder, the last four."""

    id: int
    bin: str
    bank: str
    is_known_bank: bool
    tail: str
    holder: str
    is_default: bool
    added_at: datetime


@dataclass(frozen=True)
class ListedAccount:
    """A receiving account with its whole number, for papers of its owner."""

    bank: str
    number: str
    holder: str
    added_at: datetime


@dataclass(frozen=True)
class NewAccount:
    """An account to be added: BIN and number as VietQR carries them, the holder in ASCII capitals."""

    bin: str
    number: str
    holder: str
    makes_default: bool


@dataclass(frozen=True)
class Asker:
    """Who asks for a change; the code goes to their own phone (E.164)."""

    person_id: int
    phone: str
    address: str
    language: str


@dataclass(frozen=True)
class ChangeView:
    """A change that waits for its code (`done_at` None) or is done, with the sentence that tells it."""

    id: int
    kind: AccountChangeKind
    bin: str
    bank: str
    is_known_bank: bool
    tail: str
    holder: str
    makes_default: bool
    asked_at: datetime
    done_at: datetime | None
    sentence: Sentence


async def accounts_of(vendor_id: int) -> list[AccountView]:
    """A vendor's accounts, the default first. Two queries."""
    rows = await ReceivingAccount.filter(vendor_id=vendor_id).order_by("-is_default", "id")
    banks = await _bank_names(row.bin for row in rows)
    return [
        AccountView(
            row.id,
            row.bin,
            banks.get(row.bin, row.bin),
            row.bin in banks,
            account_tail(row.number),
            row.holder,
            row.is_default,
            row.created_at,
        )
        for row in rows
    ]


async def account_list(vendor_id: int, *, by: int) -> list[ListedAccount]:
    """A vendor's accounts with their whole numbers, for the seller's own notice to the tax office; it is recorded.

    Decree 68/2026/NĐ-CP, Art. 13.4: all accounts and wallets of the business are to be notified.
    """
    rows = await ReceivingAccount.filter(vendor_id=vendor_id).order_by("-is_default", "id")
    banks = await _bank_names(row.bin for row in rows)
    async with transaction():
        await record(by, "accounts_listed", "vendor", vendor_id, accounts=len(rows))
    return [
        ListedAccount(banks.get(row.bin, row.bin), row.number, row.holder, row.created_at) for row in rows
    ]


async def ask_to_add(vendor_id: int, new: NewAccount, *, by: Asker, now: datetime, secret: str) -> int:
    """Notes an account to be added and texts the code; the number of the change.

    Refusal at `account` when it stands already or there are ten. Raises TooMany as request_code does.
    """
    async with transaction():
        await _refuse_double(vendor_id, new.bin, new.number)
        change = AccountChange(
            kind=AccountChangeKind.ADD,
            bin=new.bin,
            number=new.number,
            holder=new.holder,
            makes_default=new.makes_default,
        )
        return await _asked(change, vendor_id, by, now, secret)


async def ask_to_make_default(
    vendor_id: int, account_id: int, *, by: Asker, now: datetime, secret: str
) -> int:
    """Notes that money shall go to another of the vendor's accounts, and texts the code. Raises as ask_to_add."""
    async with transaction():
        account = await _own(vendor_id, account_id)
        if account.is_default:
            raise Conflict(say("Tiền bán hàng đang vào tài khoản này rồi."))
        change = _about(account, AccountChangeKind.MAKE_DEFAULT)
        change.makes_default = True
        return await _asked(change, vendor_id, by, now, secret)


async def ask_to_remove(vendor_id: int, account_id: int, *, by: Asker, now: datetime, secret: str) -> int:
    """Notes an account to be removed and texts the code. Conflict for the default one: money must go somewhere."""
    async with transaction():
        account = await _own(vendor_id, account_id)
        _refuse_default(account)
        return await _asked(_about(account, AccountChangeKind.REMOVE), vendor_id, by, now, secret)


async def asked_change(change_id: int, vendor_id: int, *, person_id: int, now: datetime) -> ChangeView:
    """A change this person asked for and that still waits or is done. NotFound otherwise."""
    change = await AccountChange.get_or_none(id=change_id, vendor_id=vendor_id, person_id=person_id)
    if change is None or (change.done_at is None and change.asked_at + ASKED_GOOD_FOR <= now):
        raise NotFound(say("Yêu cầu đổi tài khoản này không còn. Hãy làm lại từ đầu."))
    return (await _views([change]))[0]


async def send_change_code(change: ChangeView, *, by: Asker, now: datetime, secret: str) -> None:
    """Texts another code for a change that waits; the one before is void. Raises TooMany."""
    async with transaction():
        await _send_code(change.id, by, now, secret)


async def confirm_change(
    change_id: int, vendor_id: int, code: str, *, by: Asker, now: datetime, secret: str
) -> ChangeView:
    """Makes the change with the code that was texted for it, once; the vendor is told by text and on screen.

    Refusal at `code` when it is wrong (the try is counted), void, used or meant for another change. Conflict when
    the accounts have changed meanwhile.
    """
    asked = await asked_change(change_id, vendor_id, person_id=by.person_id, now=now)
    if asked.done_at is not None:
        return asked
    async with transaction():
        refusal = await use_code(
            by.phone,
            code,
            now=now,
            secret=secret,
            purpose=ACCOUNT_CHANGE,
            subject=_subject(change_id),
        )
        if refusal is None:
            return await _made(change_id, vendor_id, by, now)
    raise refusal


async def recent_changes(vendor_ids: Sequence[int], *, now: datetime) -> list[ChangeView]:
    """What changed in the last seven days, newest first, up to ten; two queries, one when nothing did."""
    done = AccountChange.filter(vendor_id__in=list(vendor_ids), done_at__gt=now - SHOWN_FOR)
    return await _views(await done.order_by("-done_at").limit(10))


async def forget_unconfirmed(now: datetime) -> int:
    """Deletes changes that nobody confirmed within a day: they hold whole account numbers."""
    return await AccountChange.filter(done_at__isnull=True, asked_at__lt=now - ASKED_KEPT).delete()


async def _made(change_id: int, vendor_id: int, by: Asker, now: datetime) -> ChangeView:
    vendor = (await locked(Vendor, [vendor_id]))[vendor_id]
    change = (await locked(AccountChange, [change_id]))[change_id]
    if change.kind == AccountChangeKind.ADD:
        await _add(change, now)
    else:
        account = await _own(vendor_id, change.account_id or 0)
        if change.kind == AccountChangeKind.REMOVE:
            _refuse_default(account)
            await account.delete()
        else:
            await _make_default(account)
    change.done_at, change.number = now, account_tail(change.number)
    await change.save(update_fields=["done_at", "number"])
    await record(
        by.person_id,
        _ACTS[change.kind],
        "vendor",
        vendor_id,
        bin=change.bin,
        tail=account_tail(change.number),
    )
    view = (await _views([change]))[0]
    warned = say(
        "Chợ 4.0, quầy {name}: {what} Không phải cô bác làm thì gọi ngay ban quản lý chợ.",
        name=vendor.name,
        what=view.sentence,
    )
    for phone in dict.fromkeys((vendor.phone, by.phone)):
        await tell(phone, warned, now=now, expires_at=now + TEXT_GOOD_FOR)
    await announce(f"vendor:{vendor_id}")
    return view


async def _add(change: AccountChange, now: datetime) -> None:
    await _refuse_double(change.vendor_id, change.bin, change.number)
    account = await ReceivingAccount.create(
        vendor_id=change.vendor_id,
        bin=change.bin,
        number=change.number,
        holder=change.holder,
        created_at=now,
    )
    if change.makes_default or not await ReceivingAccount.exists(vendor_id=change.vendor_id, is_default=True):
        await _make_default(account)
    await account_was_added(change.vendor_id, now=now)


async def _make_default(account: ReceivingAccount) -> None:
    await ReceivingAccount.filter(vendor_id=account.vendor_id, is_default=True).update(is_default=False)
    account.is_default = True
    await account.save(update_fields=["is_default"])


async def _asked(change: AccountChange, vendor_id: int, by: Asker, now: datetime, secret: str) -> int:
    change.vendor_id, change.person_id, change.asked_at = vendor_id, by.person_id, now
    await change.save()
    await record(by.person_id, "account_change_asked", "vendor", vendor_id, kind=str(change.kind))
    await _send_code(change.id, by, now, secret)
    return int(change.id)


async def _send_code(change_id: int, by: Asker, now: datetime, secret: str) -> None:
    await request_code(
        by.phone,
        address=by.address,
        now=now,
        secret=secret,
        purpose=ACCOUNT_CHANGE,
        subject=_subject(change_id),
        language=by.language,
    )


def _subject(change_id: int) -> str:
    return f"account_change:{change_id}"


def _about(account: ReceivingAccount, kind: AccountChangeKind) -> AccountChange:
    return AccountChange(
        kind=kind,
        account_id=account.id,
        bin=account.bin,
        number=account_tail(account.number),
        holder=account.holder,
    )


async def _own(vendor_id: int, account_id: int) -> ReceivingAccount:
    account = await ReceivingAccount.get_or_none(id=account_id, vendor_id=vendor_id)
    if account is None:
        raise NotFound(say("Tài khoản này không còn trong danh sách."))
    return account


def _refuse_default(account: ReceivingAccount) -> None:
    if account.is_default:
        raise Conflict(say("Tiền bán hàng đang vào tài khoản này. Hãy chọn tài khoản khác nhận tiền trước."))


async def _refuse_double(vendor_id: int, bin: str, number: str) -> None:
    mine = ReceivingAccount.filter(vendor_id=vendor_id)
    if await mine.filter(bin=bin, number=number).exists():
        raise Refusal(say("Tài khoản này đã có trong danh sách của cô bác."), field="account")
    if await mine.count() >= ACCOUNTS_MAX:
        sentence = say("Nhiều nhất {n} tài khoản. Hãy bỏ bớt một tài khoản không dùng.", n=ACCOUNTS_MAX)
        raise Refusal(sentence, field="account")


async def _views(changes: Sequence[AccountChange]) -> list[ChangeView]:
    banks = await _bank_names(change.bin for change in changes)
    return [_view(change, banks) for change in changes]


def _view(change: AccountChange, banks: dict[str, str]) -> ChangeView:
    bank, tail = banks.get(change.bin, change.bin), account_tail(change.number)
    return ChangeView(
        id=change.id,
        kind=change.kind,
        bin=change.bin,
        bank=bank,
        is_known_bank=change.bin in banks,
        tail=tail,
        holder=change.holder,
        makes_default=change.makes_default,
        asked_at=change.asked_at,
        done_at=change.done_at,
        sentence=_sentence(change, bank, tail),
    )


def _sentence(change: AccountChange, bank: str, tail: str) -> Sentence:
    words = {"bank": bank, "tail": tail, "holder": change.holder}
    if change.kind == AccountChangeKind.REMOVE:
        return say("Bỏ tài khoản {bank} ••{tail}, chủ {holder}.", **words)
    if change.makes_default:
        return say("Tiền bán hàng từ nay vào {bank} ••{tail}, chủ {holder}.", **words)
    return say("Thêm tài khoản {bank} ••{tail}, chủ {holder}.", **words)


async def _bank_names(bins: Iterable[str]) -> dict[str, str]:
    wanted = sorted(set(bins))
    if not wanted:
        return {}
    return {row.bin: row.name for row in await Bank.filter(bin__in=wanted)}
