"""What a request asks for: its text fields, its page of a list, its person."""

from starlette.requests import Request

from kit.web.callers import caller_of
from kit.web.formdata import form_of


def typed_of(request: Request) -> dict[str, object]:
    """The text fields of the form that came in; files are left out."""
    return {name: value for name, value in form_of(request).items() if isinstance(value, str)}


def page_number(request: Request) -> int:
    """The page of a list that the address asks for; 1 when it says nonsense."""
    said = request.query_params.get("page", "1")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 5 else 1


def person_id_of(request: Request) -> int:
    """The signed-in person; only for routes that let nobody else in."""
    person_id = caller_of(request).person_id
    assert person_id is not None
    return person_id
