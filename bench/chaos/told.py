"""What banks tell of a payment, kind by kind, and how the payment must stand when all of it has been settled."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bench.chaos.callers import Message
from bench.shoppers import SECRET
from kit.settings import Settings
from payments.gate import StatementLine
from payments.twins import telling

PART_DONG, OVER_DONG = 1_000, 7_000
SECRETS = {"sepay": SECRET, "casso": Settings().casso_secret}
PATH = "/payments/notices/{}"
# How often each comes among a hundred bank payments.
BANK_KINDS: Mapping[str, int] = {
    "matched": 45,
    "told three times": 14,
    "told by two": 6,
    "paid twice": 6,
    "over": 9,
    "in two parts": 11,
    "one part": 4,
    "late": 5,
}


class Payable(Protocol):
    """What a buyer knows who is to pay."""

    @property
    def code(self) -> str: ...

    @property
    def account_number(self) -> str: ...

    @property
    def asked_dong(self) -> int: ...


@dataclass(frozen=True)
class Told:
    """The messages in their order, and what of the money counts and what is over, in đồng."""

    messages: list[Message]
    received_dong: int
    extra_dong: int


def by_bank(kind: str, asked: Payable, number: int, dice: random.Random) -> Told:
    """What SePay or Casso tell of transfers for a payment; `number` makes their keys, ten for each."""
    all_dong, source = asked.asked_dong, dice.choice(sorted(SECRETS))

    at = datetime.now(UTC)

    def told(dong: int, place: int = 0, *, late: bool = False, by: str = source) -> Message:
        return notice(asked, dong, 10 * number + place, by=by, late=late, at=at)

    kinds: dict[str, tuple[list[Message], int, int]] = {
        "matched": ([told(all_dong)], all_dong, 0),
        "told three times": ([told(all_dong)] * 3, all_dong, 0),
        "told by two": ([told(all_dong, by=one) for one in sorted(SECRETS)], all_dong, 0),
        "paid twice": ([told(all_dong), told(all_dong, 1)], all_dong, all_dong),
        "over": ([told(all_dong + OVER_DONG)], all_dong, OVER_DONG),
        "in two parts": ([told(PART_DONG), told(all_dong - PART_DONG, 1)], all_dong, 0),
        "one part": ([told(PART_DONG)], PART_DONG, 0),
        "late": ([told(all_dong, late=True)], 0, all_dong),
    }
    return Told(*kinds[kind])


def notice(
    asked: Payable, dong: int, key: int, *, by: str = "sepay", late: bool = False, at: datetime | None = None
) -> Message:
    """One transfer for a payment as a provider tells of it. `late`: the money moved a day too late."""
    text = f"MBVCB.{key}.{asked.code}.CT tu 0011004321987 NGUOI MUA THU"
    return transfer(asked.account_number, dong, text, key, by=by, days_late=int(late), at=at)


def transfer(
    account: str,
    dong: int,
    text: str,
    key: int,
    *,
    by: str = "sepay",
    is_incoming: bool = True,
    days_late: int = 0,
    at: datetime | None = None,
) -> Message:
    """One line of a bank as a provider tells of it, moved `at` then; signed when it is sent."""
    line = StatementLine(
        provider_ref=str(key),
        our_ref="",
        amount_dong=dong,
        is_incoming=is_incoming,
        at=((at or datetime.now(UTC)) + timedelta(days=days_late)).replace(microsecond=0),
        account_number=account,
        content=text,
        bank_reference=f"FT{key:012}",
        gateway="Vietcombank",
    )
    post = telling.told(by, SECRETS[by], line, now=datetime.now(UTC), is_forged=False)

    def headers(raw: bytes) -> Mapping[str, str]:
        again = telling.told(by, SECRETS[by], line, now=datetime.now(UTC), is_forged=False)
        assert again.raw == raw
        return again.headers

    return Message(PATH.format(by), post.raw, headers, f"{by}:{key}")
