"""Row numbers in addresses."""

from starlette.requests import Request

from accounts.forms import ROW_MAX
from kit.errors import NotFound


def row_in(request: Request, name: str) -> int:
    """A row number from the address. Raises NotFound for one no row can have."""
    number = int(request.path_params[name])
    if number > ROW_MAX:
        raise NotFound()
    return number
