"""Finding a route by the beginning of its path and by its name: hundreds tried one after the other would be felt."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import Receive, Scope, Send

API_PARTS, PAGE_PARTS = 3, 1
ANYWHERE = "{"


class Branches(BaseRoute):
    """These routes, in their order, as one: only those that begin as the path does are tried.

    TypeError for what is no single route: a mount would answer for paths that do not begin as its own does.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._all = [route for route in routes if isinstance(route, Route)]
        if len(self._all) < len(routes):
            raise TypeError("only single routes are found by their beginning")
        self._named = {route.name: route for route in reversed(self._all)}
        self._branches: dict[str, list[Route]] = defaultdict(list)
        begins = {_beginning(route.path) for route in self._all}
        for route in self._all:
            own = _beginning(route.path)
            for begin in begins if ANYWHERE in own else (own,):
                self._branches[begin].append(route)
        self._others = [route for route in self._all if ANYWHERE in _beginning(route.path)]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first that fits; else the first that fits but for its method."""
        partial: tuple[Match, Scope] = (Match.NONE, {})
        if scope["type"] != "http":
            return partial
        begin = _beginning(scope["path"])
        for route in self._branches.get(begin, self._others):
            match, found = route.matches(scope)
            if match is Match.FULL:
                return match, {**found, "route": route}
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = match, {**found, "route": route}
        return partial

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands over to the route that was found."""
        await scope["route"].handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The path of the route with this name. Raises NoMatchFound."""
        if name not in self._named:
            raise NoMatchFound(name, path_params)
        return self._named[name].url_path_for(name, **path_params)


def _beginning(path: str) -> str:
    """What stands in the path of every call of a route: its first part, in the API its first three."""
    parts = path.split("/", API_PARTS + 1)[1:]
    return "/".join(parts[: API_PARTS if parts[:1] == ["api"] else PAGE_PARTS])
