"""The JSON API of orders."""

from kit.web.api import JsonRoute

API: list[JsonRoute] = []
