"""The JSON API of receiving accounts: the list, and changes that a one-time code confirms."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.errors import Refusal
from kit.i18n import translated
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import person_id_of
from kit.web.callers import parts_of
from kit.web.render import language_of
from kit.web.routing import Fresh, roles
from vendors.account_forms import AccountForm, CodeForm, settle_new_account
from vendors.asking import asking, selling_as
from vendors.models import VendorKind
from vendors.services import (
    ChangeView,
    accounts_of,
    ask_to_add,
    ask_to_make_default,
    ask_to_remove,
    asked_change,
    confirm_change,
    vendor_card,
)

VENDORS = roles(Role.VENDOR)


@dataclass(frozen=True)
class AccountJson:
    """A receiving account; of its number only the last four."""

    id: int
    bin: str
    bank: str
    is_known_bank: bool
    tail: str
    holder: str
    is_default: bool
    added_at: datetime


@dataclass(frozen=True)
class ChangeJson:
    """A change: what it does in words, and when it was confirmed, null while its code is waited for."""

    id: int
    kind: str
    bin: str
    bank: str
    is_known_bank: bool
    tail: str
    makes_default: bool
    words: str
    done_at: datetime | None


async def account_index(request: Request) -> list[AccountJson]:
    """The accounts, the default first."""
    return [AccountJson(**vars(one)) for one in await accounts_of(selling_as(request))]


async def account_create(request: Request) -> ChangeJson:
    """Asks for an account to be added."""
    form = cast(AccountForm, json_form(request))
    seller = await vendor_card(selling_as(request))
    new = await settle_new_account(form, VendorKind(seller.kind))
    if new is None:
        field, sentence = next(iter(form.errors.items()))
        raise Refusal(sentence, field=field)
    return await _asked(request, await ask_to_add(seller.id, new, **asking(request)))


async def default_create(request: Request) -> ChangeJson:
    """Asks for money to go to another account."""
    return await _ask(request, ask_to_make_default)


async def removal_create(request: Request) -> ChangeJson:
    """Asks for an account to be removed."""
    return await _ask(request, ask_to_remove)


async def confirmation_create(request: Request) -> ChangeJson:
    """Makes the change with its code."""
    form = cast(CodeForm, json_form(request))
    change_id = int(request.path_params["change_id"])
    return _json(await confirm_change(change_id, selling_as(request), form.code, **asking(request)), request)


async def _ask(request: Request, ask: Callable[..., Awaitable[int]]) -> ChangeJson:
    account_id = int(request.path_params["account_id"])
    return await _asked(request, await ask(selling_as(request), account_id, **asking(request)))


async def _asked(request: Request, change_id: int) -> ChangeJson:
    now = parts_of(request)[Clock].now()
    change = await asked_change(change_id, selling_as(request), person_id=person_id_of(request), now=now)
    return _json(change, request)


def _json(change: ChangeView, request: Request) -> ChangeJson:
    return ChangeJson(
        change.id,
        change.kind,
        change.bin,
        change.bank,
        change.is_known_bank,
        change.tail,
        change.makes_default,
        translated(change.sentence, language_of(request)),
        change.done_at,
    )


ACCOUNT_API: list[JsonRoute] = [
    api_get(
        "/sell/accounts",
        account_index,
        who=VENDORS,
        name="vendors:api_account_index",
        summary="The caller's receiving accounts, the default first; numbers by their last four.",
        answer=AccountJson,
        many=True,
    ),
    api_post(
        "/sell/accounts",
        account_create,
        who=VENDORS,
        name="vendors:api_account_create",
        fresh=Fresh.FACTOR,
        summary="Ask for a receiving account to be added; a code goes to the caller's phone.",
        form=AccountForm,
        answer=ChangeJson,
    ),
    api_post(
        "/sell/accounts/{account_id:int}/default",
        default_create,
        who=VENDORS,
        name="vendors:api_account_default_create",
        fresh=Fresh.FACTOR,
        summary="Ask for money to go to this account; a code goes to the caller's phone.",
        form=None,
        answer=ChangeJson,
    ),
    api_post(
        "/sell/accounts/{account_id:int}/removal",
        removal_create,
        who=VENDORS,
        name="vendors:api_account_removal_create",
        fresh=Fresh.FACTOR,
        summary="Ask for this account to be removed; a code goes to the caller's phone.",
        form=None,
        answer=ChangeJson,
    ),
    api_post(
        "/sell/account-changes/{change_id:int}/confirmation",
        confirmation_create,
        who=VENDORS,
        name="vendors:api_change_confirmation_create",
        summary="Make a change with the code that was texted for it; five tries, again is the same answer.",
        form=CodeForm,
        answer=ChangeJson,
        status=200,
        once=False,
    ),
]
