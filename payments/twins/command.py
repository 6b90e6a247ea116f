"""The pretend bank from the command line: `python -m market.cli bank …` posts a signed notice by itself."""

import time
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from kit.settings import Settings
from payments.qr import BadQr, MerchantQr, parse
from payments.qr_picture import BadPicture, read_qr_picture
from payments.twins.sepay import NOTICE_PATH, notice_body, notice_headers, was_taken

OUTSIDE_SECONDS = 20.0
READ_MAX_BYTES = 20_000_000


def pay_from_command(
    settings: Settings, qr: str, *, amount_dong: int | None, twice: bool, forged: bool
) -> int:
    """Tells the market of a transfer for a QR code (its text, or the path of a picture), as SePay would.

    Blocking. Prints what happened; gives 0 when every notice was taken, 1 when one was refused, 2 when the code
    could not be read, names no amount, or twins are off.
    """
    if settings.is_production or not settings.bank_twin:
        print("The pretend bank is off here.")
        return 2
    try:
        asked = parse(_text_of(qr))
    except (BadQr, BadPicture, OSError) as wrong:
        print(f"This is no QR code that can be paid: {wrong}")
        return 2
    amount_dong = amount_dong if amount_dong is not None else asked.amount_dong
    if not asked.kind.is_vietqr or not amount_dong or amount_dong < 1:
        print("The code names no bank account or no amount; give one with --amount.")
        return 2
    return _pay(settings, asked, amount_dong, sends=2 if twice else 1, forged=forged)


def _text_of(qr: str) -> str:
    # A QR text is longer than file names may be on some systems: only what is short can be a path.
    path = Path(qr)
    if len(qr) > 250 or not path.is_file():
        return qr
    with path.open("rb") as file:
        return read_qr_picture(file.read(READ_MAX_BYTES + 1)) or ""


def _pay(settings: Settings, asked: MerchantQr, amount_dong: int, *, sends: int, forged: bool) -> int:
    event_id = time.time_ns() // 1000  # far above the numbers of transfers made on the page
    raw = notice_body(
        event_id,
        gateway=asked.bin or "",
        account_number=asked.account or "",
        amount_dong=amount_dong,
        content=asked.purpose or "",
        at=datetime.now(UTC),
    )
    print(f"{amount_dong} đồng to {asked.account} at {asked.bin}, content «{asked.purpose or ''}»")
    taken = [_send(settings, raw, forged) for _ in range(sends)]
    return 0 if all(taken) else 1


def _send(settings: Settings, raw: bytes, forged: bool) -> bool:
    headers = notice_headers(settings.sepay_secret, raw, now=datetime.now(UTC), is_forged=forged)
    try:
        answer = httpx2.post(
            settings.base_url + NOTICE_PATH, content=raw, headers=headers, timeout=OUTSIDE_SECONDS
        )
    except httpx2.HTTPError as lost:
        print(f"The market at {settings.base_url} does not answer: {lost}")
        return False
    print(f"The market answered {answer.status_code} {answer.text}")
    return was_taken(answer.status_code, answer.content)
