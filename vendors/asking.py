"""Who asks, as the services take it: for a change of accounts, or as a member of a digital team."""

from datetime import datetime
from typing import TypedDict

from starlette.requests import Request

from kit.clock import Clock
from kit.identifiers import mask_phone
from kit.roles import Role
from kit.settings import Settings
from kit.web.asked import person_id_of
from kit.web.callers import address_of, caller_of, parts_of
from kit.web.render import language_of
from vendors.services import Asker
from vendors.services.help.households import Member


class Asking(TypedDict):
    """Who asks, when, and the installation's secret."""

    by: Asker
    now: datetime
    secret: str


def asking(request: Request) -> Asking:
    """The caller as somebody who asks for a change."""
    caller, parts = caller_of(request), parts_of(request)
    by = Asker(person_id_of(request), caller.phone, address_of(request), language_of(request))
    return {"by": by, "now": parts[Clock].now(), "secret": parts[Settings].secret_key}


def selling_as(request: Request) -> int:
    """The vendor one sells as: the first of one's own."""
    return min(caller_of(request).scope_ids(Role.VENDOR))


def member_of(request: Request) -> Member:
    """The caller as a member of the digital team of the communes that their role names."""
    caller = caller_of(request)
    scopes = caller.scopes.get(Role.TEAM, ())
    communes = None if "" in scopes else frozenset(scopes)
    return Member(person_id_of(request), caller.name or mask_phone(caller.phone), caller.phone, communes)
