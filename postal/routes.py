"""Pages of postal."""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
