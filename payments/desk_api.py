"""The JSON API of sellers' own bank keys, and of the differences that administrators work off."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.errors import Refusal
from kit.i18n import say
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of, vendor_id_of
from kit.web.callers import parts_of
from kit.web.routing import roles
from payments.forms import BankKeyForm, DifferenceForm
from payments.models import Difference
from payments.routes.desk import asked_state
from payments.services.bank_keys import (
    BankKeyView,
    ask_for_test,
    connect_key,
    disconnect_key,
    keys_of_vendor,
)
from payments.services.reconciling import close_difference, difference_of, differences


@dataclass
class KeyAnswer:
    """A seller's key without its secret. `address` is where the provider has to post its notices."""

    id: int
    provider: str
    address: str
    secret_tail: str
    has_list: bool
    has_links: bool
    created_at: datetime
    tested_at: datetime | None
    refused_at: datetime | None
    last_notice_at: datetime | None


@dataclass
class DifferenceAnswer:
    """What a notice and a provider's list, or our own states, say differently; kinds as in docs/ledger.md."""

    id: int
    kind: str
    source: str
    event_key: str
    account_tail: str
    amount_dong: int
    other_dong: int
    state: str
    found_at: datetime
    happened_at: datetime | None
    closed_at: datetime | None
    note: str


async def key_index(request: Request) -> object:
    """The connected keys."""
    return [_key(request, one) for one in await keys_of_vendor(vendor_id_of(request))]


async def key_create(request: Request) -> object:
    """Connects a key. One has to be brought: an answer that is kept for a repeat must hold no secret."""
    form, parts = cast(BankKeyForm, json_form(request)), parts_of(request)
    if not form.secret:
        raise Refusal(say("Cần khoá của nơi báo tiền."), field="secret")
    made = await connect_key(
        vendor_id_of(request),
        form.provider,
        form.secret,
        form.list_key,
        person_id=person_id_of(request),
        now=parts[Clock].now(),
        keys=seal_keys(parts[Settings]),
        link_key=form.link_key,
    )
    return _key(request, made)


async def key_test(request: Request) -> object:
    """Posts a test notice to the key's own address."""
    await ask_for_test(vendor_id_of(request), int(request.path_params["id"]))
    return await key_index(request)


async def key_close(request: Request) -> object:
    """Disconnects a key; those that are left."""
    vendor_id, person_id, now = vendor_id_of(request), person_id_of(request), parts_of(request)[Clock].now()
    await disconnect_key(vendor_id, int(request.path_params["id"]), person_id=person_id, now=now)
    return await key_index(request)


async def difference_index(request: Request) -> object:
    """A page of differences in one state."""
    found = await differences(asked_state(request), page_number(request))
    return [_difference(one) for one in found.differences]


async def difference_close(request: Request) -> object:
    """Says what a difference was."""
    form, number = cast(DifferenceForm, json_form(request)), int(request.path_params["id"])
    now, person_id = parts_of(request)[Clock].now(), person_id_of(request)
    await close_difference(number, form.state, person_id=person_id, note=form.note, now=now)
    return _difference(await difference_of(number))


def _key(request: Request, key: BankKeyView) -> KeyAnswer:
    return KeyAnswer(
        id=key.id,
        provider=key.provider,
        address=parts_of(request)[Settings].base_url + key.path,
        secret_tail=key.secret_tail,
        has_list=key.has_list,
        has_links=key.has_links,
        created_at=key.created_at,
        tested_at=key.tested_at,
        refused_at=key.refused_at,
        last_notice_at=key.last_notice_at,
    )


def _difference(one: Difference) -> DifferenceAnswer:
    return DifferenceAnswer(
        id=one.id,
        kind=one.kind,
        source=one.source,
        event_key=one.event_key,
        account_tail=one.account_number[-4:],
        amount_dong=one.amount_dong,
        other_dong=one.other_dong,
        state=str(one.state),
        found_at=one.found_at,
        happened_at=one.happened_at,
        closed_at=one.closed_at,
        note=one.note,
    )


_VENDOR, _ADMIN = roles(Role.VENDOR), roles(Role.ADMIN)
DESK_API: list[JsonRoute] = [
    api_get(
        "/sell/money/keys",
        key_index,
        who=_VENDOR,
        name="payments:api_key_index",
        summary="The caller's own keys for bank notices, without their secrets",
        answer=KeyAnswer,
        many=True,
    ),
    api_post(
        "/sell/money/keys",
        key_create,
        who=_VENDOR,
        name="payments:api_key_create",
        summary="Connects a key of SePay, Casso or payOS; 409 when one is connected there",
        form=BankKeyForm,
        answer=KeyAnswer,
    ),
    api_post(
        "/sell/money/keys/{id:int}/test",
        key_test,
        who=_VENDOR,
        name="payments:api_key_test",
        summary="Has a test notice posted to the key's address; tested_at tells when it came",
        form=None,
        answer=KeyAnswer,
        status=200,
        once=False,
        many=True,
    ),
    api_post(
        "/sell/money/keys/{id:int}/closing",
        key_close,
        who=_VENDOR,
        name="payments:api_key_close",
        summary="Disconnects a key; gives those that are left",
        form=None,
        answer=KeyAnswer,
        status=200,
        once=False,
        many=True,
    ),
    api_get(
        "/admin/differences",
        difference_index,
        who=_ADMIN,
        name="payments:api_difference_index",
        summary="What reconciliation found, newest first, 24 a page",
        answer=DifferenceAnswer,
        many=True,
        query={"state": "open (also without it), explained or settled", "page": "1 for the first"},
    ),
    api_post(
        "/admin/differences/{id:int}/closing",
        difference_close,
        who=_ADMIN,
        name="payments:api_difference_close",
        summary="Says what a difference was: explained or settled; 409 when somebody has",
        form=DifferenceForm,
        answer=DifferenceAnswer,
        status=200,
        once=False,
    ),
]
