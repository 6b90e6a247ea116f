"""The JSON API of vendors."""

from kit.web.api import JsonRoute

API: list[JsonRoute] = []
