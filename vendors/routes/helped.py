"""What a helped person sees: who may act for them, what was done, and the button that stops it; also by link."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.media import Media
from kit.roles import Role
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.asked import page_number, person_id_of
from kit.web.callers import caller_of, parts_of
from kit.web.render import render
from kit.web.routing import ANYONE, SIGNED_IN, get, post
from vendors.services import Leaf
from vendors.services.help.consents import ConsentView, consent_by_link, end_by_link, end_consent
from vendors.services.help.papers import shown_signature
from vendors.services.help.seen import ActView, acts_for_person, consents_given_by


@dataclass
class HelpedPage:
    """Consents first, then everything done, newest first."""

    consents: list[ConsentView]
    leaf: Leaf[ActView]
    told: str


@dataclass
class ConsentLinkPage:
    """One consent, opened from the text message."""

    consent: ConsentView
    code: str


async def helped_show(request: Request) -> Response:
    """Who did what for me."""
    person_id, now = person_id_of(request), parts_of(request)[Clock].now()
    consents = await consents_given_by(person_id, now=now)
    leaf = await acts_for_person(person_id, page_number(request))
    return render(
        request, "vendors/helped_show.html", HelpedPage(consents, leaf, request.query_params.get("told", ""))
    )


async def helped_end(request: Request) -> Response:
    """Stops it at once."""
    now = parts_of(request)[Clock].now()
    await end_consent(int(request.path_params["consent_id"]), person_id=person_id_of(request), now=now)
    return RedirectResponse(f"{request.app.url_path_for('vendors:helped_show')}?told=ended", 303)


async def signature_show(request: Request) -> Response:
    """The signature, for who signed and for administrators, with a watermark."""
    caller, parts = caller_of(request), parts_of(request)
    picture = await shown_signature(
        int(request.path_params["consent_id"]),
        viewer_id=person_id_of(request),
        viewer=caller.name or caller.phone,
        is_admin=Role.ADMIN in caller.roles,
        media=parts[Media],
        keys=seal_keys(parts[Settings]),
        now=parts[Clock].now(),
    )
    return Response(picture, media_type="image/webp", headers={"cache-control": "no-store"})


async def consent_link_show(request: Request) -> Response:
    """GET /h/{code}: the address in the text to the household; signing in is not asked for."""
    parts, code = parts_of(request), str(request.path_params["code"])
    consent = await consent_by_link(code, parts[Settings].secret_key, now=parts[Clock].now())
    answer = render(request, "vendors/consent_link.html", ConsentLinkPage(consent, code))
    answer.headers["cache-control"] = "no-store"
    return answer


async def consent_link_end(request: Request) -> Response:
    """Stops it at once."""
    parts, code = parts_of(request), str(request.path_params["code"])
    await end_by_link(code, parts[Settings].secret_key, now=parts[Clock].now())
    return RedirectResponse(request.app.url_path_for("vendors:consent_link_show", code=code), 303)


ROUTES = [
    get("/me/helped", helped_show, who=SIGNED_IN, name="vendors:helped_show"),
    post("/me/helped/{consent_id:int}/end", helped_end, who=SIGNED_IN, name="vendors:helped_end"),
    get(
        "/me/helped/{consent_id:int}/signature", signature_show, who=SIGNED_IN, name="vendors:signature_show"
    ),
    get("/h/{code}", consent_link_show, who=ANYONE, name="vendors:consent_link_show"),
    post("/h/{code}/end", consent_link_end, who=ANYONE, name="vendors:consent_link_end"),
]
