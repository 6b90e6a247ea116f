"""The outside parts of one process, opened from its settings and closed at its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from arq.connections import ArqRedis

from accounts.mail_gate import SmtpMail
from accounts.notice_gates import MailGate, PushGate, TwinBox, TwinMail, TwinZalo, ZaloGate
from accounts.push_gate import PushKey, TwinPush, WebPush
from accounts.services.zalo_keys import KeptZaloKeys
from accounts.sms_gate import SmsGate, TwinSms, WebhookSms
from accounts.zalo_gate import ZnsZalo, templates_of
from kit.clock import Clock, SystemClock
from kit.db import connect, disconnect, not_while_locking
from kit.fanout import Fanout
from kit.limits import Limits, RedisLimits
from kit.media import Media, open_media
from kit.outbox import use_courier
from kit.parts import Parts
from kit.queue import RedisCourier, open_queue
from kit.scanner import Clamd, Scanner
from kit.sealed import seal_keys
from kit.settings import Settings
from kit.web.ready_made import ReadyMade
from market.jobs import GROUPED
from payments.gates.register import Gates, open_gates
from postal.gates.register import Carriers, open_carriers
from search.engine import Engine
from search.meili_engine import MeiliEngine
from search.steady import SteadyEngine
from search.tally import RedisTally, Tally
from search.tantivy_engine import TantivyEngine
from vendors.identity_gate import IdentityGate, TwinVneid

OUTSIDE_SECONDS = 20.0
MONEY_FIRST = frozenset(
    {"settle_notice"}
)  # before notices to people and the rest: somebody stands at a stall


@asynccontextmanager
async def opened_parts(settings: Settings, *, writes_index: bool = True) -> AsyncIterator[Parts]:
    """Everything a web or worker process works with. The database and Redis must answer."""
    await connect(
        settings.database_url,
        pool_max=settings.database_pool_max,
        replica_url=settings.database_replica_url,
        lag_most=settings.replica_lag_seconds,
    )
    queue = await open_queue(settings.redis_url)
    use_courier(RedisCourier(queue, first=MONEY_FIRST, grouped=GROUPED))
    engine = SteadyEngine(search_engine(settings, writes=writes_index), SystemClock())
    await engine.start()
    tally = RedisTally(queue)
    hooks = {"request": [not_while_locking]}
    async with httpx2.AsyncClient(timeout=OUTSIDE_SECONDS, event_hooks=hooks) as outside:
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
                    **notice_gates(settings, outside, SystemClock()),
                    Engine: engine,
                    ReadyMade: ReadyMade(engine.stamp),
                    Tally: tally,
                    **identity_gates(settings),
                    **scanners(settings),
                    httpx2.AsyncClient: outside,
                    Gates: open_gates(settings, outside),
                    Carriers: open_carriers(settings, outside, SystemClock().now),
                }
            )
        finally:
            await engine.close()
            await tally.close()
            await queue.aclose()
            await disconnect()


def search_engine(settings: Settings, *, writes: bool = True) -> Engine:
    """Meilisearch where there is an address, else tantivy in process. Who does not write gets no key for it."""
    if settings.meili_url:
        key = settings.meili_key if writes or not settings.meili_search_key else ""
        return MeiliEngine(settings.meili_url, key, search_key=settings.meili_search_key)
    return TantivyEngine(settings.var_path / "search")


def sms_gate(settings: Settings) -> SmsGate:
    """Who carries one-time codes to phones."""
    if settings.sms_gate == "webhook":
        return WebhookSms(settings.sms_webhook_url, settings.sms_webhook_key)
    return TwinSms(settings.var_path / "twins", print)


def notice_gates(settings: Settings, outside: httpx2.AsyncClient, clock: Clock) -> dict[type, object]:
    """Who carries notices beside texts: twins, or what this installation has keys for."""
    key = PushKey(settings.push_private_key, secret=settings.secret_key)
    if settings.notice_twins:
        box = TwinBox(settings.var_path / "twins", clock)
        return {PushGate: TwinPush(key, box, clock=clock), ZaloGate: TwinZalo(box), MailGate: TwinMail(box)}
    gates: dict[type, object] = {}
    if settings.push_contact:
        gates[PushGate] = WebPush(key, contact=settings.push_contact, clock=clock)
    if settings.zalo_app_id:
        keys = KeptZaloKeys(
            outside,
            seal_keys(settings),
            clock,
            app_id=settings.zalo_app_id,
            secret=settings.zalo_secret,
            refresh=settings.zalo_refresh_token,
        )
        gates[ZaloGate] = ZnsZalo(outside, keys, templates_of(settings.zalo_templates))
    if settings.smtp_url:
        choices_url = f"{settings.base_url}/me/notices/choices"
        gates[MailGate] = SmtpMail(settings.smtp_url, settings.mail_from, choices_url=choices_url)
    return gates


def scanners(settings: Settings) -> dict[type, object]:
    """Who looks at documents and sheets for malware, if anybody."""
    return {Scanner: Clamd(settings.clamd_url)} if settings.clamd_url else {}


def identity_gates(settings: Settings) -> dict[type, object]:
    """Who confirms sellers' identities: the pretend VNeID, or nobody but administrators."""
    return {IdentityGate: TwinVneid()} if settings.vneid_gate == "twin" else {}
