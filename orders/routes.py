"""Pages of orders."""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
