"""The JSON API of one's own data: what one agreed to, and what one asks for."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from starlette.requests import Request

from accounts.privacy_forms import AskForm, ConsentForm
from accounts.services import choose, consents_of, evidence_of
from accounts.services.requests import RequestLine, ask, requests_of
from kit.clock import Clock
from kit.i18n import translated
from kit.settings import Settings
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import person_id_of
from kit.web.callers import address_of, caller_of, parts_of
from kit.web.render import language_of
from kit.web.routing import SIGNED_IN


@dataclass(frozen=True)
class ConsentJson:
    """A purpose with today's words; `is_outdated` when an earlier version was agreed to."""

    purpose: str
    version: int
    valid_from: date
    title: str
    words: str
    is_given: bool
    is_outdated: bool
    at: datetime | None


@dataclass(frozen=True)
class ConsentsJson:
    """Every purpose."""

    items: list[ConsentJson]


@dataclass(frozen=True)
class RequestJson:
    """A request about one's data; `days_left` is negative once it is late. Copies are fetched on the page."""

    id: int
    kind: str
    name: str
    state: str
    asked_at: datetime
    due_at: datetime
    days_left: int
    answer: str
    has_file: bool


@dataclass(frozen=True)
class RequestsJson:
    """Newest first."""

    items: list[RequestJson]


async def consents_read(request: Request) -> ConsentsJson:
    """What one agreed to."""
    return await _consents(request)


async def consent_create(request: Request) -> ConsentsJson:
    """A yes or a no, and how things stand then."""
    form, parts = cast(ConsentForm, json_form(request)), parts_of(request)
    await choose(
        person_id_of(request),
        form.purpose,
        version=form.version,
        is_given=form.is_given,
        evidence=evidence_of(
            page=request.url.path,
            address=address_of(request),
            session_id=caller_of(request).session_id,
            secret=parts[Settings].secret_key,
        ),
        now=parts[Clock].now(),
    )
    return await _consents(request)


async def requests_read(request: Request) -> RequestsJson:
    """What one asked for."""
    return RequestsJson([_request(one, language_of(request)) for one in await _requests(request)])


async def request_create(request: Request) -> RequestJson:
    """Asks for a copy, a correction or an erasure."""
    form, now = cast(AskForm, json_form(request)), parts_of(request)[Clock].now()
    number = await ask(person_id_of(request), form.kind, words=form.words, now=now)
    [made] = [one for one in await _requests(request) if one.id == number]
    return _request(made, language_of(request))


async def _consents(request: Request) -> ConsentsJson:
    language = language_of(request)
    lines = await consents_of(person_id_of(request), now=parts_of(request)[Clock].now())
    return ConsentsJson(
        [
            ConsentJson(
                str(line.text.purpose),
                line.text.version,
                line.text.valid_from,
                line.text.titles[language],
                line.text.words[language],
                line.is_given,
                line.is_outdated,
                line.at,
            )
            for line in lines
        ]
    )


async def _requests(request: Request) -> list[RequestLine]:
    return await requests_of(person_id_of(request), now=parts_of(request)[Clock].now())


def _request(line: RequestLine, language: str) -> RequestJson:
    return RequestJson(
        line.id,
        str(line.kind),
        translated(line.name, language),
        str(line.state),
        line.asked_at,
        line.due_at,
        line.days_left,
        line.answer,
        line.has_file,
    )


PRIVACY_API: list[JsonRoute] = [
    api_get(
        "/me/consents",
        consents_read,
        who=SIGNED_IN,
        name="accounts:api_consents_read",
        summary="What the caller agreed to, purpose by purpose, with the words of today.",
        answer=ConsentsJson,
    ),
    api_post(
        "/me/consents",
        consent_create,
        who=SIGNED_IN,
        name="accounts:api_consent_create",
        summary="A yes to today's words of one purpose, or its withdrawal.",
        form=ConsentForm,
        answer=ConsentsJson,
    ),
    api_get(
        "/me/requests",
        requests_read,
        who=SIGNED_IN,
        name="accounts:api_requests_read",
        summary="What the caller asked about their own data, with the clock of the law.",
        answer=RequestsJson,
    ),
    api_post(
        "/me/requests",
        request_create,
        who=SIGNED_IN,
        name="accounts:api_request_create",
        summary="Asks for a copy, a correction or the erasure of one's data.",
        form=AskForm,
        answer=RequestJson,
    ),
]
