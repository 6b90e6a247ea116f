"""What machines see of real processes: the port beside the public one, JSON logs, and traces that follow a request."""

import json
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from kit.embedded import free_port, start_postgres, start_redis
from tests.installation import Installation, SmsRelay, end_all, settings_for
from tests.running import ROOT, eventually, new_folder

TOKEN = "a token of the scraper"
PHONE = "0912000301"


class Collector:
    """A little OpenTelemetry collector: takes OTLP over HTTP and remembers every span."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        spans = self.spans

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.path == "/v1/traces":
                    sent = ExportTraceServiceRequest.FromString(body)
                    spans.extend(
                        span
                        for one in sent.resource_spans
                        for scope in one.scope_spans
                        for span in scope.spans
                    )
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def named(self, name: str) -> list[Span]:
        """The spans of this name."""
        return [one for one in self.spans if one.name == name]

    def close(self) -> None:
        """Takes no more."""
        self._server.shutdown()
        self._server.server_close()


def values_of(span: Span) -> dict[str, Any]:
    """What was noted on a span."""
    return {
        one.key: one.value.string_value or one.value.int_value or one.value.double_value
        for one in span.attributes
    }


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """One for the module."""
    made = Collector()
    yield made
    made.close()


@pytest.fixture(scope="module")
def market(collector: Collector) -> Iterator[Installation]:
    """One web and one worker process with all that watches them switched on."""
    folder = new_folder()
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        relay = SmsRelay()
        stack.callback(relay.close)
        settings = settings_for(folder, relay.url) | {
            "DATABASE_URL": stack.enter_context(start_postgres(folder / "outside", fast=True)).url,
            "REDIS_URL": stack.enter_context(start_redis(folder / "outside")).url,
            "LOG_FORMAT": "json",
            "METRICS_TOKEN": TOKEN,
            "OTEL_ENDPOINT": collector.url,
        }
        made = Installation(settings, relay, folder)
        made.own = {name: {"SIDE_PORT": str(free_port())} for name in ("web1", "worker1")}
        stack.callback(end_all, made)
        made.succeed("migrate")
        made.succeed("fill")
        for name in made.own:
            made.start(name)
        made.wait_ready()
        yield made


def asked(market: Installation, name: str, path: str, token: str = "") -> httpx2.Response:
    """A page of a process's port for machines."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx2.get(f"http://127.0.0.1:{market.own[name]['SIDE_PORT']}{path}", headers=headers)


@pytest.mark.parametrize("name", ["web1", "worker1"])
def test_each_process_tells_machines_how_it_is(market: Installation, name: str) -> None:
    """It lives, it is ready, and its figures are for the scraper alone; nothing of it is on the public port."""
    assert asked(market, name, "/live").text == "ok\n"
    ready = asked(market, name, "/ready")
    assert ready.status_code == 200 and set(ready.json().values()) == {"ok"}
    assert set(ready.json()) == {"database", "engine", "redis", "migrated", "serving"}
    for token in ("", "wrong", TOKEN[:-1]):
        assert asked(market, name, "/metrics", token).status_code == 401
    assert asked(market, name, "/else").status_code == 404
    figures = asked(market, name, "/metrics", TOKEN)
    assert figures.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "cho_figures_read 1.0" in figures.text and "cho_parcels_unknown 0.0" in figures.text
    for path in ("/metrics", "/live"):
        assert httpx2.get(market.urls["web1"] + path).status_code == 404


def test_noise_on_the_port_hurts_nobody(market: Installation) -> None:
    """Other methods, no HTTP at all, heads without an end: refused or dropped, and the next is answered."""
    port = int(market.own["web1"]["SIDE_PORT"])
    assert httpx2.post(f"http://127.0.0.1:{port}/metrics").status_code == 400
    for noise in (b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET /live", b"A" * 20_000):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(noise)
            line.shutdown(socket.SHUT_WR)
            line.recv(200)
    assert asked(market, "web1", "/live").status_code == 200
    assert "Traceback" not in market.said("web1")


def test_requests_are_counted_by_pattern_and_logged_without_paths(market: Installation) -> None:
    """Also those that are answered from what is kept ready; the log line is JSON with the number of the request."""
    url = market.urls["web1"]
    for _ in range(3):
        number = httpx2.get(f"{url}/").headers["x-request-id"]
    assert httpx2.get(f"{url}/goods/SECRET-CODE").status_code == 404
    figures = asked(market, "web1", "/metrics", TOKEN).text
    assert 'cho_request_seconds_count{method="GET",route="/",status="200"} 3.0' in figures
    lines = [json.loads(line) for line in market.log("web1").read_text().splitlines()]
    [mine] = [line for line in lines if line.get("request") == number]
    assert mine["text"].startswith("GET / 200 ") and mine["logger"] == "web"
    assert "SECRET-CODE" not in market.log("web1").read_text()


def test_a_trace_goes_from_the_request_into_the_job_that_it_left(
    market: Installation, collector: Collector
) -> None:
    """Somebody asks for a code: the request's span, and the job's that sends the text, in one trace."""
    answer = httpx2.post(f"{market.urls['web1']}/api/v1/sign-in/codes", json={"phone": PHONE})
    assert answer.status_code == 202 and market.relay.code_for(PHONE)
    number = answer.headers["x-request-id"]

    def mine() -> list[Span]:
        spans = [one for one in collector.spans if values_of(one).get("cho.request_id") == number]
        return spans if {one.name[:4] for one in spans} >= {"/api", "job "} else []

    spans = eventually(mine, 30, lambda: str([one.name for one in collector.spans]))
    [request] = [one for one in spans if one.name == "/api/v1/sign-in/codes"]
    [job] = [one for one in spans if one.name.startswith("job ")]
    assert values_of(request)["http.response.status_code"] == 202
    assert values_of(request)["db.statements"] >= 2 and values_of(request)["db.seconds"] > 0
    assert values_of(job)["cho.outcome"] == "done"
    assert (job.trace_id, job.parent_span_id) == (request.trace_id, request.span_id)
    assert PHONE[1:] not in str([values_of(one) for one in collector.spans])


def test_without_a_collector_nothing_of_it_is_even_imported() -> None:
    """Who does not trace does not pay for it."""
    code = "import sys, market.cli; print([name for name in sys.modules if name.startswith('opentelemetry')])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
