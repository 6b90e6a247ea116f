"""The JSON API of help: who may act for the caller and what was done, and the counts of a digital team."""

from dataclasses import dataclass
from datetime import date, datetime

from starlette.requests import Request

from kit.clock import Clock
from kit.dates import vietnam_date
from kit.errors import NotFound
from kit.i18n import translated
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post
from kit.web.asked import page_number, person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import language_of
from kit.web.routing import SIGNED_IN, roles
from vendors.asking import member_of
from vendors.services.help.consents import ConsentView, end_consent
from vendors.services.help.figures import help_figures
from vendors.services.help.households import household_queue
from vendors.services.help.seen import acts_for_person, consents_given_by

TEAM = roles(Role.TEAM)
COUNTERS = roles(Role.TEAM, Role.BOARD, Role.ADMIN)


@dataclass(frozen=True)
class ConsentJson:
    """A consent of the caller: to whom, for which acts, until the end of which moment."""

    id: int
    member: str
    scopes: list[str]
    way: str
    given_at: datetime | None
    ends_on: str
    ended_at: datetime | None
    is_living: bool
    text: list[str]


@dataclass(frozen=True)
class HelpActJson:
    """One thing done for the caller; `code` names the goods, if any."""

    at: datetime
    person: str
    words: str
    code: str


@dataclass(frozen=True)
class HouseholdJson:
    """A household to visit; `stuck` says what keeps it once it has come aboard."""

    id: int
    name: str
    phone: str
    commune: str
    state: str
    next_visit_on: date | None
    stuck: list[str]


@dataclass(frozen=True)
class CommuneHelpJson:
    """Households, visits and difficulties of a commune; `difficulties`: kind → households."""

    commune_code: str
    commune: str
    households: int
    open: int
    aboard: int
    visits: int
    minutes: int
    difficulties: dict[str, int]


async def consent_index(request: Request) -> list[ConsentJson]:
    """The caller's consents, newest first."""
    consents = await consents_given_by(person_id_of(request), now=parts_of(request)[Clock].now())
    return [_consent(one, request) for one in consents]


async def consent_end_create(request: Request) -> ConsentJson:
    """Ends a consent at once."""
    person_id, now = person_id_of(request), parts_of(request)[Clock].now()
    consent_id = int(request.path_params["consent_id"])
    await end_consent(consent_id, person_id=person_id, now=now)
    for one in await consents_given_by(person_id, now=now):
        if one.id == consent_id:
            return _consent(one, request)
    raise NotFound()


async def help_act_index(request: Request) -> list[HelpActJson]:
    """What was done for the caller, newest first."""
    leaf = await acts_for_person(person_id_of(request), page_number(request))
    language = language_of(request)
    return [HelpActJson(one.at, one.person, translated(one.words, language), one.code) for one in leaf.items]


async def household_index(request: Request) -> list[HouseholdJson]:
    """The open households of the caller's communes, next visit first."""
    today, language = vietnam_date(parts_of(request)[Clock].now()), language_of(request)
    leaf = await household_queue(member_of(request).communes, "open", page_number(request), today=today)
    return [
        HouseholdJson(
            one.id,
            one.name,
            one.phone,
            one.commune,
            translated(one.state_name, language),
            one.next_visit_on,
            [translated(words, language) for words in one.stuck],
        )
        for one in leaf.items
    ]


async def help_figure_index(request: Request) -> list[CommuneHelpJson]:
    """Counts by commune, without names."""
    is_only_team = not caller_of(request).roles & {Role.ADMIN, Role.BOARD}
    rows = await help_figures(member_of(request).communes if is_only_team else None)
    return [
        CommuneHelpJson(
            one.commune_code,
            one.commune,
            one.households,
            one.open,
            one.aboard,
            one.visits,
            one.minutes,
            {str(kind): count for kind, count in one.difficulties.items()},
        )
        for one in rows
    ]


def _consent(one: ConsentView, request: Request) -> ConsentJson:
    return ConsentJson(
        one.id,
        one.member,
        [str(scope) for scope in one.scopes],
        str(one.way),
        one.given_at,
        one.ends_on,
        one.ended_at,
        one.is_living,
        [translated(paragraph, language_of(request)) for paragraph in one.text],
    )


HELP_API: list[JsonRoute] = [
    api_get(
        "/helped/consents",
        consent_index,
        who=SIGNED_IN,
        name="vendors:api_consent_index",
        summary="Who may act for the caller, until when, and the words that were agreed to; newest first.",
        answer=ConsentJson,
        many=True,
    ),
    api_post(
        "/helped/consents/{consent_id:int}/end",
        consent_end_create,
        who=SIGNED_IN,
        name="vendors:api_consent_end_create",
        summary="Stop a consent at once; again is the same answer.",
        form=None,
        answer=ConsentJson,
        status=200,
        once=False,
    ),
    api_get(
        "/helped/acts",
        help_act_index,
        who=SIGNED_IN,
        name="vendors:api_help_act_index",
        summary="Everything that was done for the caller by a digital team, newest first.",
        answer=HelpActJson,
        many=True,
        query={"page": "Page number, from 1."},
    ),
    api_get(
        "/team/households",
        household_index,
        who=TEAM,
        name="vendors:api_household_index",
        summary="Households to visit in the caller's communes, next visit first.",
        answer=HouseholdJson,
        many=True,
        query={"page": "Page number, from 1."},
    ),
    api_get(
        "/team/figures",
        help_figure_index,
        who=COUNTERS,
        name="vendors:api_help_figure_index",
        summary="Households, visits and difficulties by commune, without names; a team sees its own communes.",
        answer=CommuneHelpJson,
        many=True,
    ),
]
