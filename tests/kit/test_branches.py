"""Routes found by their beginning are the same routes, in the same order, with the same names."""

import pytest
from starlette.routing import Match, NoMatchFound, Route, Router

from kit.settings import Settings
from kit.web.branches import Branches
from market.app import all_routes

ROUTES = [one for one in all_routes(Settings()) if isinstance(one, Route)]


def scope(method: str, path: str) -> dict[str, object]:
    """A request."""
    return {"type": "http", "method": method, "path": path, "headers": []}


def filled(path: str) -> str:
    """A path of a route with something in its places."""
    return "/".join("7" if "{" in part else part for part in path.split("/"))


def first_of(routes: list[Route], asked: dict[str, object]) -> tuple[Match, object]:
    """What a plain search finds."""
    found = [(match, route) for route in routes for match, _ in [route.matches(asked)]]
    fitting = (one for kind in (Match.FULL, Match.PARTIAL) for one in found if one[0] is kind)
    return next(fitting, (Match.NONE, None))


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_every_path_leads_to_the_route_that_a_plain_search_finds(method: str) -> None:
    branches = Branches(ROUTES)
    for path in {filled(one.path) for one in ROUTES} | {
        "/",
        "/nothing",
        "/api",
        "/api/v1",
        "/goods/",
        "//",
        "",
    }:
        asked = scope(method, path)
        match, more = branches.matches(dict(asked))
        assert (match, more.get("route")) == first_of(ROUTES, asked), path


def test_routes_that_begin_with_a_place_are_tried_with_all_others() -> None:
    first, anywhere, second = (
        Route(path, endpoint=print, name=path) for path in ("/a/b", "/{x}/b", "/a/{y}")
    )
    branches = Branches([first, anywhere, second])
    for path, wanted in (("/a/b", first), ("/c/b", anywhere), ("/a/c", second)):
        assert branches.matches(scope("GET", path))[1]["route"] is wanted


def test_every_name_leads_to_its_path() -> None:
    branches, plain = Branches(ROUTES), Router(ROUTES)
    for route in ROUTES:
        places: dict[str, object] = {
            name: 7 if "int" in type(kind).__name__.lower() or "Row" in type(kind).__name__ else "x"
            for name, kind in route.param_convertors.items()
        }
        assert branches.url_path_for(route.name, **places) == plain.url_path_for(route.name, **places)
    with pytest.raises(NoMatchFound):
        branches.url_path_for("nobody:here")
