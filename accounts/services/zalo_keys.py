"""The keys of the Zalo Official Account: kept sealed, renewed by one worker at a time."""

from datetime import datetime, timedelta

import httpx2
from tortoise.expressions import Q

from accounts.models import ZaloToken
from accounts.notice_gates import NotCarried
from accounts.zalo_gate import FreshKeys, fresh_keys
from kit.clock import Clock
from kit.codes import digest
from kit.sealed import SealKeys

ONLY = 1
PLACE = "zalo_token"
HELD_FOR = timedelta(seconds=60)
EARLY = timedelta(minutes=5)


class KeptZaloKeys:
    """The access key, renewed shortly before its end. `refresh` is what the settings begin with.

    A refresh key works once, so its row is held by whoever renews; the others try again later.
    """

    def __init__(
        self,
        http: httpx2.AsyncClient,
        seal: SealKeys,
        clock: Clock,
        *,
        app_id: str,
        secret: str,
        refresh: str,
    ) -> None:
        self._http, self._seal, self._clock = http, seal, clock
        self._app_id, self._secret, self._refresh = app_id, secret, refresh

    async def access(self) -> str:
        """A key that is good now. Raises NotCarried."""
        row, now = await self._row(), self._clock.now()
        if row.access and row.expires_at - EARLY > now:
            return self._seal.open(row.access, PLACE)
        return await self._renew(row, now)

    async def worn_out(self) -> None:
        """Zalo has refused the key: the next one who asks renews it."""
        await ZaloToken.filter(id=ONLY).update(expires_at=self._clock.now())

    async def _renew(self, row: ZaloToken, now: datetime) -> str:
        free = Q(held_until__isnull=True) | Q(held_until__lt=now)
        if not await ZaloToken.filter(free, id=ONLY, refresh=row.refresh).update(held_until=now + HELD_FOR):
            raise NotCarried("another worker renews the Zalo key")
        try:
            spent = self._seal.open(row.refresh, PLACE)
            fresh = await fresh_keys(self._http, app_id=self._app_id, secret=self._secret, refresh=spent)
        except NotCarried:
            await ZaloToken.filter(id=ONLY).update(held_until=None)
            raise
        await self._keep(fresh, now)
        return fresh.access

    async def _keep(self, fresh: FreshKeys, now: datetime) -> None:
        await ZaloToken.filter(id=ONLY).update(
            access=self._seal.seal(fresh.access, PLACE),
            refresh=self._seal.seal(fresh.refresh, PLACE),
            expires_at=now + timedelta(seconds=fresh.seconds),
            held_until=None,
        )

    async def _row(self) -> ZaloToken:
        """The row; begun anew when the settings name another refresh key than the one it began with."""
        row, origin = await ZaloToken.get_or_none(id=ONLY), digest(self._refresh)
        if row is not None and row.origin == origin:
            return row
        begun = {
            "origin": origin,
            "access": "",
            "refresh": self._seal.seal(self._refresh, PLACE),
            "expires_at": self._clock.now(),
            "held_until": None,
        }
        row, _ = await ZaloToken.update_or_create(begun, id=ONLY)
        return row
