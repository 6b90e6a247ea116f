"""Pages of search."""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
