"""Sheets of listings."""

from starlette.routing import BaseRoute

ROUTES: list[BaseRoute] = []
