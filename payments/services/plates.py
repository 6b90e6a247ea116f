"""The code on a stall's plate: a static VietQR without an amount, written and read back."""

from dataclasses import dataclass

from payments.qr import BadQr, parse, vietqr


@dataclass(frozen=True)
class PlateAccount:
    """The account that a payment code names; both empty for a scheme that names none (VNPAY and others)."""

    bin: str
    account: str


def plate_text(bin: str, account: str, *, holder: str, city: str) -> str:
    """The text of a stall's static VietQR; the payer types the amount. Raises BadQr."""
    return vietqr(bin, account, merchant_name=holder, merchant_city=city)


def plate_account(text: str) -> PlateAccount | None:
    """The account in a scanned code; None when it is no payment code that may be paid."""
    try:
        read = parse(text)
    except BadQr:
        return None
    return PlateAccount(read.bin or "", read.account or "")
