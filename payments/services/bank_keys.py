"""Sellers' own keys for bank notices: connected once, sealed, tried, disconnected; what came under each."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError
from tortoise.functions import Max

from accounts.services import record
from kit.codes import token
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import say
from kit.outbox import later
from kit.sealed import SealKeys
from payments.models import BankKey, BankProvider, Notice, Payment
from payments.services.notices import Source

PLACE_MAX = 43


@dataclass(frozen=True)
class BankKeyView:
    """A seller's key as its page shows it; the key itself is not in it. `path` is where the provider posts to."""

    id: int
    provider: str
    path: str
    secret_tail: str
    has_list: bool
    has_links: bool
    created_at: datetime
    tested_at: datetime | None
    refused_at: datetime | None
    last_notice_at: datetime | None


@dataclass(frozen=True)
class OpenedKey:
    """A seller's key opened for use: never shown, never logged."""

    id: int
    vendor_id: int
    provider: str
    path: str
    secret: str
    list_key: str
    link_key: str = ""

    @property
    def source(self) -> Source:
        """How its notices are written down."""
        return Source(f"{self.provider}:{self.id}", self.id, self.vendor_id)


async def connect_key(
    vendor_id: int,
    provider: str,
    secret: str,
    list_key: str,
    *,
    person_id: int,
    now: datetime,
    keys: SealKeys,
    link_key: str = "",
) -> BankKeyView:
    """Keeps a seller's key, sealed. Raises Conflict when one is connected there already."""
    place = token()
    row = BankKey(
        vendor_id=vendor_id,
        provider=BankProvider(provider),
        place=place,
        secret=keys.seal(secret, f"bank_key:{place}:secret"),
        secret_tail=secret[-4:],
        list_key=keys.seal(list_key, f"bank_key:{place}:list_key") if list_key else "",
        link_key=keys.seal(link_key, f"bank_key:{place}:link_key") if link_key else "",
        created_at=now,
        created_by=person_id,
    )
    try:
        async with transaction():
            await row.save()
            await record(person_id, "bank_key_connected", "vendor", vendor_id, provider=provider)
    except IntegrityError as taken:
        raise Conflict(say("Đã có khoá ở nơi này. Hãy ngắt khoá cũ trước.")) from taken
    return _view(row, None)


async def keys_of_vendor(vendor_id: int) -> list[BankKeyView]:
    """A seller's connected keys, oldest first. Two queries."""
    rows = await BankKey.filter(vendor_id=vendor_id, closed_at__isnull=True).order_by("id")
    heard = Notice.filter(bank_key_id__in=[row.id for row in rows])
    last = (
        await heard.annotate(last=Max("received_at"))
        .group_by("bank_key_id")
        .values_list("bank_key_id", "last")
    )
    by_key = dict(last)
    return [_view(row, by_key.get(row.id)) for row in rows]


async def disconnect_key(vendor_id: int, key_id: int, *, person_id: int, now: datetime) -> None:
    """Nothing is believed under this key any more; what it told stays. Raises NotFound for another seller's."""
    async with transaction():
        row = (await locked(BankKey, [key_id])).get(key_id)
        if row is None or row.vendor_id != vendor_id or row.closed_at is not None:
            raise NotFound()
        row.closed_at, row.secret, row.list_key, row.link_key = now, "", "", ""
        await row.save(update_fields=["closed_at", "secret", "list_key", "link_key"])
        await record(person_id, "bank_key_closed", "vendor", vendor_id, provider=row.provider.value)


async def ask_for_test(vendor_id: int, key_id: int) -> None:
    """Leaves the job that posts a test notice to the key's own address. Raises NotFound for another seller's."""
    if not await BankKey.exists(id=key_id, vendor_id=vendor_id, closed_at__isnull=True):
        raise NotFound()
    async with transaction():
        await later("try_bank_key", key_id)


async def key_at(provider: str, place: str, keys: SealKeys) -> OpenedKey | None:
    """The key whose notices come to this place; None for any other place."""
    if len(place) > PLACE_MAX or provider not in list(BankProvider):
        return None
    row = await BankKey.get_or_none(place=place, provider=provider, closed_at__isnull=True)
    return opened(row, keys) if row else None


async def opened_key(key_id: int, keys: SealKeys) -> OpenedKey | None:
    """A connected key by its number."""
    row = await BankKey.get_or_none(id=key_id, closed_at__isnull=True)
    return opened(row, keys) if row else None


async def key_of_account(provider: str, account_number: str) -> int | None:
    """The connected key at this provider of the seller who is paid into this account; None if there is none."""
    asked = Payment.filter(account_number=account_number).order_by("-created_at").limit(1)
    for vendor_id in await asked.values_list("vendor_id", flat=True):
        row = await BankKey.get_or_none(vendor_id=vendor_id, provider=provider, closed_at__isnull=True)
        return int(row.id) if row else None
    return None


async def keys_with_lists(after_id: int, limit: int) -> list[int]:
    """Numbers of connected keys that open a provider's list, in order."""
    rows = BankKey.filter(closed_at__isnull=True, id__gt=after_id).exclude(list_key="")
    return [int(str(id)) for id in await rows.order_by("id").limit(limit).values_list("id", flat=True)]


async def note_test(key_id: int, *, now: datetime) -> None:
    """A test notice came under this key."""
    await BankKey.filter(id=key_id).update(tested_at=now)


async def note_refusal(key_id: int, *, now: datetime) -> None:
    """Something came to this key's address and was not signed with it."""
    await BankKey.filter(id=key_id).update(refused_at=now)


def opened(row: BankKey, keys: SealKeys) -> OpenedKey:
    """The row with its secrets opened. Raises kit.sealed.CannotOpen."""
    list_key = keys.open(row.list_key, f"bank_key:{row.place}:list_key") if row.list_key else ""
    secret = keys.open(row.secret, f"bank_key:{row.place}:secret")
    link_key = keys.open(row.link_key, f"bank_key:{row.place}:link_key") if row.link_key else ""
    return OpenedKey(row.id, row.vendor_id, row.provider.value, _path(row), secret, list_key, link_key)


def _view(row: BankKey, last_notice_at: datetime | None) -> BankKeyView:
    return BankKeyView(
        id=row.id,
        provider=row.provider.value,
        path=_path(row),
        secret_tail=row.secret_tail,
        has_list=bool(row.list_key),
        has_links=bool(row.link_key),
        created_at=row.created_at,
        tested_at=row.tested_at,
        refused_at=row.refused_at,
        last_notice_at=last_notice_at,
    )


def _path(row: BankKey) -> str:
    return f"/payments/notices/{row.provider.value}/{row.place}"
