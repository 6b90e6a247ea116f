"""The JSON API of postal."""

from kit.web.api import JsonRoute

API: list[JsonRoute] = []
