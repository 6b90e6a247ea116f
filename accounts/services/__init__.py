"""What accounts does for the market: sign-in, sessions, roles, tokens, and the trail of who did what."""

from accounts.services.audit import AuditLine, AuditPage, audit_page, record, record_each
from accounts.services.entry import PROGRAM_LIFE, SignedIn, sign_in, sign_in_program
from accounts.services.names import called, names_of
from accounts.services.one_time_codes import (
    ACCOUNT_CHANGE,
    CODE_LIFE,
    RESEND_SECONDS,
    TRIES_MAX,
    request_code,
    use_code,
)
from accounts.services.people import (
    PersonLine,
    RoleHeld,
    block,
    change_profile,
    find_people,
    keep_speech,
    person_line,
    person_of,
    speech_kept,
    unblock,
)
from accounts.services.roles import grant, phones_of, withdraw
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
from accounts.services.texts import forget_old, tell, text_sent, waiting_text
from accounts.services.tokens import TokenLine, make_api_token, revoke_token, tokens_of

__all__ = [
    "ABSOLUTE_LIFE",
    "ACCOUNT_CHANGE",
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
    "keep_speech",
    "make_api_token",
    "names_of",
    "open_session",
    "person_line",
    "person_of",
    "phones_of",
    "record",
    "record_each",
    "request_code",
    "revoke_session",
    "revoke_token",
    "sessions_of",
    "sign_in",
    "sign_in_program",
    "sign_out",
    "sign_out_everywhere",
    "speech_kept",
    "tell",
    "text_sent",
    "tokens_of",
    "unblock",
    "use_code",
    "waiting_text",
    "withdraw",
]
