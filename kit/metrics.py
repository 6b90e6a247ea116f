"""What each process counts of itself, for Prometheus to ask it: the one door to prometheus-client.

Every process counts for itself and is asked by itself, so nothing is shared between processes. Labels are names that
stand in the code (patterns of routes, names of jobs) and hosts from the settings: never a path, a code or a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REQUEST_SECONDS = (0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
WORK_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 45.0)
OUTSIDE_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
REGISTRY = CollectorRegistry(auto_describe=True)
ProcessCollector(namespace="cho", registry=REGISTRY)

_requests = Histogram(
    "cho_request_seconds",
    "Time until an answer begins, by the route's pattern.",
    ("route", "method", "status"),
    buckets=REQUEST_SECONDS,
    registry=REGISTRY,
)
_faults = Counter("cho_request_faults", "Answers of 500 and more.", ("route",), registry=REGISTRY)
_jobs = Histogram(
    "cho_job_seconds",
    "Time of a job, or of a group of one kind: done, failed, put_off or dead.",
    ("job", "outcome"),
    buckets=WORK_SECONDS,
    registry=REGISTRY,
)
_rounds = Histogram(
    "cho_round_seconds",
    "Time of a round: done or failed.",
    ("round", "outcome"),
    buckets=WORK_SECONDS,
    registry=REGISTRY,
)
_gates = Histogram(
    "cho_gate_seconds",
    "Time of a call to somebody outside: answered, away, unsure or refused.",
    ("host", "outcome"),
    buckets=OUTSIDE_SECONDS,
    registry=REGISTRY,
)
_replica = Gauge("cho_replica_in_use", "1 while reads that may lag go to the replica.", registry=REGISTRY)


@dataclass(frozen=True)
class RouteTimes:
    """What one process saw of a route: how many answers, faults among them, and times in seconds."""

    route: str
    count: int
    faults: int
    mean_seconds: float
    p95_seconds: float


@dataclass(frozen=True)
class Figure:
    """A figure with its help: its values by what the label says; without a label one value under "".

    `only_grows`: what was counted since the market began, told as a counter (its name ends with `_total`).
    """

    name: str
    text: str
    label: str
    values: Mapping[str, float]
    only_grows: bool = False


def request_seen(route: str, method: str, status: int, seconds: float) -> None:
    """An answer has begun."""
    _requests.labels(route, method, str(status)).observe(seconds)
    if status >= 500:
        _faults.labels(route).inc()


def job_seen(name: str, outcome: str, seconds: float) -> None:
    """A job, or a group of one kind, has ended."""
    _jobs.labels(name, outcome).observe(seconds)


def round_seen(name: str, outcome: str, seconds: float) -> None:
    """A round has ended."""
    _rounds.labels(name, outcome).observe(seconds)


def gate_seen(host: str, outcome: str, seconds: float) -> None:
    """Somebody outside was asked."""
    _gates.labels(host, outcome).observe(seconds)


def replica_seen(in_use: bool) -> None:
    """Where reads that may lag go now."""
    _replica.set(int(in_use))


def exposed() -> bytes:
    """The figures of this process in Prometheus' text form."""
    text: bytes = generate_latest(REGISTRY)
    return text


def exposed_figures(figures: Sequence[Figure]) -> bytes:
    """Figures that were found out elsewhere, in the same form."""
    asked = CollectorRegistry()
    for one in figures:
        labels = (one.label,) if one.label else ()
        if one.only_grows:
            counter = Counter(one.name, one.text, labels, registry=asked)
            for key, value in one.values.items():
                (counter.labels(key) if one.label else counter).inc(value)
            continue
        gauge = Gauge(one.name, one.text, labels, registry=asked)
        for key, value in one.values.items():
            (gauge.labels(key) if one.label else gauge).set(value)
    text: bytes = generate_latest(asked)
    return text


def slowest_routes(most: int) -> list[RouteTimes]:
    """The routes of this process that took the most time altogether."""
    counts: dict[str, int] = defaultdict(int)
    sums: dict[str, float] = defaultdict(float)
    buckets: dict[str, dict[float, int]] = defaultdict(lambda: defaultdict(int))
    faults = {one.labels["route"]: int(one.value) for one in _samples(_faults) if one.name.endswith("_total")}
    for one in _samples(_requests):
        route = one.labels["route"]
        if one.name.endswith("_count"):
            counts[route] += int(one.value)
        elif one.name.endswith("_sum"):
            sums[route] += one.value
        elif one.name.endswith("_bucket"):
            buckets[route][float(one.labels["le"])] += int(one.value)
    seen = [
        RouteTimes(route, count, faults.get(route, 0), sums[route] / count, _p95(buckets[route], count))
        for route, count in counts.items()
        if count
    ]
    return sorted(seen, key=lambda one: -one.mean_seconds * one.count)[:most]


def _samples(metric: Collector) -> Iterable[Sample]:
    return [sample for family in metric.collect() for sample in family.samples]


def _p95(buckets: dict[float, int], count: int) -> float:
    """The upper edge of the bucket that holds it; the last finite edge when it lies beyond."""
    edges = sorted(buckets)
    for edge in edges:
        if buckets[edge] >= count * 0.95:
            return min(edge, REQUEST_SECONDS[-1])
    return REQUEST_SECONDS[-1]
