"""A person's second factors: seen, added, removed, and the ten recovery codes that come with the first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from accounts.app_codes import CODES_MADE, digits_of, new_secret, recovery_code, tidy_recovery
from accounts.factor_kinds import KIND_WORDS, FactorKeys, FactorKind, Shown
from accounts.models import ApiToken, Factor, Person, RecoveryCode, Session
from accounts.notices import NoticeKind, Telling
from accounts.passkeys import BadAnswer, added
from accounts.services.audit import record
from accounts.services.factor_check import (
    FACTORS_URL,
    one_at_a_time,
    recovery_hash,
    secret_place,
    spend,
    use_app_code,
    wrong_passkey,
)
from accounts.services.notices import notify
from accounts.services.sessions import end_sessions
from kit.codes import digest
from kit.db import locked, transaction
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence, say
from kit.sealed import CannotOpen, SealKeys
from kit.text import nfc

PASSKEYS_MAX = 10
SECRET_LIFE = timedelta(hours=1)
LABEL_MAX = 60
SEALED_AT_ONCE = 500


@dataclass(frozen=True)
class FactorLine:
    """A factor as its person sees it."""

    id: int
    kind: FactorKind
    label: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class FactorsHeld:
    """What a person has: factors that count, and how many recovery codes are left."""

    lines: list[FactorLine]
    codes_left: int

    @property
    def has_app(self) -> bool:
        """Whether an app is among them."""
        return any(line.kind is FactorKind.APP for line in self.lines)


async def factors_of(person_id: int) -> FactorsHeld:
    """What a person has, oldest first. Two queries."""
    rows = await Factor.filter(person_id=person_id, confirmed_at__isnull=False).order_by("id")
    left = await RecoveryCode.filter(person_id=person_id, used_at__isnull=True).count() if rows else 0
    return FactorsHeld(
        [FactorLine(row.id, row.kind, row.label, row.created_at, row.used_at) for row in rows], left
    )


async def has_factor(person_id: int) -> bool:
    """Whether a person has a second factor that counts."""
    return await Factor.exists(person_id=person_id, confirmed_at__isnull=False)


async def passkeys_of(person_id: int) -> list[str]:
    """The ids of a person's passkeys, for the browser to choose from."""
    rows = Factor.filter(person_id=person_id, kind=FactorKind.PASSKEY).order_by("id")
    return [str(one) for one in await rows.values_list("credential_id", flat=True)]


async def begin_app(person_id: int, keys: FactorKeys, *, now: datetime) -> None:
    """Makes the secret of an app, which counts once its first code is right. Refusal when there is one that counts."""
    async with transaction():
        await one_at_a_time(person_id)
        row = await Factor.get_or_none(person_id=person_id, kind=FactorKind.APP)
        if row is not None and row.confirmed_at is not None:
            raise Refusal(say("Bạn đã có ứng dụng tạo mã. Hãy gỡ cái cũ trước khi thêm cái mới."))
        if row is not None and row.created_at > now - SECRET_LIFE:
            return
        if row is not None:
            await row.delete()
        sealed = keys.seal.seal(new_secret(), secret_place(person_id))
        await Factor.create(person_id=person_id, kind=FactorKind.APP, secret_sealed=sealed, created_at=now)


async def secret_begun(person_id: int, keys: FactorKeys, *, now: datetime) -> str:
    """The secret that waits for its first code. Raises NotFound when none waits."""
    row = await _begun(person_id, now)
    if row is None:
        raise NotFound()
    return keys.seal.open(row.secret_sealed, secret_place(person_id))


async def confirm_app(
    person_id: int, typed: str, keys: FactorKeys, *, session_id: int | None, now: datetime
) -> list[str]:
    """The app counts from now on, and this session has shown it; recovery codes when it is the person's first factor.

    Raises Refusal at "code", NotFound when no secret waits. A wrong code costs nothing here.
    """
    async with transaction():
        await one_at_a_time(person_id)
        row = await _begun(person_id, now)
        if row is None:
            raise NotFound()
        refusal = await use_app_code(row, digits_of(typed), keys, now=now)
        if refusal is not None:
            raise refusal
        row.confirmed_at = now
        await row.save(update_fields=["confirmed_at"])
        return await _now_counts(row, keys, session_id, now)


async def add_passkey(
    person_id: int, it: Shown, label: str, keys: FactorKeys, *, session_id: int | None, now: datetime
) -> list[str]:
    """Keeps a passkey that the browser made; otherwise as confirm_app. Raises Refusal at "code"."""
    if keys.party is None:
        raise wrong_passkey()
    try:
        made = added(it.passkey, keys.party, subject=it.subject, secret=keys.secret, now=now)
    except BadAnswer as bad:
        raise Refusal(say("Máy chưa tạo được khoá. Hãy bấm lại."), field="code") from bad
    try:
        async with transaction():
            await one_at_a_time(person_id)
            if await Factor.filter(person_id=person_id, kind=FactorKind.PASSKEY).count() >= PASSKEYS_MAX:
                raise Refusal(say("Bạn đã có {n} khoá. Hãy gỡ khoá không dùng nữa.", n=PASSKEYS_MAX))
            if not await spend(made.challenge, now):
                raise wrong_passkey()
            row = await Factor.create(
                person_id=person_id,
                kind=FactorKind.PASSKEY,
                label=nfc(label)[:LABEL_MAX],
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
                created_at=now,
                confirmed_at=now,
            )
            return await _now_counts(row, keys, session_id, now)
    except IntegrityError as known:
        raise Refusal(say("Khoá này đã được thêm rồi."), field="code") from known


async def renew_codes(person_id: int, keys: FactorKeys, *, now: datetime) -> list[str]:
    """Ten new recovery codes; the old ones are void. Raises Refusal for somebody without a factor."""
    async with transaction():
        await one_at_a_time(person_id)
        if not await has_factor(person_id):
            raise Refusal(say("Hãy thêm khoá hoặc ứng dụng trước, mã dự phòng đi kèm theo."))
        made = await _new_codes(person_id, keys.secret, now)
        await record(person_id, "recovery_codes_renewed", "person", person_id)
        await _tell(person_id, say("Vừa tạo mười mã dự phòng mới, mã cũ hết dùng."), now)
        return made


async def remove_factor(person_id: int, factor_id: int, *, is_required: bool, now: datetime) -> None:
    """Removes one of a person's own; with the last one the recovery codes go too.

    Raises NotFound, and Refusal where it is the last one of somebody who must have one (`is_required`).
    """
    async with transaction():
        await one_at_a_time(person_id)
        row = await Factor.get_or_none(id=factor_id, person_id=person_id, confirmed_at__isnull=False)
        if row is None:
            raise NotFound()
        await row.delete()
        if not await has_factor(person_id):
            if is_required:
                raise Refusal(
                    say("Việc của bạn cần lớp bảo vệ thứ hai. Hãy thêm cái mới rồi mới gỡ cái này.")
                )
            await _without_any(person_id)
        await record(person_id, "factor_removed", "person", person_id, factor=str(row.kind))
        words = say("Vừa gỡ: {what}. Không phải bạn thì báo quản trị ngay.", what=KIND_WORDS[row.kind])
        await _tell(person_id, words, now)


async def reset_factors(person_id: int, *, by: int, how: str, now: datetime) -> None:
    """An administrator who looked at who they are takes all factors off somebody, who is signed out everywhere.

    `how` says how they were looked at. Raises NotFound, and Refusal for oneself or when there is nothing to take off.
    """
    if person_id == by:
        raise Refusal(say("Bạn không tự gỡ cho mình ở đây được. Hãy nhờ một quản trị viên khác."))
    async with transaction():
        if not await locked(Person, [person_id]):
            raise NotFound(say("Không có người này."))
        await one_at_a_time(person_id)
        if not await Factor.filter(person_id=person_id).delete():
            raise Refusal(say("Người này chưa có lớp bảo vệ thứ hai."))
        await _without_any(person_id)
        await end_sessions(person_id, now)
        await record(by, "factors_reset", "person", person_id, how=how)
        words = say(
            "Quản trị vừa gỡ lớp bảo vệ thứ hai của bạn và đăng xuất mọi thiết bị. Hãy đăng nhập và thêm lại."
        )
        await _tell(person_id, words, now)


async def seal_secrets_anew(keys: SealKeys) -> int:
    """Seals under the present key what lies under an older one, up to 500 at a time; how many."""
    rows = Factor.filter(kind=FactorKind.APP).exclude(secret_sealed__startswith=f"{keys.current_id}.")
    count = 0
    for person_id in await rows.order_by("id").limit(SEALED_AT_ONCE).values_list("person_id", flat=True):
        async with transaction():
            await one_at_a_time(int(str(person_id)))
            row = await Factor.get_or_none(person_id=person_id, kind=FactorKind.APP)
            if row is not None and not row.secret_sealed.startswith(f"{keys.current_id}."):
                count += await _sealed_anew(row, keys)
    return count


async def _sealed_anew(row: Factor, keys: SealKeys) -> bool:
    place = secret_place(row.person_id)
    try:
        row.secret_sealed = keys.seal(keys.open(row.secret_sealed, place), place)
    except CannotOpen:
        return False
    await row.save(update_fields=["secret_sealed"])
    return True


async def _begun(person_id: int, now: datetime) -> Factor | None:
    return await Factor.get_or_none(
        person_id=person_id,
        kind=FactorKind.APP,
        confirmed_at__isnull=True,
        created_at__gt=now - SECRET_LIFE,
    )


async def _now_counts(row: Factor, keys: FactorKeys, session_id: int | None, now: datetime) -> list[str]:
    await Session.filter(id=session_id, person_id=row.person_id).update(factor_at=now)
    await record(row.person_id, "factor_added", "person", row.person_id, factor=str(row.kind))
    words = say("Vừa thêm: {what}. Không phải bạn thì báo quản trị ngay.", what=KIND_WORDS[row.kind])
    await _tell(row.person_id, words, now)
    if await RecoveryCode.exists(person_id=row.person_id):
        return []
    return await _new_codes(row.person_id, keys.secret, now)


async def _new_codes(person_id: int, secret: str, now: datetime) -> list[str]:
    made = [recovery_code() for _ in range(CODES_MADE)]
    await RecoveryCode.filter(person_id=person_id).delete()
    await RecoveryCode.bulk_create(
        [
            RecoveryCode(
                person_id=person_id,
                code_hash=recovery_hash(person_id, tidy_recovery(one), secret),
                made_at=now,
            )
            for one in made
        ]
    )
    return made


async def _without_any(person_id: int) -> None:
    """Codes go with the last factor, and no session or token has shown one any more."""
    await RecoveryCode.filter(person_id=person_id).delete()
    for held in (Session, ApiToken):
        await held.filter(person_id=person_id, factor_at__isnull=False).update(factor_at=None)


async def _tell(person_id: int, words: Sentence, now: datetime) -> None:
    telling = Telling(NoticeKind.SYSTEM, say("Lớp bảo vệ thứ hai"), words, FACTORS_URL)
    key = f"factor:{digest(f'{words.text}{words.values}{now.isoformat()}')[:40]}"
    await notify([person_id], telling, event_key=key, now=now)
