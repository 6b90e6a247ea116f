"""One-time codes: asked for within limits, sent as a text through the outbox, used up once, guessed at in vain."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil

from accounts.models import SignInCode, WrongCode
from accounts.services.texts import put_text
from kit.codes import keyed_digest, same_digest, six_digits
from kit.db import sql, transaction
from kit.errors import Refusal, TooMany
from kit.i18n import Sentence, say, translated

CODE_LIFE = timedelta(minutes=5)
TRIES_MAX = 5
RESEND_SECONDS = 30
ACCOUNT_CHANGE = "account_change"
MY_COPY = "my_copy"


@dataclass(frozen=True)
class Limit:
    """At most so many within any span of this length."""

    times: int
    span: timedelta


PHONE_LIMITS = (
    Limit(1, timedelta(seconds=RESEND_SECONDS)),
    Limit(5, timedelta(hours=1)),
    Limit(15, timedelta(days=1)),
)
ADDRESS_LIMITS = (Limit(20, timedelta(hours=1)),)
MARKET_LIMIT = Limit(3000, timedelta(hours=1))
WRONG_LIMIT = Limit(30, timedelta(hours=1))
log = logging.getLogger("accounts")


async def request_code(
    phone: str,
    *,
    address: str,
    now: datetime,
    secret: str,
    purpose: str = "sign_in",
    subject: str = "",
    language: str = "vi",
    words: Sentence | None = None,
) -> None:
    """Sends a fresh code to a phone (E.164), known here or not; earlier ones for this purpose are void from now on.

    `secret` is the installation's: the database holds only the code's HMAC. `subject` names the one act that the
    code is good for ("account_change:17"): for any other it is a wrong code. `words` is what the text says instead
    of the purpose's own words, with the places {code} and {n} (minutes) left for it. Raises TooMany.
    """
    network = network_of(address)
    async with transaction():
        await _one_at_a_time(f"phone:{phone}")
        await _one_at_a_time(f"address:{network}")
        await _refuse_too_many(phone, network, now)
        code = six_digits()
        await SignInCode.create(
            phone=phone,
            purpose=purpose,
            code_hash=_hash(purpose, subject, phone, code, secret),
            address=network,
            created_at=now,
            expires_at=now + CODE_LIFE,
        )
        told = _words(purpose, code) if words is None else _filled(words, code)
        await put_text(phone, translated(told, language), now=now, expires_at=now + CODE_LIFE)


async def use_code(
    phone: str,
    code: str,
    *,
    now: datetime,
    secret: str,
    purpose: str = "sign_in",
    subject: str = "",
    address: str | None = None,
) -> Refusal | None:
    """Uses up the phone's newest code, or counts a wrong try and gives the refusal.

    With an `address`, where nobody is known yet, wrong tries are counted for it too, whatever the phones: else one
    could try a few codes of everybody's. Needs an open transaction(), which must commit before the refusal is raised:
    else the try would not count.
    """
    await _one_at_a_time(f"phone:{phone}")
    if address is None:
        return await _used(phone, code, now, secret, purpose, subject)
    network = network_of(address)
    await _one_at_a_time(f"address:{network}")
    refusal = await _tried_too_often(network, now)
    if refusal is None:
        refusal = await _used(phone, code, now, secret, purpose, subject)
        if refusal is not None:
            await WrongCode.create(address=network, at=now)
    return refusal


async def _used(
    phone: str, code: str, now: datetime, secret: str, purpose: str, subject: str
) -> Refusal | None:
    row = await SignInCode.filter(phone=phone, purpose=purpose).order_by("-id").first()
    if row is None or row.used_at or row.expires_at <= now or row.tries >= TRIES_MAX:
        return Refusal(say("Mã này không còn dùng được. Hãy lấy mã mới."), field="code")
    if not same_digest(row.code_hash, _hash(purpose, subject, phone, code, secret)):
        row.tries += 1
        await row.save(update_fields=["tries"])
        return _wrong(TRIES_MAX - row.tries)
    row.used_at = now
    await row.save(update_fields=["used_at"])
    return None


def network_of(address: str) -> str:
    """What an address is counted by: itself, or the /64 of an IPv6 one, which is one household or one phone."""
    try:
        read = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(read, IPv6Address):
        if read.ipv4_mapped:
            return str(read.ipv4_mapped)
        return str(IPv6Network((read, 64), strict=False))
    return str(read)


def free_at(sent: Sequence[datetime], limits: Sequence[Limit], now: datetime) -> datetime:
    """When the next one may be sent, given the moments of the last ones, newest first; `now` if at once."""
    full = [sent[limit.times - 1] + limit.span for limit in limits if len(sent) >= limit.times]
    return max([now, *full])


async def _one_at_a_time(key: str) -> None:
    await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text", [key])


async def _refuse_too_many(phone: str, network: str, now: datetime) -> None:
    by_phone = await _last_sent(PHONE_LIMITS, phone=phone)
    by_address = await _last_sent(ADDRESS_LIMITS, address=network)
    free = max(free_at(by_phone, PHONE_LIMITS, now), free_at(by_address, ADDRESS_LIMITS, now))
    seconds = ceil((free - now).total_seconds())
    if seconds <= 0:
        await _refuse_when_the_market_has_sent_enough(now)
    if seconds > 90:
        sentence = say("Đã gửi nhiều mã quá. Bạn chờ {n} phút nữa rồi lấy mã mới.", n=ceil(seconds / 60))
        raise TooMany(sentence, wait_seconds=seconds)
    if seconds > 0:
        sentence = say("Mã vừa được gửi đi. Bạn chờ {n} giây nữa rồi lấy mã mới.", n=seconds)
        raise TooMany(sentence, wait_seconds=seconds)


async def _refuse_when_the_market_has_sent_enough(now: datetime) -> None:
    """A flood of codes from everywhere costs money for nothing (texts are paid for one by one) and hides guesses."""
    since = now - MARKET_LIMIT.span
    rows = SignInCode.filter(created_at__gt=since).order_by("-created_at").offset(MARKET_LIMIT.times - 1)
    full = await rows.limit(1)
    if full:
        log.error("the market has sent %s codes within an hour and sends no more for now", MARKET_LIMIT.times)
        seconds = ceil((full[0].created_at + MARKET_LIMIT.span - now).total_seconds())
        sentence = say(
            "Nhiều người đang lấy mã cùng lúc. Bạn chờ {n} phút nữa rồi thử lại.", n=ceil(seconds / 60)
        )
        raise TooMany(sentence, wait_seconds=seconds)


async def _tried_too_often(network: str, now: datetime) -> Refusal | None:
    rows = WrongCode.filter(address=network).order_by("-at").limit(WRONG_LIMIT.times)
    free = free_at([row.at for row in await rows], (WRONG_LIMIT,), now)
    seconds = ceil((free - now).total_seconds())
    if seconds <= 0:
        return None
    log.warning("an address has tried %s wrong codes within an hour", WRONG_LIMIT.times)
    sentence = say(
        "Từ mạng này đã nhập sai nhiều mã quá. Bạn chờ {n} phút nữa rồi thử lại.", n=ceil(seconds / 60)
    )
    return TooMany(sentence, wait_seconds=seconds)


async def _last_sent(limits: Sequence[Limit], **whose: str) -> list[datetime]:
    times = max(limit.times for limit in limits)
    rows = await SignInCode.filter(**whose).order_by("-created_at").limit(times)
    return [row.created_at for row in rows]


def _hash(purpose: str, subject: str, phone: str, code: str, secret: str) -> str:
    return keyed_digest(f"code:{purpose}:{subject}:{phone}:{code}", secret.encode())


def _words(purpose: str, code: str) -> Sentence:
    minutes = int(CODE_LIFE.total_seconds() // 60)
    if purpose == ACCOUNT_CHANGE:
        return say(
            "{code} là mã đổi tài khoản nhận tiền ở Chợ 4.0, dùng trong {n} phút. "
            "Không phải bạn đang đổi thì đừng đưa mã này cho ai.",
            code=code,
            n=minutes,
        )
    if purpose == MY_COPY:
        return say(
            "{code} là mã mở bản sao dữ liệu của bạn ở Chợ 4.0, dùng trong {n} phút. Đừng đưa mã này cho ai.",
            code=code,
            n=minutes,
        )
    return say(
        "{code} là mã đăng nhập Chợ 4.0 của bạn, dùng trong {n} phút. Đừng đưa mã này cho ai.",
        code=code,
        n=minutes,
    )


def _filled(words: Sentence, code: str) -> Sentence:
    minutes = int(CODE_LIFE.total_seconds() // 60)
    return Sentence(words.text, {**words.values, "code": code, "n": minutes})


def _wrong(left: int) -> Refusal:
    if left <= 0:
        return Refusal(
            say("Đã nhập sai {n} lần nên mã này bị huỷ. Hãy lấy mã mới.", n=TRIES_MAX), field="code"
        )
    return Refusal(say("Mã chưa đúng. Bạn còn {n} lần thử.", n=left), field="code")
