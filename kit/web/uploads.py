"""Uploads over HTTP: begun by a form, appended to by PATCH, asked after by HEAD or GET; one's own only."""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from kit.clock import Clock
from kit.errors import Refusal
from kit.forms import Form, matching, whole
from kit.i18n import say
from kit.uploads import (
    CHUNK_BYTES_MAX,
    UPLOAD_BYTES_MAX,
    UploadView,
    WrongOffset,
    append_to_upload,
    begin_upload,
    upload_view,
)
from kit.web.answers import on_refusal, problem
from kit.web.asked import person_id_of, typed_of
from kit.web.callers import parts_of
from kit.web.routing import SIGNED_IN, get, patch, post

CLIENT_ID = r"[0-9A-Za-z-]{16,40}"


class UploadForm(Form):
    """What a phone announces before it sends a file."""

    id: str = matching(CLIENT_ID, say("Mã của lần gửi cần 16 đến 40 chữ cái hoặc chữ số."))
    size: int = whole(least=1, most=UPLOAD_BYTES_MAX)
    sha256: str = matching(r"[0-9a-f]{64}", say("Dấu SHA-256 cần 64 chữ số hệ mười sáu."))


async def upload_create(request: Request) -> Response:
    """Begins an upload; asked again, says how far it is."""
    form = UploadForm.read(typed_of(request))
    if not form.ok:
        return problem(request, 422, say("Có ô cần sửa lại."), form.errors)
    now = parts_of(request)[Clock].now()
    view = await begin_upload(person_id_of(request), form.id, form.size, form.sha256, now=now)
    return _told(view, 201 if view.received == 0 else 200)


async def upload_show(request: Request) -> Response:
    """How far an upload is."""
    return _told(await upload_view(person_id_of(request), str(request.path_params["id"])))


async def upload_append(request: Request) -> Response:
    """Adds the body at Upload-Offset. What came before the connection was cut is kept."""
    offset = request.headers.get("upload-offset", "")
    length = request.headers.get("content-length", "")
    if not offset.isascii() or not offset.isdecimal() or len(offset) > 9:
        raise Refusal(say("Thiếu tiêu đề Upload-Offset."), status=400)
    if not length.isascii() or not length.isdecimal() or int(length) > CHUNK_BYTES_MAX:
        raise Refusal(say("Mỗi lần gửi nhiều nhất {n} byte.", n=CHUNK_BYTES_MAX), status=413)
    content = await _arrived(request)
    upload_id, now = str(request.path_params["id"]), parts_of(request)[Clock].now()
    try:
        view = await append_to_upload(person_id_of(request), upload_id, int(offset), content, now=now)
    except WrongOffset as wrong:
        answer = await on_refusal(request, wrong)
        answer.headers["upload-offset"] = str(wrong.received)
        return answer
    return _told(view)


async def _arrived(request: Request) -> bytes:
    """The body, or as much of it as arrived."""
    content = bytearray()
    try:
        async for piece in request.stream():
            content += piece
    except ClientDisconnect:
        pass  # the next try goes on from here
    return bytes(content)


def _told(view: UploadView, status: int = 200) -> Response:
    headers = {
        "upload-offset": str(view.received),
        "upload-length": str(view.size),
        "cache-control": "no-store",
    }
    return JSONResponse({"id": view.id, "size": view.size, "offset": view.received}, status, headers=headers)


ROUTES: list[BaseRoute] = [
    post("/uploads", upload_create, who=SIGNED_IN, name="kit:upload_create"),
    get("/uploads/{id}", upload_show, who=SIGNED_IN, name="kit:upload_show"),
    patch("/uploads/{id}", upload_append, who=SIGNED_IN, name="kit:upload_append"),
]
