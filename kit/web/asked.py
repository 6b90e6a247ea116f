"""What a request asks for: its person, its page of a list, its text fields, the seller it acts for, the way back."""

from starlette.requests import Request

from kit.errors import NotAllowed, TooMany
from kit.i18n import say
from kit.limits import Limits
from kit.roles import Role
from kit.web.callers import caller_of, parts_of
from kit.web.formdata import form_of

BACK_MAX = 500


def person_id_of(request: Request) -> int:
    """The signed-in person; only for routes that let nobody else in."""
    person_id = caller_of(request).person_id
    assert person_id is not None
    return person_id


def vendor_id_of(request: Request) -> int:
    """The vendor whom the caller sells for. Raises NotAllowed when there is none."""
    vendor_ids = caller_of(request).scope_ids(Role.VENDOR)
    if not vendor_ids:
        raise NotAllowed(say("Hãy mở gian hàng trước, rồi tiền bán hàng sẽ hiện ở đây."))
    return vendor_ids[0]


def page_number(request: Request) -> int:
    """The page of a list that the address asks for, from 1; 1 when it says nonsense."""
    said = request.query_params.get("page", "1")
    return max(1, int(said)) if said.isascii() and said.isdecimal() and len(said) < 5 else 1


def typed_of(request: Request) -> dict[str, object]:
    """The text fields of the form that came in; files are left out."""
    return {name: value for name, value in form_of(request).items() if isinstance(value, str)}


def local_path(back: str, otherwise: str) -> str:
    """Where to go back to: a path of this site, 500 characters at most, else the other one.

    Browsers read "//host", "/\\\\host" and "/<tab>/host" as another site (WHATWG URL, section 4.4), so no
    backslash and no blank or control character may stand in it.
    """
    is_local = back.startswith("/") and not back.startswith("//") and len(back) <= BACK_MAX
    if not is_local or "\\" in back or any(c <= " " or c == "\x7f" for c in back):
        return otherwise
    return back


async def refuse_guessing(request: Request, what: str, *, times: int) -> None:
    """Counts one code that the signed-in person tries. Raises TooMany after so many in an hour."""
    key = f"{what}:{person_id_of(request)}"
    if not await parts_of(request)[Limits].allows(key, times=times, seconds=3600):
        raise TooMany(say("Thử quá nhiều mã trong một giờ. Nghỉ một lát rồi làm tiếp."), wait_seconds=600)
