"""Transfer texts as banks and people mangle them: made from a seed, by kinds, with what each ought to mean."""

import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from kit.codes import ALPHABET, new_code
from payments.matching import PaymentView, TransferView, Verdict, judge, judge_several, meant_nearly
from payments.transfer_text import candidate_codes

NOON = datetime(2026, 3, 25, 5, 0, tzinfo=UTC)
SUMS_DONG = (20_000, 35_000, 50_000, 120_000, 180_000, 250_000)
PEOPLE = ("NGUYEN THI HOA", "Trần Văn Đức", "HTX CHE LA BANG", "Lý Thị Sùng", "PHAM VAN AN")
Chance = random.Random
Mangle = Callable[[str, Chance], str]


@dataclass(frozen=True)
class Case:
    """A transfer and its text. `meant`: the codes it was made of; only they may be settled, if recoverable they are."""

    kind: str
    text: str
    transfer: TransferView
    meant: tuple[str, ...]
    is_recoverable: bool = True


def payments_made(chance: Chance, accounts: int = 40, each: int = 60) -> list[PaymentView]:
    """Payments into many accounts, sums that recur, three in four still open."""
    numbers = [f"{number:02}77{chance.randrange(10**8):08}" for number in range(accounts)]
    return [
        PaymentView(
            code=new_code("DH", chance.randrange),
            asked_dong=chance.choice(SUMS_DONG),
            paid_dong=0,
            state=chance.choice(("pending", "pending", "pending", "expired")),
            expires_at=NOON + timedelta(minutes=15),
            account_number=number,
            bin="970436",
        )
        for number in numbers
        for _ in range(each)
    ]


def digits(chance: Chance, count: int) -> str:
    """Random digits, as banks put them around a text."""
    return "".join(chance.choice("0123456789") for _ in range(count))


WRITINGS: tuple[Mangle, ...] = (
    lambda said, chance: said,
    lambda said, chance: (
        f"MBVCB.{digits(chance, 10)}.{said}.CT tu {digits(chance, 10)} {chance.choice(PEOPLE)} toi tai VCB"
    ),
    lambda said, chance: f"CT DEN:{digits(chance, 12)} {said}",
    lambda said, chance: f"IBFT {said}",
    lambda said, chance: f"{said} FT{digits(chance, 14)}",
    lambda said, chance: f"QR   - {said} thanh toan don hang",
    lambda said, chance: f"{chance.choice(PEOPLE)} chuyển tiền đơn hàng {said}; cảm ơn",
    lambda said, chance: f"BankAPINotify {said}-{digits(chance, 6)}-CHUYEN TIEN-OQCH{digits(chance, 8)}-MOMO",
    lambda said, chance: f"NHAN TU {digits(chance, 10)} TRACE {digits(chance, 6)} ND {said}",
    lambda said, chance: f"TKThe :{digits(chance, 10)}, tai VIETINBANK. {said} -CTLNHIDI{digits(chance, 13)}",
    lambda said, chance: f"{said} GD {digits(chance, 6)}-{digits(chance, 4)} 25/03/2026 14:02:37",
    lambda said, chance: f"{digits(chance, 8)}{said}{digits(chance, 8)}",
)


def _sprinkled(text: str, chance: Chance) -> str:
    return "".join(c + (chance.choice((" ", ".", "-", "  ")) if chance.random() < 0.25 else "") for c in text)


def _wrapped(text: str, chance: Chance) -> str:
    width = chance.randrange(7, 36)
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def _ones(text: str, chance: Chance) -> str:
    return "".join(chance.choice("1Il") if c == "1" else c for c in text)


def _noisy(text: str, chance: Chance) -> str:
    marked = "".join(c + (chance.choice("\u200b\u0301\ufeff") if chance.random() < 0.3 else "") for c in text)
    return unicodedata.normalize("NFD", marked)


# What leaves every character of the code in its place.
WHOLE: dict[str, Mangle] = {
    "as it was": lambda text, chance: text,
    "small letters": lambda text, chance: text.lower(),
    "titled": lambda text, chance: text.title(),
    "blanks lost": lambda text, chance: text.replace(" ", ""),
    "dots for blanks": lambda text, chance: text.replace(" ", ".").replace("-", ""),
    "blanks and dots added": _sprinkled,
    "broken into lines": _wrapped,
    "l and I for 1": _ones,
    "accents and unseen signs": _noisy,
    "wide letters": lambda text, chance: "".join(
        chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text
    ),
    "said twice": lambda text, chance: f"{text} {text}",
    "all of it": lambda text, chance: _sprinkled(_ones(text, chance), chance).lower(),
}


def _changed(code: str, chance: Chance) -> str:
    at = chance.randrange(len(code))
    return code[:at] + chance.choice([c for c in ALPHABET + "0OU" if c != code[at]]) + code[at + 1 :]


def _lost(code: str, chance: Chance) -> str:
    at = chance.randrange(len(code))
    return code[:at] + code[at + 1 :]


def _added(code: str, chance: Chance) -> str:
    at = chance.randrange(1, len(code))
    return code[:at] + chance.choice(ALPHABET) + code[at:]


def _doubled(code: str, chance: Chance) -> str:
    at = chance.randrange(len(code))
    return code[:at] + code[at] + code[at:]


def _swapped(code: str, chance: Chance) -> str:
    at = chance.choice([at for at in range(len(code) - 1) if code[at] != code[at + 1]])
    return code[:at] + code[at + 1] + code[at] + code[at + 2 :]


# One slip, or the ends cut away.
SLIPS: dict[str, Mangle] = {
    "one changed": _changed,
    "one lost": _lost,
    "one added": _added,
    "one doubled": _doubled,
    "neighbours swapped": _swapped,
    "cut at the end": lambda code, chance: code[: chance.choice((8, 9))],
    "cut at the front": lambda code, chance: code[chance.choice((1, 2)) :],
}


def _two_changed(code: str, chance: Chance) -> str:
    said = list(code)
    for at in chance.sample(range(1, len(code) - 1), 2):
        said[at] = chance.choice([c for c in ALPHABET if c != code[at]])
    return "".join(said)


# Nothing that says for certain which code was meant.
LOST: dict[str, Mangle] = {
    "no code at all": lambda code, chance: chance.choice(
        ("", "DH", "tien che", "CHUYEN TIEN", digits(chance, 10))
    ),
    "half of it": lambda code, chance: code[:5],
    "three cut away": lambda code, chance: chance.choice((code[3:], code[:7])),
    "two changed": _two_changed,
    "backwards": lambda code, chance: code[::-1],
    "another market's": lambda code, chance: new_code("DH", chance.randrange),
}


NAMELESS = ("no code at all", "another market's")


def cases(seed: int, of_each: int = 4) -> list[Case]:
    """Texts of every kind from a seed: `of_each` for every writing of a kind, 48 and more of each kind."""
    chance = Chance(seed)
    population = payments_made(chance)
    made = []
    for writing in WRITINGS:
        for _ in range(of_each):
            for kind, mangle in WHOLE.items():
                made.append(_whole(kind, writing, mangle, population, chance))
            for kind, slip in SLIPS.items():
                made.append(_slipped(kind, writing, slip, population, chance))
                made.append(_unsafe(f"{kind}, other sum", writing, slip, population, chance))
            for kind, loss in LOST.items():
                made.append(_unsafe(kind, writing, loss, population, chance, same_sum=True))
            made.append(_both("two codes, their sum", writing, population, chance, extra_dong=0))
            made.append(_both("two codes, another sum", writing, population, chance, extra_dong=1))
    return made


def read(case: Case, population: Sequence[PaymentView]) -> tuple[Verdict, tuple[str, ...]]:
    """What the matcher makes of a text: its verdict, and the codes it would settle."""
    by_code = {one.code: one for one in population}
    named = [by_code[code] for code in candidate_codes(case.text) if code in by_code]
    if not named:
        lately = [one for one in population if one.account_number == case.transfer.account_number]
        near = meant_nearly(lately, case.transfer, case.text)
        named = [by_code[near]] if near else []
    transfer = replace(case.transfer, codes=tuple(one.code for one in named))
    one = named[0] if named else None
    verdict = judge_several(named, transfer) if len(named) > 1 else judge(one, transfer)
    return verdict, transfer.codes if verdict is Verdict.MATCHED else ()


def _transfer(payment: PaymentView, amount_dong: int) -> TransferView:
    return TransferView(amount_dong, payment.account_number, NOON, ())


def _open(population: Sequence[PaymentView], chance: Chance) -> PaymentView:
    return chance.choice([one for one in population if one.state == "pending"])


def _whole(kind: str, write: Mangle, mangle: Mangle, among: Sequence[PaymentView], chance: Chance) -> Case:
    payment = _open(among, chance)
    text = mangle(write(payment.code, chance), chance)
    return Case(kind, text, _transfer(payment, payment.asked_dong), (payment.code,))


def _slipped(kind: str, write: Mangle, slip: Mangle, among: Sequence[PaymentView], chance: Chance) -> Case:
    payment = _open(among, chance)
    text = WHOLE[chance.choice(list(WHOLE))](write(slip(payment.code, chance), chance), chance)
    return Case(kind, text, _transfer(payment, payment.asked_dong), (payment.code,))


def _unsafe(
    kind: str,
    write: Mangle,
    spoil: Mangle,
    among: Sequence[PaymentView],
    chance: Chance,
    *,
    same_sum: bool = False,
) -> Case:
    payment = _open(among, chance)
    amount_dong = payment.asked_dong if same_sum else payment.asked_dong + 1
    meant = () if kind in NAMELESS else (payment.code,)
    return Case(
        kind, write(spoil(payment.code, chance), chance), _transfer(payment, amount_dong), meant, False
    )


def _both(kind: str, write: Mangle, among: Sequence[PaymentView], chance: Chance, *, extra_dong: int) -> Case:
    one = _open(among, chance)
    same_account = [
        other
        for other in among
        if other.account_number == one.account_number and other.state == "pending" and other != one
    ]
    other = chance.choice(same_account)
    amount_dong = one.asked_dong + other.asked_dong + extra_dong
    return Case(
        kind,
        write(f"{one.code} {other.code}", chance),
        _transfer(one, amount_dong),
        (one.code, other.code),
        not extra_dong,
    )
