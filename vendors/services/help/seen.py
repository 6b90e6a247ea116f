"""What a helped person sees: who may act for them until when, and everything that was done for them."""

from dataclasses import dataclass
from datetime import datetime

from accounts.services import names_of
from kit.i18n import Sentence, say
from vendors.help_rules import ACT_WORDS
from vendors.models import HelpAct, HelpConsent
from vendors.services.cards import Leaf, leaf_of
from vendors.services.help.consents import ConsentView, consent_view

CONSENTS_SHOWN = 20


@dataclass(frozen=True)
class ActView:
    """One thing done for a person: when, by whom, what; `code` names the goods, if any."""

    at: datetime
    person: str
    words: Sentence
    code: str


async def consents_given_by(person_id: int, *, now: datetime) -> list[ConsentView]:
    """A person's consents to being helped, newest first, up to 20; one query."""
    rows = HelpConsent.filter(for_person_id=person_id).order_by("-id").limit(CONSENTS_SHOWN)
    return [consent_view(row, now) for row in await rows.select_related("household")]


async def living_consents(person_id: int, *, now: datetime) -> list[ConsentView]:
    """Those consents of a person under which something may be done now; one query."""
    rows = HelpConsent.filter(for_person_id=person_id, ended_at__isnull=True, ends_at__gt=now)
    return [consent_view(row, now) for row in await rows.order_by("-id").select_related("household")]


async def acts_for_person(person_id: int, page: int) -> Leaf[ActView]:
    """A page of what was done for a person, newest first; two queries."""
    leaf = await leaf_of(HelpAct.filter(for_person_id=person_id).order_by("-id"), page)
    return Leaf(await _views(leaf.items), leaf.page, leaf.has_more)


async def acts_in_household(household_id: int, person_id: int) -> list[ActView]:
    """The last 24 things one member did for a household, newest first; two queries."""
    rows = HelpAct.filter(consent__household_id=household_id, person_id=person_id).order_by("-id").limit(24)
    return await _views(await rows)


async def _views(acts: list[HelpAct]) -> list[ActView]:
    names = await names_of({one.person_id for one in acts}) if acts else {}
    return [
        ActView(
            one.at,
            names.get(one.person_id, ""),
            say(ACT_WORDS[one.kind].text, subject=one.subject),
            one.subject_code,
        )
        for one in acts
    ]
