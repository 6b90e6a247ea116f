"""Signing in: a right one-time code becomes a session for a browser or a token for a program."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Person
from accounts.services.one_time_codes import use_code
from accounts.services.people import person_of
from accounts.services.sessions import open_session
from accounts.services.tokens import issue_token
from kit.db import transaction
from kit.errors import Refusal
from kit.i18n import say

PROGRAM_LIFE = timedelta(days=30)
PROGRAM_LABEL = "POST /api/v1/sign-in"


@dataclass(frozen=True)
class SignedIn:
    """A session's or token's secret, to be handed to its owner once; `is_new` on a person's first sign-in."""

    token: str
    person_id: int
    is_new: bool


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
            made = await open_session(person.id, address=address, browser=browser, now=now)
            return SignedIn(made, person.id, is_new)
    raise entered


async def sign_in_program(phone: str, code: str, *, address: str, now: datetime, secret: str) -> SignedIn:
    """Trades a phone's one-time code for an API token of 30 days. Raises as sign_in does."""
    async with transaction():
        entered = await _enter(phone, code, address, now, secret)
        if not isinstance(entered, Refusal):
            person, is_new = entered
            made = await issue_token(person.id, PROGRAM_LABEL, now=now, life=PROGRAM_LIFE)
            return SignedIn(made, person.id, is_new)
    raise entered


async def _enter(
    phone: str, code: str, address: str, now: datetime, secret: str, subject: str = ""
) -> tuple[Person, bool] | Refusal:
    refusal = await use_code(phone, code, now=now, secret=secret, subject=subject, address=address)
    if refusal is not None:
        return refusal
    is_new = not await Person.exists(phone=phone)
    person = await person_of(phone)
    if person.is_blocked:
        return Refusal(say("Số này đang bị khoá. Hãy liên hệ ban quản lý chợ."), status=403)
    return person, is_new
