"""What acts cost a market: processor time of each of its parts, and the memory that they hold afterwards."""

from bench.market import BenchMarket

PARTS = {"web": "web", "worker": "worker", "PostgreSQL": "postgres"}


class Spent:
    """Begins to count when it is made."""

    def __init__(self, market: BenchMarket) -> None:
        self._market = market
        self._before = {part: market.cpu_seconds(part) for part in PARTS.values()}

    def each(self, acts: int) -> dict[str, float]:
        """Processor milliseconds for each of so many acts since then, and megabytes held now, by columns' names."""
        used = {part: self._market.cpu_seconds(part) - before for part, before in self._before.items()}
        cpu = {f"{name} CPU ms": used[part] * 1000 / max(1, acts) for name, part in PARTS.items()}
        return cpu | {f"{name} MB": self._market.megabytes(part) for name, part in PARTS.items()}
