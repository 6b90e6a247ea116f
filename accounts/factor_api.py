"""One's own second factors in JSON: seen by whoever is signed in, changed in a browser's session alone.

A bearer token shows nobody's presence: whoever stole one could add a factor or take off the owner's. So the
acts ask, as their pages do, for a session whose person showed within ten minutes who they are, and refuse tokens. A
passkey is made by the browser on its page.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from accounts.app_codes import address_of_secret
from accounts.factor_forms import AppCodeForm
from accounts.factor_kinds import FactorKind, factor_keys
from accounts.routes.places import row_in
from accounts.services.factors import (
    FactorsHeld,
    begin_app,
    confirm_app,
    factors_of,
    remove_factor,
    renew_codes,
    secret_begun,
)
from kit.clock import Clock
from kit.factors import required_roles
from kit.settings import Settings
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.routing import SIGNED_IN, Fresh


@dataclass(frozen=True)
class FactorOut:
    """A second factor that counts; `kind` is passkey or app."""

    id: int
    kind: FactorKind
    label: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class FactorsOut:
    """What somebody has, and how many recovery codes are left."""

    factors: list[FactorOut]
    codes_left: int


@dataclass(frozen=True)
class AppBegun:
    """The secret of an app, told until its first code is right; `address` is what its QR says (otpauth)."""

    secret: str
    address: str


@dataclass(frozen=True)
class CodesGiven:
    """Recovery codes, told this once; none when the person has theirs already."""

    codes: list[str]


async def factors_show(request: Request) -> FactorsOut:
    """What the caller has."""
    return _out(await factors_of(person_id_of(request)))


async def app_create(request: Request) -> AppBegun:
    """Makes the secret of an app; within the hour the same one."""
    keys, now = factor_keys(parts_of(request)[Settings]), parts_of(request)[Clock].now()
    await begin_app(person_id_of(request), keys, now=now)
    secret = await secret_begun(person_id_of(request), keys, now=now)
    return AppBegun(secret, address_of_secret(secret, caller_of(request).phone))


async def app_code_create(request: Request) -> CodesGiven:
    """The app counts once its first code is right."""
    form, parts = cast(AppCodeForm, json_form(request)), parts_of(request)
    return CodesGiven(
        await confirm_app(
            person_id_of(request),
            form.code,
            factor_keys(parts[Settings]),
            session_id=caller_of(request).session_id,
            now=parts[Clock].now(),
        )
    )


async def codes_create(request: Request) -> CodesGiven:
    """Ten new recovery codes; those before are worthless."""
    keys, now = factor_keys(parts_of(request)[Settings]), parts_of(request)[Clock].now()
    return CodesGiven(await renew_codes(person_id_of(request), keys, now=now))


async def factor_remove(request: Request) -> FactorsOut:
    """Removes one; the last one only of who does no work that wants one."""
    person_id, settings = person_id_of(request), parts_of(request)[Settings]
    is_required = bool(caller_of(request).roles & required_roles(settings))
    now = parts_of(request)[Clock].now()
    await remove_factor(person_id, row_in(request, "factor_id"), is_required=is_required, now=now)
    return _out(await factors_of(person_id))


def _out(held: FactorsHeld) -> FactorsOut:
    lines = [FactorOut(one.id, one.kind, one.label, one.added_at, one.used_at) for one in held.lines]
    return FactorsOut(lines, held.codes_left)


FRESH = Fresh.ANYTHING
FACTOR_API: list[JsonRoute] = [
    api_get(
        "/me/factors",
        factors_show,
        who=SIGNED_IN,
        name="accounts:api_factors_show",
        summary="The caller's second factors, and how many recovery codes are left.",
        answer=FactorsOut,
    ),
    api_post(
        "/me/factors/app",
        app_create,
        who=SIGNED_IN,
        name="accounts:api_app_create",
        summary="Makes the secret of an app. Only in a browser's session, proved within ten minutes.",
        form=None,
        answer=AppBegun,
        once=False,
        status=200,
        fresh=FRESH,
    ),
    api_post(
        "/me/factors/app/code",
        app_code_create,
        who=SIGNED_IN,
        name="accounts:api_app_code_create",
        summary="The app's first code: from now on it counts; recovery codes with the first factor. As above.",
        form=AppCodeForm,
        answer=CodesGiven,
        once=False,
        status=200,
        fresh=FRESH,
    ),
    api_post(
        "/me/factors/codes",
        codes_create,
        who=SIGNED_IN,
        name="accounts:api_codes_create",
        summary="Ten new recovery codes, told this once. As above.",
        form=None,
        answer=CodesGiven,
        once=False,
        status=200,
        fresh=FRESH,
    ),
    api_post(
        "/me/factors/{factor_id:int}/removal",
        factor_remove,
        who=SIGNED_IN,
        name="accounts:api_factor_remove",
        summary="Removes one of one's own. As above.",
        form=None,
        answer=FactorsOut,
        once=False,
        status=200,
        fresh=FRESH,
    ),
]
