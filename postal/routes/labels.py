"""Labels as PDF: one, or all that were chosen in a list."""

from starlette.requests import Request
from starlette.responses import Response

from kit.clock import Clock
from kit.errors import Refusal
from kit.settings import Settings
from kit.web.callers import parts_of
from kit.web.formdata import form_of
from postal.forms import LabelForm
from postal.label_pdf import LabelSize
from postal.services.labels import parcels_to_print, printed
from postal.viewing import viewer_of


async def label_pdf_show(request: Request) -> Response:
    """GET /post/parcels/{code}/label.pdf?size=a6&copy=1."""
    return await _answer(request, [request.path_params["code"]], LabelForm.read(dict(request.query_params)))


async def label_create(request: Request) -> Response:
    """POST /post/labels: one file for all chosen codes."""
    sent = form_of(request)
    form = LabelForm.read({name: value for name, value in sent.items() if isinstance(value, str)})
    return await _answer(request, [str(code) for code in sent.getlist("codes")], form)


async def _answer(request: Request, codes: list[str], form: LabelForm) -> Response:
    if not form.ok:
        raise Refusal(next(iter(form.errors.values())))
    parcels, parts = await parcels_to_print(codes, viewer_of(request)), parts_of(request)
    content = await printed(
        parcels,
        LabelSize(form.size or LabelSize.A6),
        base_url=parts[Settings].base_url,
        now=parts[Clock].now(),
        on_sheet=form.sheet,
        is_copy=form.copy,
    )
    return pdf_answer(content, f"nhan-{parcels[0].code}" if len(parcels) == 1 else f"nhan-{len(parcels)}")


def pdf_answer(content: bytes, name: str) -> Response:
    """A PDF that nobody on the way keeps."""
    headers = {"content-disposition": f'inline; filename="{name}.pdf"', "cache-control": "no-store"}
    return Response(content, media_type="application/pdf", headers=headers)
