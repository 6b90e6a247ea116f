"""What market boards and the province see: how far the markets have come, without anybody's name."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from accounts.services import Purpose, those_who_may
from kit.clock import Clock
from kit.dates import vietnam_date
from kit.replica import lagging
from kit.web.callers import parts_of
from kit.web.render import render
from orders.services import SalesFigures, sales_since
from orders.services.figures import buyers_by_commune
from vendors.services import MarketFigures, SellerFigures, market_figures, seller_figures
from vendors.services.windows import FloorFigures, floor_figures

DAYS = 30
LEAST_SHOWN = 5


@dataclass(frozen=True)
class MarketLine:
    """One market's row."""

    market: MarketFigures
    sales: SalesFigures


@dataclass
class BoardPage:
    """The page of figures over the last 30 days; `buyers` are those who agreed to be counted, by commune."""

    days: int
    at: datetime
    sellers: SellerFigures
    sales: SalesFigures
    markets: list[MarketLine]
    floors: list[FloorFigures]
    buyers: list[tuple[str, int]]
    least: int = LEAST_SHOWN


async def board_show(request: Request) -> Response:
    """GET /board: the figures of the province and of each market."""
    return render(request, "market/board_show.html", await board_page(parts_of(request)[Clock].now()))


async def board_page(now: datetime) -> BoardPage:
    """The figures at this moment, in eight queries; sums over orders may lag, what boards write does not."""
    since, asked = now - timedelta(days=DAYS), await those_who_may(Purpose.STATISTICS, now=now)
    counted = await lagging(lambda: buyers_by_commune(since, asked))
    by_vendor = await lagging(lambda: sales_since(since))
    markets = await market_figures()
    return BoardPage(
        days=DAYS,
        at=now,
        sellers=await seller_figures(vietnam_date(now)),
        sales=sum(by_vendor.values(), SalesFigures()),
        markets=[MarketLine(one, _sum(by_vendor, one.vendor_ids)) for one in markets],
        floors=await floor_figures(vietnam_date(now)),
        buyers=shown_buyers(counted),
    )


def shown_buyers(counted: dict[str, int]) -> list[tuple[str, int]]:
    """Communes with at least five buyers, the most first: a smaller number would point at somebody."""
    shown = [(commune, count) for commune, count in counted.items() if count >= LEAST_SHOWN]
    return sorted(shown, key=lambda one: (-one[1], one[0]))


def _sum(by_vendor: dict[int, SalesFigures], vendor_ids: frozenset[int]) -> SalesFigures:
    return sum((by_vendor[one] for one in vendor_ids if one in by_vendor), SalesFigures())
