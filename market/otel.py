"""Traces to an OpenTelemetry collector: OTLP over HTTP, in batches, from a thread of its own.

Imported only when OTEL_ENDPOINT is set: the one door to opentelemetry. What is written down are routes' patterns, names
of jobs, hosts, counts and times; never a path, a body or a statement's values.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from kit.settings import Settings
from kit.spans import Span, Value

KINDS = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}
EVERY_MS = 2000
_W3C = TraceContextTextMapPropagator()


class OtelSpan:
    """One open span."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def note(self, **values: Value) -> None:
        """Writes values to it; a route names it anew."""
        self._span.set_attributes(values)
        if "http.route" in values:
            self._span.update_name(str(values["http.route"]))
        if int(values.get("http.response.status_code", 0)) >= 500:
            self._span.set_status(trace.StatusCode.ERROR)


class OtelTracer:
    """Keeps spans and sends them off; `close` sends what is left."""

    def __init__(self, settings: Settings, kind: str) -> None:
        resource = Resource.create({"service.name": f"cho-{kind}"})
        sampler = ParentBased(TraceIdRatioBased(settings.otel_percent / 100))
        self._provider = TracerProvider(resource=resource, sampler=sampler)
        exporter = OTLPSpanExporter(endpoint=f"{settings.otel_endpoint.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=EVERY_MS))
        self._tracer = self._provider.get_tracer("cho")

    @contextmanager
    def span(self, name: str, kind: str, links: Sequence[str], values: dict[str, Value]) -> Iterator[Span]:
        """A span; one single link makes it go on with that trace, several are noted beside it."""
        places = [_W3C.extract({"traceparent": one}) for one in links]
        linked = [Link(trace.get_current_span(one).get_span_context()) for one in places]
        with self._tracer.start_as_current_span(
            name,
            context=places[0] if len(places) == 1 else None,
            kind=KINDS[kind],
            links=linked,
            attributes=values,
        ) as span:
            yield OtelSpan(span)

    def here(self) -> str:
        """The traceparent of the span that is open; "" when none is."""
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier.get("traceparent", "")

    def close(self) -> None:
        """Sends what is left and ends the thread."""
        self._provider.shutdown()


def open_tracer(settings: Settings, kind: str) -> OtelTracer:
    """The tracer of a web or worker process."""
    return OtelTracer(settings, kind)
