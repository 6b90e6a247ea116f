"""The books: append-only double entry in whole đồng; debit positive, credit negative, every booking sums to zero.

The platform holds nobody's money. The accounts are memo accounts: they say what was seen where, and for whom.
docs/ledger.md has the table of bookings.
"""

from collections.abc import Sequence
from datetime import datetime

from tortoise.functions import Sum

from kit.db import is_in_transaction, sql
from payments.models import Entry

ACCOUNT_MAX = 80

_SUMS = "SELECT account, sum(amount_dong)::bigint AS total FROM ledger_entry WHERE account = ANY($1) GROUP BY account"
Entries = Sequence[tuple[str, int]]

_POST = (
    "WITH made AS (INSERT INTO ledger_transaction (kind, reference, at)"
    " SELECT $1, reference, $2 FROM unnest($3::text[]) AS reference"
    " ON CONFLICT (kind, reference) DO NOTHING RETURNING id, reference)"
    " INSERT INTO ledger_entry (transaction_id, account, amount_dong)"
    " SELECT made.id, side.account, side.dong"
    " FROM unnest($4::text[], $5::text[], $6::bigint[]) WITH ORDINALITY AS side (reference, account, dong, place)"
    " JOIN made ON made.reference = side.reference ORDER BY side.place RETURNING transaction_id"
)


class LedgerWrong(Exception):
    """The books do not hold: a booking that is none, or a sum that differs. `payment_id` if one is concerned."""

    def __init__(self, what: str, *, payment_id: int | None = None) -> None:
        super().__init__(what)
        self.payment_id = payment_id


async def post(kind: str, reference: str, entries: Entries, *, at: datetime) -> bool:
    """Books one transaction; False, and nothing booked, when this kind and reference are in the books already.

    `entries` are (account, đồng), debit positive. Needs an open transaction(). Raises LedgerWrong.
    """
    return await post_all(kind, [(reference, entries)], at=at)


async def post_all(kind: str, bookings: Sequence[tuple[str, Entries]], *, at: datetime) -> bool:
    """Books several of a kind, each by its reference, in one statement; False when none of them was new.

    Needs an open transaction(). Raises LedgerWrong.
    """
    if not is_in_transaction():
        raise RuntimeError("post() needs an open transaction()")
    for reference, entries in bookings:
        _refuse_wrong(kind, reference, entries)
    sides = [(reference, *entry) for reference, entries in bookings for entry in entries]
    if not sides:
        return False
    columns = [list(column) for column in zip(*sides, strict=True)]
    return bool(await sql(_POST, [kind, at, [reference for reference, _ in bookings], *columns]))


async def reverse(kind: str, reference: str, *, of: Sequence[str], at: datetime) -> bool:
    """Books the opposite of what these kinds booked under the reference, in one booking; False when it stands already.

    Needs an open transaction(). Raises LedgerWrong when there is nothing to reverse.
    """
    rows = (
        await Entry.filter(transaction__kind__in=list(of), transaction__reference=reference)
        .annotate(total=Sum("amount_dong"))
        .group_by("account")
        .values_list("account", "total")
    )
    entries = sorted((str(account), -int(total)) for account, total in rows if total)
    return await post(kind, reference, entries, at=at)


async def balance(account: str) -> int:
    """The sum of an account in đồng, debit positive; 0 when it was never used."""
    return (await balances_of([account])).get(account, 0)


async def balances_of(accounts: Sequence[str]) -> dict[str, int]:
    """The sums of several accounts in one query; those never used are missing."""
    rows = await sql(_SUMS, [list(accounts)])
    return {str(row["account"]): int(str(row["total"])) for row in rows}


async def balances(prefix: str) -> dict[str, int]:
    """The sums of all accounts whose name begins with the prefix, by name."""
    return await _sums(account__startswith=prefix)


async def assert_balanced() -> None:
    """Raises LedgerWrong naming the first wrong booking, or the first payment that says other than the books."""
    wrong = await sql(
        "SELECT t.id, t.kind, t.reference, sum(e.amount_dong)::bigint AS total"
        " FROM ledger_transaction t LEFT JOIN ledger_entry e ON e.transaction_id = t.id"
        " GROUP BY t.id HAVING sum(e.amount_dong) IS DISTINCT FROM 0 ORDER BY t.id LIMIT 1"
    )
    for row in wrong:
        raise LedgerWrong("booking {id} ({kind} {reference}) sums to {total}".format(**row))
    differing = await sql(
        "SELECT p.id, p.code, p.received_dong AS said, (-coalesce(sum(e.amount_dong), 0))::bigint AS booked"
        " FROM payment p LEFT JOIN ledger_entry e ON e.account = p.reference || ':paid'"
        " GROUP BY p.id HAVING p.received_dong <> -coalesce(sum(e.amount_dong), 0) ORDER BY p.id LIMIT 1"
    )
    for row in differing:
        what = "payment {code} says {said} đồng received, the books {booked}".format(**row)
        raise LedgerWrong(what, payment_id=int(str(row["id"])))


def seller_bank(vendor_id: int) -> str:
    """What was seen coming into the seller's own account for the market."""
    return f"seller:{vendor_id}:bank"


def market_bank(market_id: int) -> str:
    """What was seen coming into a market's own account: its fees."""
    return f"market:{market_id}:bank"


def said(reference: str) -> str:
    """What the seller says has come, and no bank has told us yet."""
    return f"{reference}:said"


def cash(reference: str) -> str:
    """What the seller took in cash for something that was asked by QR."""
    return f"{reference}:cash"


def other_bank(account_number: str) -> str:
    """What was seen coming into an account without our knowing whose order it was for."""
    return f"bank:{account_number}"


def paid(reference: str) -> str:
    """What counts towards the thing that was paid for ("order:17")."""
    return f"{reference}:paid"


def owed_to_buyer(reference: str) -> str:
    """What the seller received beyond what was asked: over, twice or too late."""
    return f"{reference}:owed_to_buyer"


def suspense(notice_id: int) -> str:
    """Money of one notice that belongs to no payment yet."""
    return f"suspense:{notice_id}"


def clearing(gate: str) -> str:
    """What a provider has collected and not yet handed over."""
    return f"provider:{gate}:clearing"


def collected(reference: str) -> str:
    """What of a thing's money came through a provider and is owed on to its seller."""
    return f"{reference}:collected"


def payable(vendor_id: int) -> str:
    """What is owed to a seller from what providers collected."""
    return f"seller:{vendor_id}:payable"


def withheld_vat(vendor_id: int) -> str:
    """Value-added tax kept back from a seller for the tax office."""
    return f"seller:{vendor_id}:withheld_vat"


def withheld_income(vendor_id: int) -> str:
    """Personal income tax kept back from a seller for the tax office."""
    return f"seller:{vendor_id}:withheld_income"


def owed_by(reference: str, gate: str) -> str:
    """What came through a provider beyond what was asked, and has to go back to the buyer the same way."""
    return f"{reference}:owed_by:{gate}"


def given_back(reference: str) -> str:
    """What was taken back out of a thing's paid money for its buyer; beside `paid`, which says what came."""
    return f"{reference}:given_back"


def returning(reference: str) -> str:
    """What is on its way back to a buyer."""
    return f"{reference}:returning"


def paying_out(vendor_id: int) -> str:
    """What is on its way on to a seller."""
    return f"seller:{vendor_id}:paying_out"


def to_collect(carrier: str) -> str:
    """What a carrier is to collect at doors, as far as nobody has told that it did."""
    return f"carrier:{carrier}:to_collect"


def carrier_said(carrier: str) -> str:
    """What a carrier says it has collected; nobody trusts that before its statement."""
    return f"carrier:{carrier}:said"


def carrier_short(carrier: str) -> str:
    """What a carrier's statements lack of what it collected, and it still owes to sellers."""
    return f"carrier:{carrier}:short"


def due_at_door(reference: str) -> str:
    """What the buyer of a thing is to pay at the door, or has paid to a carrier that has not remitted it."""
    return f"{reference}:due_at_door"


def post_cash(person_id: int) -> str:
    """Cash that a member of the market's own postal staff took at doors and has not paid in."""
    return f"post:{person_id}:cash"


def post_difference(person_id: int) -> str:
    """What counts with this member of the staff lacked (below zero: what was over)."""
    return f"post:{person_id}:difference"


def coming(vendor_id: int) -> str:
    """What own staff took at doors for a seller and has not paid in at the office."""
    return f"seller:{vendor_id}:coming"


def post_fees(vendor_id: int) -> str:
    """What carriers kept of a seller's collected money as their fees."""
    return f"seller:{vendor_id}:post_fees"


def door_loss(vendor_id: int) -> str:
    """What a seller lost because a carrier never remitted it."""
    return f"seller:{vendor_id}:door_loss"


def compensation(vendor_id: int) -> str:
    """What carriers paid a seller for parcels that they lost or damaged."""
    return f"seller:{vendor_id}:compensation"


POST_BOX = "post:box"
POST_ON_THE_WAY = "post:on_the_way"
POST_BANK_DIFFERENCE = "post:bank_difference"
POST_BANK_FEES = "post:bank_fees"
PLATFORM_BANK = "platform:bank"


def _refuse_wrong(kind: str, reference: str, entries: Entries) -> None:
    named = f"booking {kind} {reference}"
    if not kind or not reference or len(entries) < 2:
        raise LedgerWrong(f"{named} has {len(entries)} entries")
    for account, dong in entries:
        if not account or len(account) > ACCOUNT_MAX or type(dong) is not int or dong == 0:
            raise LedgerWrong(f"{named} has a wrong entry: {account!r} {dong!r}")
    total = sum(dong for _, dong in entries)
    if total:
        raise LedgerWrong(f"{named} sums to {total}")


async def _sums(**which: object) -> dict[str, int]:
    rows = (
        await Entry.filter(**which)
        .annotate(total=Sum("amount_dong"))
        .group_by("account")
        .values_list("account", "total")
    )
    return {str(account): int(total) for account, total in rows}
