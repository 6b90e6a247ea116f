"""Maps of the communes that goods come from."""

from starlette.requests import Request
from starlette.responses import Response

from kit.errors import NotFound
from kit.web.routing import ANYONE, get
from vendors.origin_map import origin_map


async def map_show(request: Request) -> Response:
    """A commune with its neighbours. The drawing changes only with the list of communes."""
    drawn = origin_map(str(request.path_params["code"]))
    if drawn is None:
        raise NotFound()
    return Response(drawn, media_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"})


ROUTES = [get("/places/{code}/map.svg", map_show, who=ANYONE, name="vendors:map_show")]
