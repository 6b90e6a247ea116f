"""A household's consent to being helped: asked for, given by its own code or by signature, ended at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.services import person_of, record, request_code, tell, use_code
from kit.codes import number_signed, signed_number
from kit.dates import day_start, show_day, vietnam_date
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.identifiers import show_phone
from vendors.help_rules import ASKED_GOOD_FOR, TEXT_VERSION, Asked, code_words, consent_words, scopes_words
from vendors.models import ConsentEnd, ConsentWay, HelpConsent, HelpedHousehold, HelpScope
from vendors.services.help.households import Member, household_for

CODE_PURPOSE = "help_consent"
LINK_PURPOSE = "help_consent_end"
TEXT_GOOD_FOR = timedelta(days=3)
PICTURE_KEPT_AFTER = timedelta(days=365)


@dataclass(frozen=True)
class Place:
    """The installation: its address for links in texts, and its secret."""

    site: str
    secret: str


@dataclass(frozen=True)
class Wanted:
    """What a member asks a household for: which acts, for how many days."""

    scopes: tuple[HelpScope, ...]
    days: int


@dataclass(frozen=True)
class Witness:
    """Who saw the signature: name and phone (E.164)."""

    name: str
    phone: str


@dataclass(frozen=True)
class ConsentView:
    """A consent to a member: what it allows in words, until which day, and whether it lives."""

    id: int
    household_id: int
    household: str
    phone: str
    member: str
    member_phone: str
    scopes: tuple[HelpScope, ...]
    scopes_name: Sentence
    way: ConsentWay
    text: tuple[Sentence, ...]
    asked_at: datetime
    given_at: datetime | None
    ends_on: str
    ended_at: datetime | None
    is_living: bool


def asked_of(wanted: Wanted, member: Member, now: datetime) -> Asked:
    """What the household is asked, with the end of its last day in Vietnam."""
    ends_at = day_start(vietnam_date(now) + timedelta(days=wanted.days + 1))
    return Asked(member.name, show_phone(member.phone), wanted.scopes, ends_at - timedelta(seconds=1))


async def ask_consent(
    household_id: int, wanted: Wanted, *, member: Member, address: str, now: datetime, secret: str
) -> int:
    """Notes that a member asks, and texts the code to the household's own phone; the number of the consent.

    Raises TooMany as request_code does, NotFound for another commune's household.
    """
    household = await household_for(household_id, member)
    async with transaction():
        consent = await _noted(household, wanted, member, ConsentWay.CODE, now, address=address)
        await consent.save()
        await record(member.person_id, "help_consent_asked", "household", household_id, way="code")
        await _send_code(consent, address=address, now=now, secret=secret)
    return int(consent.id)


async def send_consent_code(
    consent_id: int, *, member: Member, address: str, now: datetime, secret: str
) -> None:
    """Texts another code for a consent that waits; the one before is void. Raises TooMany, Conflict, NotFound."""
    consent = await asked_consent(consent_id, member=member, now=now)
    if consent.given_at is not None:
        raise Conflict(say("Chủ hộ đã đồng ý rồi."))
    async with transaction():
        row = await HelpConsent.get(id=consent_id)
        await _send_code(row, address=address, now=now, secret=secret)


async def asked_consent(consent_id: int, *, member: Member, now: datetime) -> ConsentView:
    """A consent this member asked for by code within the hour, or that was given since. NotFound otherwise."""
    row = await HelpConsent.get_or_none(
        id=consent_id, person_id=member.person_id, way=ConsentWay.CODE
    ).select_related("household")
    if row is None or (row.given_at is None and row.asked_at + ASKED_GOOD_FOR <= now):
        raise NotFound(say("Lời xin phép này không còn. Hãy xin phép chủ hộ lại từ đầu."))
    await household_for(row.household_id, member)
    return consent_view(row, now)


async def confirm_consent(
    consent_id: int, code: str, *, member: Member, now: datetime, place: Place
) -> ConsentView:
    """Gives the consent with the code the household typed in itself, once.

    Refusal at `code` when it is wrong (the try is counted), void, used, or was sent for anything else.
    """
    asked = await asked_consent(consent_id, member=member, now=now)
    if asked.given_at is not None:
        return asked
    async with transaction():
        refusal = await use_code(
            asked.phone,
            code,
            now=now,
            secret=place.secret,
            purpose=CODE_PURPOSE,
            subject=_subject(consent_id),
        )
        if refusal is None:
            row = (await locked(HelpConsent, [consent_id]))[consent_id]
            await _given(row, now, place)
    if refusal is not None:
        raise refusal
    return await asked_consent(consent_id, member=member, now=now)


async def sign_consent(
    household_id: int,
    wanted: Wanted,
    witness: Witness,
    picture_key: str,
    *,
    member: Member,
    now: datetime,
    place: Place,
) -> int:
    """Gives a consent by a signature that a witness saw; `picture_key` names its sealed picture.

    Refusal at `witness_phone` for the household's own number or the member's. NotFound for another commune's.
    """
    household = await household_for(household_id, member)
    if witness.phone in (household.phone, member.phone):
        raise Refusal(
            say("Người làm chứng phải là người khác, không phải chủ hộ hay chính bạn."), field="witness_phone"
        )
    async with transaction():
        row = await _noted(household, wanted, member, ConsentWay.SIGNATURE, now)
        row.witness_name, row.witness_phone, row.picture_key = witness.name, witness.phone, picture_key
        row.delete_at = row.ends_at + PICTURE_KEPT_AFTER
        await row.save()
        await _given(row, now, place)
    return int(row.id)


async def end_consent(consent_id: int, *, person_id: int, now: datetime) -> None:
    """Ends a consent at once, by the person who gave it; again is nothing. NotFound for another's."""
    async with transaction():
        row = (await locked(HelpConsent, [consent_id])).get(consent_id)
        if row is None or row.given_at is None or row.for_person_id != person_id:
            raise NotFound(say("Không có sự đồng ý này."))
        await _ended(row, ConsentEnd.PAGE, person_id, now)


async def consent_by_link(code: str, secret: str, *, now: datetime) -> ConsentView:
    """The consent that the link in the text to the household names. NotFound for what was not signed here."""
    number = number_signed(code, LINK_PURPOSE, secret.encode())
    row = await HelpConsent.get_or_none(id=number).select_related("household") if number else None
    if row is None or row.given_at is None:
        raise NotFound(say("Đường dẫn này không đúng. Hãy mở lại từ tin nhắn."))
    return consent_view(row, now)


async def end_by_link(code: str, secret: str, *, now: datetime) -> None:
    """Ends a consent by the link that went to the household's phone; again is nothing. Raises as consent_by_link."""
    view = await consent_by_link(code, secret, now=now)
    async with transaction():
        row = (await locked(HelpConsent, [view.id]))[view.id]
        await _ended(row, ConsentEnd.LINK, row.for_person_id, now)


async def consents_for_household(household_id: int, member: Member, *, now: datetime) -> list[ConsentView]:
    """This member's consents of a household that were given, newest first, up to ten; one query."""
    rows = HelpConsent.filter(
        household_id=household_id, person_id=member.person_id, given_at__isnull=False
    ).select_related("household")
    return [consent_view(row, now) for row in await rows.order_by("-id").limit(10)]


def is_living(row: HelpConsent, now: datetime) -> bool:
    """Whether a consent lets anything be done now."""
    return row.given_at is not None and row.ended_at is None and row.ends_at > now


async def _noted(
    household: HelpedHousehold,
    wanted: Wanted,
    member: Member,
    way: ConsentWay,
    now: datetime,
    *,
    address: str = "",
) -> HelpConsent:
    if household.phone == member.phone:
        raise Refusal(say("Đây là số của chính bạn. Việc của mình thì làm ở mục «Bán hàng»."))
    return HelpConsent(
        household=household,
        person_id=member.person_id,
        member_name=member.name,
        member_phone=member.phone,
        phone=household.phone,
        text_version=TEXT_VERSION,
        scopes=[str(one) for one in wanted.scopes],
        way=way,
        address=address[:64],
        asked_at=now,
        ends_at=asked_of(wanted, member, now).ends_at,
    )


async def _send_code(row: HelpConsent, *, address: str, now: datetime, secret: str) -> None:
    await request_code(
        row.phone,
        address=address,
        now=now,
        secret=secret,
        purpose=CODE_PURPOSE,
        subject=_subject(row.id),
        words=code_words(_asked(row)),
    )


async def _given(row: HelpConsent, now: datetime, place: Place) -> None:
    """Makes it living, ends the member's earlier ones, and tells the household how to stop it."""
    person = await person_of(row.phone)
    earlier = HelpConsent.filter(
        household_id=row.household_id, person_id=row.person_id, given_at__isnull=False, ended_at__isnull=True
    ).exclude(id=row.id)
    standing = await locked(
        HelpConsent, [int(str(one)) for one in await earlier.values_list("id", flat=True)]
    )
    for one in standing.values():
        one.ended_at, one.ended_how = now, ConsentEnd.REPLACED
        await one.save(update_fields=["ended_at", "ended_how"])
    row.given_at, row.for_person_id = now, person.id
    await row.save(update_fields=["given_at", "for_person_id"])
    await record(
        row.person_id, "help_consent_given", "household", row.household_id, way=str(row.way), consent=row.id
    )
    words = say(
        "Chợ 4.0: {member} ({phone}) được làm giúp cô bác {scopes} đến hết {day}. Xem và dừng lại: {link}",
        member=row.member_name,
        phone=show_phone(row.member_phone),
        scopes=scopes_words(row.scopes),
        day=show_day(vietnam_date(row.ends_at)),
        link=f"{place.site}/h/{signed_number(row.id, LINK_PURPOSE, place.secret.encode())}",
    )
    await tell(row.phone, words, now=now, expires_at=now + TEXT_GOOD_FOR)


async def _ended(row: HelpConsent, how: ConsentEnd, by: int | None, now: datetime) -> None:
    if not is_living(row, now):
        return
    row.ended_at, row.ended_how = now, how
    await row.save(update_fields=["ended_at", "ended_how"])
    await record(by, "help_consent_ended", "household", row.household_id, consent=row.id, how=str(how))


def consent_view(row: HelpConsent, now: datetime) -> ConsentView:
    """A consent as it is read; its household is fetched."""
    asked = _asked(row)
    return ConsentView(
        id=row.id,
        household_id=row.household_id,
        household=row.household.name,
        phone=row.phone,
        member=row.member_name,
        member_phone=row.member_phone,
        scopes=asked.scopes,
        scopes_name=scopes_words(row.scopes),
        way=row.way,
        text=consent_words(asked, row.text_version),
        asked_at=row.asked_at,
        given_at=row.given_at,
        ends_on=show_day(vietnam_date(row.ends_at)),
        ended_at=row.ended_at,
        is_living=is_living(row, now),
    )


def _asked(row: HelpConsent) -> Asked:
    scopes = tuple(HelpScope(one) for one in row.scopes)
    return Asked(row.member_name, show_phone(row.member_phone), scopes, row.ends_at)


def _subject(consent_id: int) -> str:
    return f"help_consent:{consent_id}"
