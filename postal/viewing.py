"""Who looks at a parcel by this request: the desk, or a carrier."""

from starlette.requests import Request

from kit.clock import Clock
from kit.roles import Role
from kit.web.asked import person_id_of
from kit.web.callers import caller_of, parts_of
from postal.services.sight import Viewer


def viewer_of(request: Request) -> Viewer:
    """The signed-in member of the staff."""
    is_desk = bool({Role.CLERK, Role.ADMIN} & caller_of(request).roles)
    return Viewer(person_id_of(request), is_desk, parts_of(request)[Clock].now())
