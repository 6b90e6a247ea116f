"""The JSON API of search."""

from kit.web.api import JsonRoute

API: list[JsonRoute] = []
