"""What has happened to a parcel, told to staff in full and to everybody else without names and numbers."""

from dataclasses import dataclass
from datetime import datetime

from accounts.services import names_of
from kit.i18n import Sentence, say
from postal.models import ParcelEvent
from postal.services.folding import CORRECTED
from postal.staff_carrier import Act, Reason, act_words, reason_words
from postal.states import ParcelState, shown, shown_to_staff

STEPS_MAX = 200


@dataclass(frozen=True)
class TimelineStep:
    """One step: what happened, why (may be None), where and when. `note` and `person` are for staff alone."""

    words: Sentence
    because: Sentence | None
    place: str
    at: datetime
    state: ParcelState
    note: str = ""
    person: str = ""


async def timeline(parcel_id: int, *, for_staff: bool = False) -> list[TimelineStep]:
    """The steps of a parcel, oldest first, at most 200.

    Without `for_staff` no notes and nobody's number are in it, the words are the shoppers', and a step that
    says the same at the same place as the one before it is left out.
    """
    moves = ParcelEvent.filter(parcel_id=parcel_id, state__isnull=False)
    events = await moves.order_by("happened_at", "id").limit(STEPS_MAX)
    if for_staff:
        names = await names_of({event.person_id for event in events if event.person_id})
        return [_told_to_staff(event, names) for event in events]
    steps = [_told(event) for event in events]
    return [step for step, before in zip(steps, [None, *steps], strict=False) if not _same(step, before)]


async def failure_reasons(parcel_id: int) -> set[Reason]:
    """Why this parcel could not be given to its recipient, each reason once. One query."""
    failed = ParcelEvent.filter(parcel_id=parcel_id, state=ParcelState.FAILED_ATTEMPT)
    told = {str(one) for one in await failed.values_list("reason", flat=True)}
    return {one for one in Reason if one.value in told}


def _told(event: ParcelEvent) -> TimelineStep:
    state = event.state or ParcelState.CREATED
    return TimelineStep(say(shown(state)), _because(event), event.place, event.happened_at, state)


def _told_to_staff(event: ParcelEvent, names: dict[int, str]) -> TimelineStep:
    state = event.state or ParcelState.CREATED
    words = say(act_words(Act(event.act)) if event.act in list(Act) else shown_to_staff(state))
    if event.act == CORRECTED:
        words = say("Sửa thành «{state}»", state=words)
    note = " · ".join(filter(None, (event.code, event.note)))
    person = names.get(event.person_id or 0, "")
    return TimelineStep(words, _because(event), event.place, event.happened_at, state, note, person)


def _because(event: ParcelEvent) -> Sentence | None:
    return say(reason_words(Reason(event.reason))) if event.reason in list(Reason) else None


def _same(step: TimelineStep, before: TimelineStep | None) -> bool:
    return (
        before is not None
        and (step.words, step.place) == (before.words, before.place)
        and step.because is None
    )
