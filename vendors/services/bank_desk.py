"""The bank table as administrators keep it: every institution, and BINs that sellers use but the table lacks."""

from dataclasses import dataclass

from tortoise.functions import Count

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import Sentence, say
from vendors.models import Bank, ReceivingAccount

BIN_DIGITS = 6
BANK_KINDS: dict[str, Sentence] = {
    "bank": say("Ngân hàng"),
    "mobile_money": say("Mobile Money"),
    "wallet": say("Ví điện tử"),
    "finance_company": say("Công ty tài chính"),
}


@dataclass(frozen=True)
class BankRow:
    """An institution with how many receiving accounts lie there."""

    bin: str
    code: str
    name: str
    kind: str
    is_shown: bool
    accounts: int


async def bank_rows() -> tuple[list[BankRow], dict[str, int]]:
    """All institutions by BIN, and the BINs in use that are none of them with their accounts. Two queries."""
    used = {
        str(row["bin"]): int(row["n"])
        for row in await ReceivingAccount.annotate(n=Count("id")).group_by("bin").values("bin", "n")
    }
    banks = await Bank.all().order_by("bin")
    rows = [
        BankRow(one.bin, one.code, one.name, one.kind, one.is_shown, used.pop(one.bin, 0)) for one in banks
    ]
    return rows, dict(sorted(used.items()))


async def bank_row(bin: str) -> BankRow:
    """One institution. NotFound."""
    one = await Bank.get_or_none(bin=bin) if len(bin) == BIN_DIGITS else None
    if one is None:
        raise NotFound(say("Không có ngân hàng nào mang mã này."))
    used = await ReceivingAccount.filter(bin=bin).count()
    return BankRow(one.bin, one.code, one.name, one.kind, one.is_shown, used)


async def add_bank(bin: str, *, code: str, name: str, kind: str, is_shown: bool, by: int) -> None:
    """Adds an institution. Conflict when the BIN stands already."""
    async with transaction():
        if await Bank.exists(bin=bin):
            raise Conflict(say("Mã {bin} đã có trong bảng.", bin=bin))
        await Bank.create(bin=bin, code=code, name=name, kind=kind, is_shown=is_shown)
        await record(by, "bank_added", "bank", bin, name=name, kind=kind, is_shown=is_shown)


async def change_bank(bin: str, *, code: str, name: str, kind: str, is_shown: bool, by: int) -> None:
    """Rewrites an institution; what differs goes into the trail. NotFound."""
    async with transaction():
        bank = (await locked(Bank, [bin])).get(bin)
        if bank is None:
            raise NotFound(say("Không có ngân hàng nào mang mã này."))
        wanted = {"code": code, "name": name, "kind": kind, "is_shown": is_shown}
        before = {field: getattr(bank, field) for field in wanted}
        changed = {field: [before[field], value] for field, value in wanted.items() if before[field] != value}
        if changed:
            bank.update_from_dict(wanted)
            await bank.save(update_fields=list(wanted))
            await record(by, "bank_changed", "bank", bin, **changed)
