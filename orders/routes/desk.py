"""A market's desk: what sellers bring, buyers who come to fetch, and parcels of several stalls."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kit.clock import Clock
from kit.errors import NotFound, Refusal, TooMany
from kit.forms import Form
from kit.i18n import say
from kit.roles import Role
from kit.settings import Settings
from kit.web.asked import page_number, person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.render import render
from kit.web.routing import get, post, roles
from orders.asking import market_of_request
from orders.handing_asking import given_out
from orders.handing_forms import BringForm, PackForm, ShownForm
from orders.services.handing.desk import JointRow, WaitingPage, bring, joint_at, joints_at, waiting_at
from orders.services.handing.joints import pack_joint, wait_for_missing
from orders.services.handing.ready import Place
from postal.label_pdf import LabelSize
from postal.services import parcel
from postal.services.labels import printed
from vendors.services import Market

BOARD = roles(Role.BOARD, Role.ADMIN)
DESK = "/board/markets/{slug}/desk"
JOINT = DESK + "/joints/{id:int}"


@dataclass(frozen=True)
class DeskPage:
    """The desk: `told` says what was just done, with the `code` of the order it was done with."""

    market: Market
    waiting: WaitingPage
    joints: list[JointRow]
    shown_form: Form
    bring_form: Form
    told: str
    code: str


async def desk_show(request: Request) -> Response:
    """GET /board/markets/{slug}/desk."""
    return await _page(request, await market_of_request(request))


async def desk_hand_over(request: Request) -> Response:
    """POST …/fetched: a buyer shows the code of their order."""
    market, form = await market_of_request(request), ShownForm.read(typed_of(request))
    if form.ok:
        try:
            order = await given_out(request, form, Place(market_id=market.id))
            return _told(request, market, "fetched", order.code)
        except TooMany:
            raise
        except Refusal as no:
            form.wrong(no.field or "code", no.sentence)
    return await _page(request, market, shown_form=form, status=422)


async def desk_bring(request: Request) -> Response:
    """POST …/brought: a seller brings an order's goods."""
    market, form = await market_of_request(request), BringForm.read(typed_of(request))
    if form.ok:
        try:
            now = parts_of(request)[Clock].now()
            order = await bring(form.order, market.id, person_id=person_id_of(request), now=now)
            return _told(request, market, "brought", order.code)
        except Refusal as no:
            form.wrong("order", no.sentence)
    return await _page(request, market, bring_form=form, status=422)


async def joint_pack(request: Request) -> Response:
    """POST …/joints/{id}/packing: what has come is packed; with `leaves`, the rest goes by itself."""
    market, form = await market_of_request(request), PackForm.read(typed_of(request))
    await pack_joint(
        request.path_params["id"],
        market.id,
        leaves_missing=form.leaves,
        person_id=person_id_of(request),
        now=parts_of(request)[Clock].now(),
    )
    return _told(request, market, "packed")


async def joint_wait(request: Request) -> Response:
    """POST …/joints/{id}/waiting: the desk waits for what is missing, and the buyer is told."""
    market = await market_of_request(request)
    await wait_for_missing(request.path_params["id"], market.id, now=parts_of(request)[Clock].now())
    return _told(request, market, "waits")


async def joint_label(request: Request) -> Response:
    """GET …/joints/{id}/label.pdf: the label of a packed parcel, A6."""
    market = await market_of_request(request)
    joint, parts = await joint_at(request.path_params["id"], market.id), parts_of(request)
    if joint is None or not joint.parcel_code:
        raise NotFound(say("Bưu gửi gộp này chưa có nhãn."))
    sent = await parcel(joint.parcel_code)
    content = await printed(
        [sent], LabelSize.A6, base_url=parts[Settings].base_url, now=parts[Clock].now(), is_copy=False
    )
    named = f'inline; filename="nhan-{joint.parcel_code}.pdf"'
    headers = {"content-disposition": named, "cache-control": "no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


async def _page(
    request: Request,
    market: Market,
    *,
    shown_form: Form | None = None,
    bring_form: Form | None = None,
    status: int = 200,
) -> Response:
    now, asked = parts_of(request)[Clock].now(), request.query_params
    page = DeskPage(
        market=market,
        waiting=await waiting_at(Place(market_id=market.id), now=now, page=page_number(request)),
        joints=await joints_at(market.id),
        shown_form=shown_form or ShownForm.filled(),
        bring_form=bring_form or BringForm.filled(),
        told=asked.get("told", "")[:20],
        code=asked.get("code", "")[:20],
    )
    return render(request, "orders/desk_show.html", page, status=status)


def _told(request: Request, market: Market, told: str, code: str = "") -> Response:
    path = request.app.url_path_for("orders:desk_show", slug=market.slug)
    return RedirectResponse(f"{path}?told={told}&code={code}", 303)


ROUTES = [
    get(DESK, desk_show, who=BOARD, name="orders:desk_show"),
    post(DESK + "/fetched", desk_hand_over, who=BOARD, name="orders:desk_hand_over"),
    post(DESK + "/brought", desk_bring, who=BOARD, name="orders:desk_bring"),
    post(JOINT + "/packing", joint_pack, who=BOARD, name="orders:joint_pack"),
    post(JOINT + "/waiting", joint_wait, who=BOARD, name="orders:joint_wait"),
    get(JOINT + "/label.pdf", joint_label, who=BOARD, name="orders:joint_label"),
]
