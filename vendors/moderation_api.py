"""The JSON API of moderation: reports about goods, and the queue with its clocks for administrators."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.requests import Request

from kit.clock import Clock
from kit.i18n import translated
from kit.roles import Role
from kit.web.api import JsonRoute, api_get, api_post, json_form
from kit.web.asked import page_number, person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import language_of
from kit.web.routing import ANYONE, roles
from vendors.moderation_forms import ReportForm
from vendors.report_limits import refuse_too_many
from vendors.services.moderation.acts import Complaint, report_listing
from vendors.services.moderation.desk import moderation_queue

ADMINS = roles(Role.ADMIN)


@dataclass(frozen=True)
class ReportedJson:
    """The number under which a report was written down."""

    id: int


@dataclass(frozen=True)
class QueueRowJson:
    """A report or an appeal that waits; `hours_left` is negative once it is late."""

    id: int
    is_appeal: bool
    is_demand: bool
    code: str
    name: str
    seller: str
    reason: str
    words: str
    document: str
    at: datetime
    due_at: datetime
    hours_left: int


@dataclass(frozen=True)
class QueueJson:
    """What is due first on top."""

    items: list[QueueRowJson]
    has_more: bool


async def report_create(request: Request) -> ReportedJson:
    """Says what is wrong with goods on sale."""
    form, code = cast(ReportForm, json_form(request)), str(request.path_params["code"])
    await refuse_too_many(request, code)
    said = Complaint(form.reason, form.words, form.phone or "", person_id=caller_of(request).person_id)
    return ReportedJson(await report_listing(code, said, now=parts_of(request)[Clock].now()))


async def queue_read(request: Request) -> QueueJson:
    """Open reports and appeals."""
    language = language_of(request)
    leaf = await moderation_queue(
        page_number(request), reader=person_id_of(request), now=parts_of(request)[Clock].now()
    )
    rows = [
        QueueRowJson(
            row.id,
            row.is_appeal,
            row.is_demand,
            row.code,
            row.name,
            row.seller,
            translated(row.why.words, language),
            row.words,
            row.document,
            row.at,
            row.due_at,
            row.hours_left,
        )
        for row in leaf.items
    ]
    return QueueJson(rows, leaf.has_more)


MODERATION_API: list[JsonRoute] = [
    api_post(
        "/goods/{code}/reports",
        report_create,
        who=ANYONE,
        name="vendors:api_report_create",
        summary="Says what is wrong with goods on sale.",
        form=ReportForm,
        answer=ReportedJson,
    ),
    api_get(
        "/admin/moderation",
        queue_read,
        who=ADMINS,
        name="vendors:api_moderation_read",
        summary="Reports and appeals that wait, what is due first on top.",
        answer=QueueJson,
        query={"page": "which page, from 1"},
    ),
]
