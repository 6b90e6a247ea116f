"""What accounts does for the market: sign-in, sessions, roles, tokens, and the trail of who did what."""

from accounts.services.audit import AuditLine, AuditPage, audit_page, record
from accounts.services.entry import PROGRAM_LIFE, SignedIn, sign_in, sign_in_program
from accounts.services.names import called, names_of
from accounts.services.one_time_codes import CODE_LIFE, RESEND_SECONDS, TRIES_MAX, request_code
from accounts.services.people import (
    PersonLine,
    RoleHeld,
    block,
    change_profile,
    find_people,
    person_line,
    person_of,
    unblock,
)
from accounts.services.roles import grant, withdraw
from accounts.services.sessions import (
    ABSOLUTE_LIFE,
    SessionLine,
    caller_for,
    open_session,
    revoke_session,
    sessions_of,
    sign_out,
    sign_out_everywhere,
)
from accounts.services.texts import forget_old, text_news, text_sent, waiting_text
from accounts.services.tokens import TokenLine, make_api_token, revoke_token, tokens_of

__all__ = [
    "ABSOLUTE_LIFE",
    "CODE_LIFE",
    "PROGRAM_LIFE",
    "RESEND_SECONDS",
    "TRIES_MAX",
    "AuditLine",
    "AuditPage",
    "PersonLine",
    "RoleHeld",
    "SessionLine",
    "SignedIn",
    "TokenLine",
    "audit_page",
    "block",
    "called",
    "caller_for",
    "change_profile",
    "find_people",
    "forget_old",
    "grant",
    "make_api_token",
    "names_of",
    "open_session",
    "person_line",
    "person_of",
    "record",
    "request_code",
    "revoke_session",
    "revoke_token",
    "sessions_of",
    "sign_in",
    "sign_in_program",
    "sign_out",
    "sign_out_everywhere",
    "text_news",
    "text_sent",
    "tokens_of",
    "unblock",
    "waiting_text",
    "withdraw",
]
