"""The JSON API of accounts."""

from kit.web.api import JsonRoute

API: list[JsonRoute] = []
