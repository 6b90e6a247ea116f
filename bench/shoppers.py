"""Shoppers for the load: goods in plenty to buy, people with tokens, and what a bank says when they have paid."""

import itertools
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from accounts.services import make_api_token, person_of
from bench.load import Line, address
from kit.clock import VIETNAM
from kit.db import sql
from kit.settings import Settings
from payments.gates.sepay import sign

PLENTY = 1_000_000
GOODS = 24
WEIGHT_MAX_G = 5_000
FIRST_PHONE = 84_912_700_000
COMMUNES = ("05443", "05692", "05503")
NOTICE_PATH = "/payments/notices/sepay"
SECRET = Settings().sepay_secret
NUMBERS = itertools.count(
    1
)  # of orders and notices: none twice, as a market may be measured by several parts


@dataclass(frozen=True)
class Shopper:
    """Somebody who buys by program: their bearer token and the address they call from."""

    number: int
    token: str

    def line(self, port: int) -> Line:
        """A connection of theirs."""
        headers = {"authorization": f"Bearer {self.token}", "x-forwarded-for": address(self.number)}
        return Line(port, headers)


async def stock_up() -> list[str]:
    """Gives the first light goods for everybody, of one size, price and had today, a million each; their codes."""
    rows = await sql(
        "UPDATE listing SET stock = $1 WHERE id IN (SELECT id FROM listing WHERE state = 'on_sale'"
        " AND NOT is_adult_only AND weight_g <= $2 AND price_to_dong IS NULL AND ships_from IS NULL"
        " AND NOT is_heavier_charged"
        " ORDER BY id LIMIT $3) RETURNING code",
        [PLENTY, WEIGHT_MAX_G, GOODS],
    )
    return sorted(str(row["code"]) for row in rows)


async def shoppers(count: int, *, first: int = 0) -> list[Shopper]:
    """People who never bought before, with a token each; two who ask for other `first` numbers get other people."""
    now = datetime.now(UTC)
    made = []
    for number in range(first, first + count):
        person = await person_of(f"+{FIRST_PHONE + number}")
        made.append(Shopper(number, await make_api_token(person.id, "bench", now=now)))
    return made


async def order_once(line: Line, key: str, codes: Sequence[str]) -> dict[str, Any]:
    """Puts goods in, reads the review and orders; the answer says what to transfer. RuntimeError if refused."""
    _made(await line.act("/basket/lines", {"listing": random.choice(codes), "quantity": 1}, f"{key}-basket"))
    commune = random.choice(COMMUNES)
    review = await line.read(f"/checkout?commune_code={commune}")
    sent = {
        "name": "Người Mua Thử",
        "phone": "0912 700 000",
        "line": "Số 5, tổ 3",
        "commune_code": commune,
        "seen": review["seen"],
    }
    [order] = _made(await line.act("/orders", sent, f"{key}-order"))["orders"]
    return dict(order)


async def pay(line: Line, order: dict[str, Any], number: int) -> None:
    """Sends the bank's signed notice of the transfer that the order asks for. RuntimeError if refused."""
    asked = order["payment"]
    raw = notice(number, asked["account_number"], asked["amount_dong"], asked["content"])
    answer = await line.ask("POST", NOTICE_PATH, raw, signed(raw))
    if answer.status != 200:
        raise RuntimeError(f"notice {number}: {answer.status} {answer.body.decode(errors='replace')}")


def notice(number: int, account: str, amount_dong: int, content: str, *, at: datetime | None = None) -> bytes:
    """The body of a bank's notice as SePay sends it (developer.sepay.vn, webhooks); `at` is when the money moved."""
    body = {
        "id": number,
        "gateway": "Vietcombank",
        "transactionDate": (at or datetime.now(UTC)).astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S"),
        "accountNumber": account,
        "subAccount": None,
        "code": None,
        "content": f"MBVCB.6089412375.{content}.CT tu 0011004321987 NGUOI MUA THU",
        "transferType": "in",
        "description": "BankAPINotify",
        "transferAmount": amount_dong,
        "accumulated": 19_077_000,
        "referenceCode": f"FT{number:012}",
    }
    return json.dumps(body).encode()


def signed(raw: bytes) -> dict[str, str]:
    """The headers of a notice sent now."""
    return {"content-type": "application/json", **sign(SECRET, int(time.time()), raw)}


def _made(answer: Any) -> Any:
    if answer.status != 201:
        raise RuntimeError(f"{answer.status} {answer.body.decode(errors='replace')}")
    return answer.json()
