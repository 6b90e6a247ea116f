"""The JSON API of payments."""

from kit.web.api import JsonRoute

API: list[JsonRoute] = []
