"""When a try to pay is asked about: after 1, 3 and 10 minutes, at its end, then ever less for a day. Pure.

A provider's callback may be lost (one is said to send it once only), and a time-out tells nothing: asking is what
settles both. MoMo's integration notes name 1, 3 and 10 minutes; ZaloPay asks for one more look at the end. A refund may
take a bank days.
"""

from datetime import datetime, timedelta

AFTER_START = (timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=10))
AFTER_END = (
    timedelta(seconds=0),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8, 12, 18, 24)),
)
GRACE = timedelta(minutes=1)
GIVEN_UP_AFTER = timedelta(hours=24)


def next_look(now: datetime, *, asked_at: datetime, expires_at: datetime) -> datetime | None:
    """The first moment after `now` to ask the provider again; None once a day has passed since the end."""
    before = (asked_at + pause for pause in AFTER_START if asked_at + pause < expires_at)
    after = (expires_at + pause for pause in AFTER_END)
    return next((at for at in (*before, *after) if at > now), None)


def is_over(now: datetime, expires_at: datetime) -> bool:
    """Whether a provider that still says "not paid" is believed: its own end has passed too."""
    return now >= expires_at + GRACE


AFTER_SENT = (
    *AFTER_START,
    *(timedelta(minutes=minutes) for minutes in (30, 60, 120, 240, 480)),
    *(timedelta(hours=12 * half) for half in range(1, 61)),
)


def next_refund_look(now: datetime, *, sent_at: datetime) -> datetime | None:
    """The first moment after `now` to ask about a refund: soon, then every twelve hours; None after thirty days."""
    return next((at for pause in AFTER_SENT if (at := sent_at + pause) > now), None)
