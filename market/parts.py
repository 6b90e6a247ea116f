"""The outside parts of one process, opened from its settings and closed at its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from arq.connections import ArqRedis

from accounts.sms_gate import SmsGate, TwinSms, WebhookSms
from kit.clock import Clock, SystemClock
from kit.db import connect, disconnect
from kit.fanout import Fanout
from kit.limits import Limits, RedisLimits
from kit.media import Media, open_media
from kit.outbox import use_courier
from kit.parts import Parts
from kit.queue import RedisCourier, open_queue
from kit.settings import Settings
from payments.gates.register import Gates, open_gates
from postal.gates.register import Carriers, open_carriers
from search.engine import Engine
from search.meili_engine import MeiliEngine
from search.steady import SteadyEngine
from search.tally import RedisTally, Tally
from search.tantivy_engine import TantivyEngine
from vendors.identity_gate import IdentityGate, TwinVneid

OUTSIDE_SECONDS = 20.0


@asynccontextmanager
async def opened_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Everything a web or worker process works with. The database and the search engine must answer."""
    await connect(settings.database_url, pool_max=settings.database_pool_max)
    queue = await open_queue(settings.redis_url)
    use_courier(RedisCourier(queue))
    engine = SteadyEngine(search_engine(settings), SystemClock())
    await engine.start()
    async with httpx2.AsyncClient(timeout=OUTSIDE_SECONDS) as outside:
        try:
            yield Parts(
                {
                    Settings: settings,
                    Clock: SystemClock(),
                    ArqRedis: queue,
                    Fanout: Fanout(queue),
                    Limits: RedisLimits(queue),
                    Media: open_media(settings.media_url, settings.var_path),
                    SmsGate: sms_gate(settings),
                    Engine: engine,
                    Tally: RedisTally(queue),
                    **identity_gates(settings),
                    httpx2.AsyncClient: outside,
                    Gates: open_gates(settings, outside),
                    Carriers: open_carriers(settings, outside, SystemClock().now),
                }
            )
        finally:
            await engine.close()
            await queue.aclose()
            await disconnect()


def search_engine(settings: Settings) -> Engine:
    """Meilisearch where there is an address, else tantivy in process."""
    if settings.meili_url:
        return MeiliEngine(settings.meili_url, settings.meili_key)
    return TantivyEngine(settings.var_path / "search")


def sms_gate(settings: Settings) -> SmsGate:
    """Who carries one-time codes to phones."""
    if settings.sms_gate == "webhook":
        return WebhookSms(settings.sms_webhook_url, settings.sms_webhook_key)
    return TwinSms(settings.var_path / "twins", print)


def identity_gates(settings: Settings) -> dict[type, object]:
    """Who confirms sellers' identities: the pretend VNeID, or nobody but administrators."""
    return {IdentityGate: TwinVneid()} if settings.vneid_gate == "twin" else {}
