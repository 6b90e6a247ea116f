"""Signing in: a right one-time code, and a second factor of who has one, become a session or a program's token."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.factor_kinds import FactorKeys, FactorKind, Shown
from accounts.models import Factor, Grant, Person
from accounts.passkeys import BadAnswer, credential_in
from accounts.services.factor_check import check_factor, one_at_a_time, passkey_shown, wrong_passkey
from accounts.services.factors import has_factor
from accounts.services.one_time_codes import use_code
from accounts.services.people import person_of
from accounts.services.sessions import open_session
from accounts.services.tokens import issue_token
from kit.db import transaction
from kit.errors import Refusal
from kit.i18n import say

PROGRAM_LIFE = timedelta(days=30)
PROGRAM_LABEL = "POST /api/v1/sign-in"


log = logging.getLogger("accounts")


@dataclass(frozen=True)
class SignedIn:
    """A session's or token's secret, to be handed to its owner once; `is_new` on a person's first sign-in.

    `needs_factor`: the code was right, and nothing is open yet: the person's second factor comes next.
    """

    token: str
    person_id: int
    is_new: bool
    needs_factor: bool = False


async def sign_in(
    phone: str, code: str, *, address: str, browser: str, now: datetime, secret: str, subject: str = ""
) -> SignedIn:
    """Trades a phone's one-time code for a new session, making the person if need be; `subject` is what it is bound to.

    Raises Refusal at "code" when it is wrong, void, used or too old, and for people who are blocked; TooMany when too
    many wrong ones came from this address. The code is used up, or the try counted, in either case.
    """
    async with transaction():
        entered = await _enter(phone, code, address, now, secret, subject)
        if not isinstance(entered, Refusal):
            person, is_new = entered
            if not is_new and await has_factor(person.id):
                return SignedIn("", person.id, False, needs_factor=True)
            made = await open_session(person.id, address=address, browser=browser, now=now)
            return SignedIn(made, person.id, is_new)
    raise entered


async def sign_in_by_factor(
    person_id: int, it: Shown, keys: FactorKeys, *, address: str, browser: str, now: datetime
) -> SignedIn:
    """The second step of who has a factor: it becomes a session. The caller has seen that the code was right.

    Raises Refusal at "code"; the try is counted all the same.
    """
    async with transaction():
        refusal = await _refused_if_blocked(person_id)
        refusal = refusal or await check_factor(person_id, it, keys, now=now)
        if refusal is None:
            made = await open_session(person_id, address=address, browser=browser, now=now, by_factor=True)
            return SignedIn(made, person_id, False)
    raise refusal


async def sign_in_by_passkey(
    it: Shown, keys: FactorKeys, *, address: str, browser: str, now: datetime
) -> SignedIn:
    """A passkey alone, whose browser made sure of its person: two factors in one. Raises Refusal."""
    try:
        row = await Factor.get_or_none(credential_id=credential_in(it.passkey), kind=FactorKind.PASSKEY)
    except BadAnswer:
        row = None
    if row is None or keys.party is None:
        log.warning("a passkey that nobody has was shown")
        raise Refusal(say("Chợ không biết khoá này. Hãy đăng nhập bằng số điện thoại."), field="phone")
    async with transaction():
        await one_at_a_time(row.person_id)
        refusal = await _refused_if_blocked(row.person_id)
        present = await Factor.get_or_none(id=row.id)  # its count may have moved while we waited
        if refusal is None and present is not None:
            refusal = await passkey_shown(present, it, keys, now=now, alone=True)
        if refusal is None and present is not None:
            made = await open_session(
                row.person_id, address=address, browser=browser, now=now, by_factor=True
            )
            return SignedIn(made, row.person_id, False)
    raise refusal or wrong_passkey()


async def sign_in_program(
    phone: str, code: str, *, address: str, now: datetime, keys: FactorKeys, factor: str = ""
) -> SignedIn:
    """Trades a phone's one-time code for an API token of 30 days. Raises as sign_in does.

    Who has a second factor sends `factor` too: six digits of their app or a recovery code. Without it the code is used
    up all the same, so that nobody learns of a factor who does not hold the phone.
    """
    async with transaction():
        entered = await _enter(phone, code, address, now, keys.secret)
        if not isinstance(entered, Refusal):
            person, is_new = entered
            has_one = not is_new and await has_factor(person.id)
            refusal = await check_factor(person.id, Shown(factor), keys, now=now) if has_one else None
            if refusal is None:
                made = await issue_token(
                    person.id, PROGRAM_LABEL, now=now, life=PROGRAM_LIFE, factor_at=now if has_one else None
                )
                return SignedIn(made, person.id, is_new)
            entered = refusal
            entered.field = "factor"
    raise entered


async def is_asked_for_factor(person_id: int, roles: frozenset[str]) -> bool:
    """Whether a person holds one of these roles and has no second factor."""
    return await Grant.exists(person_id=person_id, role__in=sorted(roles)) and not await has_factor(person_id)


async def _enter(
    phone: str, code: str, address: str, now: datetime, secret: str, subject: str = ""
) -> tuple[Person, bool] | Refusal:
    refusal = await use_code(phone, code, now=now, secret=secret, subject=subject, address=address)
    if refusal is not None:
        return refusal
    is_new = not await Person.exists(phone=phone)
    person = await person_of(phone)
    return await _refused_if_blocked(person.id) or (person, is_new)


async def _refused_if_blocked(person_id: int) -> Refusal | None:
    if await Person.exists(id=person_id, is_blocked=False):
        return None
    return Refusal(say("Số này đang bị khoá. Hãy liên hệ ban quản lý chợ."), status=403)
