"""What moderation of every kind of thing shares: clocks, answers to its reports, take-downs lifted, who may not judge.

Goods (`moderation`) and ratings (`ratings_moderated`) have tables of their own, columns named alike; theirs is
what is locked, what is shown or hidden with it, and who is told.
"""

from datetime import datetime, timedelta

from tortoise.queryset import QuerySet

from kit.dates import vietnam_date
from kit.errors import NotAllowed
from kit.i18n import Sentence
from kit.rules import rule_on
from vendors.models import ListingReport, RatingReport, RatingTakeDown, ReportOutcome, TakeDown
from vendors.review_rules import Clock

TEXT_LIFE = timedelta(days=3)  # a text about it that could not be sent for so long tells nothing new


async def term(clock: Clock, now: datetime) -> timedelta:
    """How long a clock runs by the rule in force."""
    return timedelta(hours=int(await rule_on(clock.rule, vietnam_date(now)) or clock.hours))


async def answer_reports(
    reports: QuerySet[ListingReport] | QuerySet[RatingReport],
    outcome: ReportOutcome,
    answer: str,
    *,
    by: int,
    now: datetime,
) -> int:
    """Answers those of the reports that are open; gives how many."""
    waiting = reports.filter(outcome=ReportOutcome.OPEN)
    return await waiting.update(outcome=outcome, closed_at=now, closed_by=by, answer=answer)


async def lift(standing: TakeDown | RatingTakeDown, because: str, *, by: int, now: datetime) -> None:
    """Notes that a take-down stands no longer, and why."""
    standing.lifted_at, standing.lifted_by, standing.lifted_because = now, by, because
    await standing.save(update_fields=["lifted_at", "lifted_by", "lifted_because"])


def refuse_own_case(taken_by: int, by: int, words: Sentence) -> None:
    """An appeal is for another administrator than the one who took the thing down: NotAllowed in these words."""
    if taken_by == by:
        raise NotAllowed(words)
