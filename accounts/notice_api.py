"""The JSON API of one's notices and of how one is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from accounts.notice_forms import ChoiceForm, HoursForm
from accounts.services.notice_choices import choose_hours, choose_notice, wishes_of
from accounts.services.notices import notices_of, read_all
from kit.clock import Clock
from kit.i18n import translated
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of
from kit.web.callers import parts_of
from kit.web.render import language_of
from kit.web.routing import SIGNED_IN


@dataclass(frozen=True)
class NoticeJson:
    """A notice in the caller's language; `url` is a path of this market."""

    id: int
    kind: str
    title: str
    words: str
    url: str
    at: datetime
    is_read: bool


@dataclass(frozen=True)
class NoticesJson:
    """A page of notices, newest first."""

    items: list[NoticeJson]
    page: int
    has_more: bool


@dataclass(frozen=True)
class ReadJson:
    """How many notices were unread until now."""

    read: int


@dataclass(frozen=True)
class WishJson:
    """Whether one kind comes by one channel."""

    kind: str
    channel: str
    is_on: bool


@dataclass(frozen=True)
class WishesJson:
    """Every kind by every channel, the quiet hours (full hours in Vietnam) and the mailbox."""

    items: list[WishJson]
    quiet_from: int
    quiet_to: int
    email: str
    is_email_confirmed: bool


async def notices_read(request: Request) -> NoticesJson:
    """The caller's notices."""
    found, language = await notices_of(person_id_of(request), page=page_number(request)), language_of(request)
    items = [
        NoticeJson(
            one.id,
            str(one.kind),
            translated(one.title, language),
            translated(one.words, language),
            one.url,
            one.at,
            one.is_read,
        )
        for one in found.lines
    ]
    return NoticesJson(items, found.page, found.has_more)


async def notices_read_all(request: Request) -> ReadJson:
    """Everything counts as read."""
    return ReadJson(await read_all(person_id_of(request), now=parts_of(request)[Clock].now()))


async def wishes_read(request: Request) -> WishesJson:
    """How the caller is told."""
    return await _wishes(request)


async def wish_create(request: Request) -> WishesJson:
    """One kind by one channel, and how things stand then."""
    form = cast(ChoiceForm, json_form(request))
    await choose_notice(person_id_of(request), form.kind, form.channel, form.is_on)
    return await _wishes(request)


async def hours_create(request: Request) -> WishesJson:
    """The quiet hours, and how things stand then."""
    form = cast(HoursForm, json_form(request))
    await choose_hours(person_id_of(request), quiet_from=form.quiet_from, quiet_to=form.quiet_to)
    return await _wishes(request)


async def _wishes(request: Request) -> WishesJson:
    found = await wishes_of(person_id_of(request), session_id=None, now=parts_of(request)[Clock].now())
    items = [WishJson(str(kind), str(channel), yes) for (kind, channel), yes in found.is_on.items()]
    return WishesJson(items, found.quiet_from, found.quiet_to, found.email, found.is_confirmed)


NOTICE_API: list[JsonRoute] = [
    api_get(
        "/me/notices",
        notices_read,
        who=SIGNED_IN,
        name="accounts:api_notices",
        summary="What the caller was told, newest first, 24 a page.",
        answer=NoticesJson,
        query={"page": "The page, from 1."},
    ),
    api_post(
        "/me/notices/read",
        notices_read_all,
        who=SIGNED_IN,
        name="accounts:api_notices_read_all",
        summary="Marks all notices as read.",
        form=None,
        answer=ReadJson,
        status=200,
        once=False,
    ),
    api_get(
        "/me/notices/choices",
        wishes_read,
        who=SIGNED_IN,
        name="accounts:api_notice_wishes",
        summary="Which kinds of notices come by which channels, and the quiet hours.",
        answer=WishesJson,
    ),
    api_post(
        "/me/notices/choices",
        wish_create,
        who=SIGNED_IN,
        name="accounts:api_notice_wish_create",
        summary="Switches one kind on or off for one channel.",
        form=ChoiceForm,
        answer=WishesJson,
        status=200,
        once=False,
    ),
    api_post(
        "/me/notices/hours",
        hours_create,
        who=SIGNED_IN,
        name="accounts:api_notice_hours",
        summary="Sets the quiet hours, full hours in Vietnam; the same hour twice is none.",
        form=HoursForm,
        answer=WishesJson,
        status=200,
        once=False,
    ),
]
