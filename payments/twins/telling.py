"""How each provider would tell of a transfer at the pretend bank: address, headers and body. Pure."""

from dataclasses import dataclass
from datetime import datetime

from payments.gate import StatementLine
from payments.gates import casso, payos
from payments.gates.bank_lines import local_time
from payments.gates.sepay import write as sepay_body
from payments.twins.sepay import notice_headers


@dataclass(frozen=True)
class Post:
    """What is posted to the market."""

    headers: dict[str, str]
    raw: bytes


def told(provider: str, secret: str, line: StatementLine, *, now: datetime, is_forged: bool) -> Post:
    """A line of the pretend bank as this provider would post it; a forged one is signed with another key."""
    key = "forged " + secret if is_forged else secret
    if provider == "casso":
        raw = casso_body(line)
        return Post({**casso.sign(key, now, raw), **_JSON}, raw)
    if provider == "payos":
        return Post(dict(_JSON), payos.write(key, payos_told(line)))
    raw = sepay_body(line)
    return Post(notice_headers(secret, raw, now=now, is_forged=is_forged), raw)


def casso_body(line: StatementLine) -> bytes:
    """Casso's webhook 2."""
    return casso.written(
        {
            "error": 0,
            "data": {
                "id": int(line.provider_ref),
                "reference": line.bank_reference,
                "description": line.content,
                "amount": line.amount_dong if line.is_incoming else -line.amount_dong,
                "runningBalance": 0,
                "transactionDateTime": local_time(line.at),
                "accountNumber": line.account_number,
                "bankName": line.gateway,
                "bankAbbreviation": line.gateway[:10],
                "virtualAccountNumber": line.sub_account,
                "virtualAccountName": "",
                "counterAccountName": "",
                "counterAccountNumber": "",
                "counterAccountBankId": "",
                "counterAccountBankName": "",
            },
        }
    )


def payos_told(line: StatementLine) -> dict[str, object]:
    """The `data` of payOS's webhook; a transfer by no link of ours has one of its own."""
    return {
        "orderCode": int(line.our_ref or line.provider_ref),
        "amount": line.amount_dong,
        "description": line.content,
        "accountNumber": line.account_number,
        "reference": line.bank_reference,
        "transactionDateTime": local_time(line.at),
        "currency": "VND",
        "paymentLinkId": f"twin{line.our_ref or line.provider_ref}",
        "code": "00",
        "desc": "success",
        "counterAccountBankId": None,
        "counterAccountBankName": None,
        "counterAccountName": None,
        "counterAccountNumber": None,
        "virtualAccountName": None,
        "virtualAccountNumber": line.sub_account or None,
    }


_JSON = {"Content-Type": "application/json"}
