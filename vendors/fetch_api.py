"""The JSON API of fetching, for sellers: where buyers may come for what they bought, and when."""

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from kit.forms import matching, text
from kit.i18n import say
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import person_id_of, vendor_id_of
from kit.web.routing import roles
from vendors.fetch_forms import FetchingForm
from vendors.services.fetching import allow_fetching, fetching_of

VENDORS = roles(Role.VENDOR)


class ProgramFetchingForm(FetchingForm):
    """The same from a program: `fetch_at` as "stall,desk,point", empty for none."""

    fetch_at: str | None = matching(
        r"(stall|desk|point)(,(stall|desk|point)){0,2}",
        say("Nơi lấy viết như stall,desk,point."),
        required=False,
    )
    hours: str = text(max_length=120, required=False)

    @property
    def places(self) -> list[str]:
        """The kinds of places."""
        return [one for one in (self.fetch_at or "").split(",") if one]


@dataclass(frozen=True)
class DeskJson:
    """A desk that keeps goods in a market where the seller stands."""

    market: str
    address: str
    hours: str


@dataclass(frozen=True)
class FetchingJson:
    """Where buyers may fetch (`stall`, `desk`, `point`), when somebody is at the stall, the desks there are."""

    fetch_at: list[str]
    hours: str
    desks: list[DeskJson]


async def fetching_read(request: Request) -> FetchingJson:
    """What is allowed."""
    return await _answer(vendor_id_of(request))


async def fetching_change(request: Request) -> FetchingJson:
    """Allows it from now on."""
    form, vendor_id = cast(ProgramFetchingForm, json_form(request)), vendor_id_of(request)
    await allow_fetching(vendor_id, form.places, form.hours, person_id=person_id_of(request))
    return await _answer(vendor_id)


async def _answer(vendor_id: int) -> FetchingJson:
    found = await fetching_of(vendor_id)
    desks = [DeskJson(one.market, one.address, one.hours) for one in found.desks]
    return FetchingJson(list(found.card.fetch_at), found.card.fetch_hours, desks)


FETCH_API: list[JsonRoute] = [
    api_get(
        "/sell/fetching/settings",
        fetching_read,
        who=VENDORS,
        name="vendors:api_fetching",
        summary="Where one's buyers may fetch what they bought, and when.",
        answer=FetchingJson,
    ),
    api_post(
        "/sell/fetching/settings",
        fetching_change,
        who=VENDORS,
        name="vendors:api_fetching_change",
        summary="Says where buyers may fetch from now on; orders already placed stay as they are.",
        form=ProgramFetchingForm,
        answer=FetchingJson,
        once=False,
        status=200,
    ),
]
