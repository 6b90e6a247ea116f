"""Roles that work only with a second factor: which they are, and what is left of a caller who has shown none."""

from dataclasses import replace

from kit.roles import Caller
from kit.settings import Settings


def required_roles(settings: Settings) -> frozenset[str]:
    """The roles that are nothing without a second factor."""
    if settings.factor_required.strip() == "auto":
        return frozenset(("admin", "board")) if settings.is_production else frozenset()
    return _named(settings.factor_required)


def asked_roles(settings: Settings) -> frozenset[str]:
    """The roles whose people are asked at sign-in to add a second factor."""
    return required_roles(settings) | _named(settings.factor_asked)


def as_shown(caller: Caller, required: frozenset[str]) -> Caller:
    """The caller without the roles that want a factor, unless one was shown; `withheld` names those."""
    withheld = frozenset() if caller.has_shown_factor else caller.roles & required
    if not withheld:
        return caller
    scopes = {role: over for role, over in caller.scopes.items() if role not in withheld}
    return replace(caller, roles=caller.roles - withheld, scopes=scopes, withheld=withheld)


def _named(text: str) -> frozenset[str]:
    return frozenset(name for one in text.split(",") if (name := one.strip()) and name != "none")
