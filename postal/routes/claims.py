"""Pages of compensation by carriers: what is to be claimed and due, one parcel's claim and its steps."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import NotFound, Refusal
from kit.forms import Form
from kit.i18n import Sentence, say
from kit.roles import Role
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from postal.claim_forms import ClaimAnswerForm, ClaimForm, CompensationForm
from postal.gates.names import TITLES
from postal.services.claims.claiming import ANSWERS, PaidTo, answer_claim, open_claim, take_compensation
from postal.services.claims.shown import ClaimPage, ParcelClaim, claim_of, claims
from postal.shown import pages_beside
from postal.states import ClaimState

DESK = roles(Role.CLERK, Role.ADMIN)
STATE_WORDS: dict[ClaimState, Sentence] = {
    ClaimState.OPENED: say("Đã đòi, chờ hãng trả lời"),
    ClaimState.ANSWERED: say("Hãng đồng ý, chờ tiền"),
    ClaimState.PAID: say("Tiền bồi thường đã về"),
    ClaimState.REFUSED: say("Hãng từ chối"),
    ClaimState.WITHDRAWN: say("Đã thôi đòi"),
}
TONES = {ClaimState.PAID: "good", ClaimState.REFUSED: "bad", ClaimState.WITHDRAWN: "quiet"}
ANSWER_WORDS: dict[ClaimState, Sentence] = {
    ClaimState.ANSWERED: say("Đồng ý bồi thường"),
    ClaimState.REFUSED: say("Từ chối"),
    ClaimState.WITHDRAWN: say("Đã tìm lại hàng, thôi không đòi"),
}
PAID_WORDS: dict[PaidTo, Sentence] = {
    PaidTo.SELLER: say("Thẳng vào tài khoản người bán"),
    PaidTo.MARKET: say("Vào tài khoản của chợ, chợ chuyển tiếp"),
}


@dataclass(frozen=True)
class ClaimIndexPage:
    """What is to be claimed, and all claims."""

    found: ClaimPage
    words: dict[ClaimState, Sentence]
    tones: dict[ClaimState, str]
    titles: dict[str, str]
    newer_url: str
    older_url: str


@dataclass(frozen=True)
class ClaimShowPage:
    """One parcel's claim with the steps that may follow; `act` is the form that was just sent."""

    found: ParcelClaim
    form: Form
    act: str
    words: dict[ClaimState, Sentence]
    tones: dict[ClaimState, str]
    paid_words: dict[str, Sentence]
    titles: dict[str, str]
    answers: list[tuple[str, Sentence]]
    tos: list[tuple[str, Sentence]]
    may_pay: bool


async def claim_index(request: Request) -> Response:
    """GET /post/claims."""
    found = await claims(now=_now(request), page=page_number(request))
    newer_url, older_url = pages_beside(request, found.page, found.has_more)
    page = ClaimIndexPage(found, STATE_WORDS, TONES, TITLES, newer_url, older_url)
    return render(request, "postal/claim_index.html", page)


async def claim_show(request: Request) -> Response:
    """GET /post/parcels/{code}/claim."""
    return await _page(request, Form(), "")


async def claim_create(request: Request) -> Response:
    """POST /post/parcels/{code}/claim."""
    form, code = ClaimForm.read(typed_of(request)), request.path_params["code"]
    by, now = person_id_of(request), _now(request)
    act = open_claim(code, form.dong, form.words, person_id=by, now=now) if form.ok else None
    return await _done(request, form, act, "open")


async def claim_answer(request: Request) -> Response:
    """POST /post/parcels/{code}/claim/answer."""
    form, code = ClaimAnswerForm.read(typed_of(request)), request.path_params["code"]
    by, now = person_id_of(request), _now(request)
    act = (
        answer_claim(code, ClaimState(form.answer), form.dong, form.words, person_id=by, now=now)
        if form.ok
        else None
    )
    return await _done(request, form, act, "answer")


async def claim_pay(request: Request) -> Response:
    """POST /post/parcels/{code}/claim/payment."""
    form, code = CompensationForm.read(typed_of(request)), request.path_params["code"]
    by, now = person_id_of(request), _now(request)
    act = take_compensation(code, form.dong, form.to, form.words, person_id=by, now=now) if form.ok else None
    return await _done(request, form, act, "pay")


async def _done(request: Request, form: Form, act: Awaitable[None] | None, name: str) -> Response:
    if act is None:
        return await _page(request, form, name, status=422)
    try:
        await act
    except Refusal as no:
        if isinstance(no, NotFound):
            raise
        form.wrong(no.field or "words", no.sentence)
        return await _page(request, form, name, status=no.status)
    shown = request.app.url_path_for("postal:claim_show", code=request.path_params["code"])
    return RedirectResponse(shown, 303)


async def _page(request: Request, form: Form, act: str, *, status: int = 200) -> Response:
    found = await claim_of(request.path_params["code"], now=_now(request))
    page = ClaimShowPage(
        found=found,
        form=form,
        act=act,
        words=STATE_WORDS,
        tones=TONES,
        paid_words={str(one): words for one, words in PAID_WORDS.items()},
        titles=TITLES,
        answers=[(str(one), ANSWER_WORDS[one]) for one in ANSWERS if one in found.next_states],
        tos=[(str(one), words) for one, words in PAID_WORDS.items()],
        may_pay=ClaimState.PAID in found.next_states,
    )
    return render(request, "postal/claim_show.html", page, status=status)


def _now(request: Request) -> datetime:
    return parts_of(request)[Clock].now()


_ONE = "/post/parcels/{code}/claim"
ROUTES: list[BaseRoute] = [
    get("/post/claims", claim_index, who=DESK, name="postal:claim_index"),
    get(_ONE, claim_show, who=DESK, name="postal:claim_show"),
    post(_ONE, claim_create, who=DESK, name="postal:claim_create"),
    post(_ONE + "/answer", claim_answer, who=DESK, name="postal:claim_answer"),
    post(_ONE + "/payment", claim_pay, who=DESK, name="postal:claim_pay"),
]
