"""Roles: granted and withdrawn by administrators, by packages that let people in, and by commands."""

from datetime import datetime

from accounts.models import Grant, Person
from accounts.services.audit import record
from accounts.services.names import called
from accounts.services.sessions import end_sessions
from kit.db import locked, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import say
from kit.roles import Role


async def grant(
    person_id: int, role: Role, scope: str = "", *, by: int | None = None, now: datetime | None = None
) -> bool:
    """Gives a person a role over a scope; False when they hold it already. Raises NotFound.

    `scope` is a vendor's or market's number or a commune's code, "" for all; `by` None is the market itself.
    With `now`, when an administrator does it, the person's sessions end: with new powers one signs in anew.
    """
    async with transaction():
        await _hold(person_id)
        if await Grant.exists(person_id=person_id, role=role, scope=scope):
            return False
        await Grant.create(person_id=person_id, role=role, scope=scope, granted_by=by)
        await record(by, "role_granted", "person", person_id, role=str(role), scope=scope)
        if now is not None:
            await end_sessions(person_id, now)
        return True


async def withdraw(
    person_id: int, role: Role, scope: str = "", *, by: int | None = None, now: datetime
) -> bool:
    """Takes a role away, from the next request on, and ends the person's sessions; False when they did not hold it.

    Raises NotFound, and Refusal when administrators would take the role from themselves.
    """
    if role == Role.ADMIN and by == person_id:
        raise Refusal(say("Bạn không tự rút quyền quản trị của mình được. Hãy nhờ một quản trị viên khác."))
    async with transaction():
        await _hold(person_id)
        if not await Grant.filter(person_id=person_id, role=role, scope=scope).delete():
            return False
        await record(by, "role_withdrawn", "person", person_id, role=str(role), scope=scope)
        await end_sessions(person_id, now)
        return True


async def _hold(person_id: int) -> None:
    if not await locked(Person, [person_id]):
        raise NotFound(say("Không có người này."))


async def phones_of(role: Role, scope: str) -> list[str]:
    """The phones of those who hold a role over exactly this scope and are not blocked, in the order of their ids."""
    rows = Grant.filter(role=role, scope=scope, person__is_blocked=False).order_by("person_id")
    return [str(phone) for phone in await rows.values_list("person__phone", flat=True)]


async def people_with(role: Role) -> list[tuple[int, str]]:
    """Who holds a role over anything and is not blocked: number and what they are called, in order of their numbers."""
    rows = Grant.filter(role=role, person__is_blocked=False).order_by("person_id")
    found = await rows.values_list("person_id", "person__name", "person__phone")
    return list({int(number): called(str(name), str(phone)) for number, name, phone in found}.items())
