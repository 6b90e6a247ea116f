"""Rows with human names for tests, a section for each package."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from accounts.models import Person, TextMessage
from postal.carrier import ParcelRequest, Party
from postal.services import ParcelView, act, book, parcel
from postal.staff_carrier import Act

# --- postal ---


def sender(**changes: str) -> Party:
    """A seller at a stall in Thái Nguyên."""
    return replace(
        Party(
            "Chè Hảo Đạt", "+84912345678", "Quầy 12, chợ Thái", "05503", "Xã Tân Cương", "Tỉnh Thái Nguyên"
        ),
        **changes,
    )


def recipient(**changes: str) -> Party:
    """A buyer in another commune of the province."""
    return replace(
        Party(
            "Nguyễn Thị Hoa",
            "+84987654321",
            "Số 5, ngõ 2",
            "05443",
            "Phường Phan Đình Phùng",
            "Tỉnh Thái Nguyên",
        ),
        **changes,
    )


def parcel_request(**changes: Any) -> ParcelRequest:
    """A parcel of tea from `sender` to `recipient`."""
    fields: dict[str, Any] = {
        "reference": "AB12CD34",
        "sender": sender(),
        "recipient": recipient(),
        "weight_g": 500,
        "value_dong": 250_000,
        "contents": "Chè nõn tôm 500 g",
    }
    return ParcelRequest(**{**fields, **changes})


async def booked_parcel(
    key: str = "order:1",
    *,
    now: datetime,
    secret: str = "a secret for tests, long enough to sign",
    **changes: Any,
) -> ParcelView:
    """A parcel waiting to be collected."""
    return await book(parcel_request(**changes), key=key, now=now, secret=secret)


async def carried(code: str, *acts: Act, person_id: int, now: datetime) -> ParcelView:
    """The parcel after these acts, one after the other."""
    for number, one in enumerate(acts):
        await act(
            code,
            one,
            person_id=person_id,
            event_key=f"carried:{number}:{one}",
            now=now,
            reason=_REASON.get(one, ""),
        )
    return await parcel(code)


_REASON = {Act.FAIL: "recipient_unreachable", Act.FAIL_PICKUP: "sender_absent"}


# --- accounts ---

SECRET = "a secret for tests, long enough to sign"
HOA, TUAN, LAN = "+84912345678", "+84987654321", "+84973111222"


async def person(name: str = "Nguyễn Thị Hoa", phone: str = HOA) -> Person:
    """Somebody who has signed in before and said their name."""
    return await Person.create(phone=phone, name=name)


async def code_sent_to(phone: str) -> str:
    """The six digits of the newest text that waits for a phone."""
    text = await TextMessage.filter(phone=phone).order_by("-id").first()
    assert text is not None, f"no text for {phone}"
    found = re.search(r"[0-9]{6}", text.words)
    assert found, text.words
    return found[0]


def wrong_code(code: str) -> str:
    """Six digits that are not the code."""
    return f"{(int(code) + 1) % 1_000_000:06}"
