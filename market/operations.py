"""What an administrator on watch sees: how the machines and the queue stand, and the money nobody has settled."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from arq.connections import ArqRedis
from redis.exceptions import RedisError

from kit.i18n import Sentence, say
from kit.metrics import RouteTimes
from kit.models import Job
from kit.outbox import dead_letters
from kit.parts import Parts
from kit.settings import Settings
from market.figures import MarketFigures, market_figures
from market.pulse import Pulse, pulses
from market.readiness import Readiness, readiness

DEAD_SHOWN, ROUTES_SHOWN = 8, 12
KINDS: dict[str, Sentence] = {
    "unmatched": say("Tiền vào không rõ của đơn nào"),
    "late": say("Tiền vào sau khi hết hạn"),
    "overpaid": say("Trả thừa hoặc trả hai lần"),
    "partial": say("Trả chưa đủ"),
    "collected": say("Thu hộ còn ở bưu tá"),
    "paid_in": say("Thu hộ đã nộp về bưu cục"),
    "remitted": say("Thu hộ đã chuyển, chưa đối chiếu"),
    "disputed": say("Thu hộ đang tranh cãi"),
}
PARTS: dict[str, Sentence] = {
    "database": say("Cơ sở dữ liệu"),
    "migrated": say("Bảng dữ liệu đúng bản"),
    "redis": say("Hàng đợi (Redis)"),
    "engine": say("Máy tìm kiếm"),
    "serving": say("Tiến trình này"),
}


@dataclass(frozen=True)
class MoneyLine:
    """Money of one kind in limbo, and the page where somebody sees to it."""

    title: Sentence
    count: int
    dong: int
    url: str


@dataclass(frozen=True)
class Operations:
    """All of it. `is_blind`: Redis did not tell which processes live."""

    at: datetime
    parts: list[tuple[Sentence, bool]]
    figures: MarketFigures
    money: list[MoneyLine]
    dead: list[Job]
    processes: list[Pulse]
    routes: list[RouteTimes]
    twins: list[Sentence]
    is_blind: bool

    @property
    def workers(self) -> int:
        """Worker processes that live."""
        return sum(one.kind == "worker" for one in self.processes)

    @property
    def oldest_wait(self) -> Sentence:
        """How long the oldest job has waited, as people say it."""
        return waited(self.figures.oldest_seconds)


async def operations(parts: Parts, settings: Settings, *, now: datetime) -> Operations:
    """Everything at this moment, in a dozen queries."""
    living, is_blind = await _living(parts)
    figures, ready = await market_figures(now), await readiness(parts)
    return Operations(
        at=datetime.now(UTC),
        parts=_parts(ready),
        figures=figures,
        money=_money(figures),
        dead=await dead_letters(limit=DEAD_SHOWN),
        processes=living,
        routes=slow_routes([one.routes for one in living])[:ROUTES_SHOWN],
        twins=twins_in_use(settings),
        is_blind=is_blind,
    )


async def _living(parts: Parts) -> tuple[list[Pulse], bool]:
    if not parts.has(ArqRedis):
        return [], True
    try:
        return await pulses(parts[ArqRedis]), False
    except (RedisError, OSError):
        return [], True


def _parts(ready: Readiness) -> list[tuple[Sentence, bool]]:
    return [(PARTS[name], state == "ok") for name, state in ready.said.items()]


def _money(figures: MarketFigures) -> list[MoneyLine]:
    limbo = [MoneyLine(KINDS[one.kind], one.count, one.dong, "/admin/payments") for one in figures.limbo]
    return limbo + [MoneyLine(KINDS[one.state], one.count, one.dong, "") for one in figures.cash]


def slow_routes(seen: Sequence[Sequence[RouteTimes]]) -> list[RouteTimes]:
    """What several processes saw, by route, the slowest first; 95 of 100 is the worst of theirs."""
    by_route: dict[str, list[RouteTimes]] = defaultdict(list)
    for one in (one for routes in seen for one in routes):
        by_route[one.route].append(one)
    joined = [_joined(route, times) for route, times in by_route.items()]
    return sorted(joined, key=lambda one: (-one.p95_seconds, -one.mean_seconds))


def _joined(route: str, times: Sequence[RouteTimes]) -> RouteTimes:
    count = sum(one.count for one in times)
    mean = sum(one.mean_seconds * one.count for one in times) / count
    worst = max(one.p95_seconds for one in times)
    return RouteTimes(route, count, sum(one.faults for one in times), mean, worst)


def twins_in_use(settings: Settings) -> list[Sentence]:
    """Who outside is only pretended here, as people say it."""
    pretended = (
        (settings.bank_twin, say("Ngân hàng")),
        (settings.pay_twins and bool(settings.pay_gate_names), say("Ví và cổng thanh toán")),
        (settings.carrier_twins and bool(settings.carrier_names), say("Hãng vận chuyển")),
        (settings.sms_gate == "twin", say("Tin nhắn SMS")),
        (settings.notice_twins, say("Thông báo đẩy, Zalo và thư")),
        (settings.vneid_gate == "twin", say("VNeID")),
        (settings.webhook_twin, say("Máy nhận webhook")),
    )
    return [words for is_on, words in pretended if is_on]


def waited(seconds: float) -> Sentence:
    """A wait in the largest unit that says enough."""
    if seconds < 60:
        return say("{n} giây", n=int(seconds))
    if seconds < 7200:
        return say("{n} phút", n=int(seconds // 60))
    return say("{n} giờ", n=int(seconds // 3600))
