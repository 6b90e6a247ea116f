"""Pages of payments."""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
