"""Who people can be in the market, and the caller of one request."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a person may be granted; being signed in makes a shopper."""

    VENDOR = "vendor"
    TEAM = "team"
    CLERK = "clerk"
    CARRIER = "carrier"
    BOARD = "board"
    ADMIN = "admin"


@dataclass(frozen=True)
class Caller:
    """Who asks: a person or nobody, from which device, with which roles and over what (scope of a role).

    `unread` is how many notices wait for them, at most 100. `withheld` are roles they hold that want a second factor,
    which this session or token has not shown (kit.factors).
    """

    device: str = ""
    person_id: int | None = None
    session_id: int | None = None
    name: str = ""
    phone: str = ""
    language: str = ""
    roles: frozenset[str] = frozenset()
    scopes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    by_token: bool = False
    unread: int = 0
    has_shown_factor: bool = False
    withheld: frozenset[str] = frozenset()

    @property
    def is_signed_in(self) -> bool:
        """Whether we know the person."""
        return self.person_id is not None

    def scope_ids(self, role: Role) -> tuple[int, ...]:
        """The numbers a role was granted over: a vendor member's vendors, a board member's markets."""
        return tuple(int(scope) for scope in self.scopes.get(role, ()) if scope.isdecimal())


NOBODY = Caller()
