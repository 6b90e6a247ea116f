"""A little balancer before web processes, which does what nginx does: keeps connections, sends nothing twice.

It asks each process by /ready. A request goes to the next process when the connection was refused, so that it cannot
have arrived; one that only reads also when the line was closed before an answer came (nginx, `proxy_next_upstream error
timeout`, without `non_idempotent`). Anything else that goes wrong is an answer 502, and counted.
"""

import http.client
import itertools
import select
import threading
import time
import urllib.request
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "content-length"}
LOOK_SECONDS = 0.2


class Balancer:
    """Listens at `url` for processes at these ports of this machine."""

    def __init__(self, *ports: int) -> None:
        self.ports, self.ready = ports, set(ports)
        self.lost: list[str] = []
        self._idle: defaultdict[int, list[http.client.HTTPConnection]] = defaultdict(list)
        self._turn, self._ends = itertools.count(), threading.Event()
        balancer = self

        class Passing(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                balancer.give(self)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        for work in (self._server.serve_forever, self._look):
            threading.Thread(target=work, daemon=True).start()

    def give(self, asked: BaseHTTPRequestHandler) -> None:
        """One request: to a process that is ready, its answer back as it comes."""
        body = asked.rfile.read(int(asked.headers.get("content-length", 0)))
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in HOP}
        what = f"{asked.command} {asked.path}"
        for port in self._order():
            line = self._line(port)
            if line is None:
                continue
            try:
                line.request(asked.command, asked.path, body or None, headers)
                answer = line.getresponse()
            except (OSError, http.client.HTTPException) as fault:
                line.close()
                if asked.command == "GET":
                    continue
                return self._bad(asked, 502, f"{what}: {fault!r}")
            return self._back(asked, port, line, answer)
        return self._bad(asked, 503, f"{what}: nobody is ready")

    def close(self) -> None:
        """Listens no more."""
        self._ends.set()
        self._server.shutdown()
        self._server.server_close()

    def _order(self) -> list[int]:
        first = next(self._turn) % len(self.ports)
        turned = [*self.ports[first:], *self.ports[:first]]
        return sorted(turned, key=lambda port: port not in self.ready)

    def _line(self, port: int) -> http.client.HTTPConnection | None:
        while self._idle[port]:
            line = self._idle[port].pop()
            if not _has_news(line):
                return line
            line.close()
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            line.connect()
        except OSError:
            self.ready.discard(port)
            return None
        return line

    def _back(
        self,
        asked: BaseHTTPRequestHandler,
        port: int,
        line: http.client.HTTPConnection,
        answer: http.client.HTTPResponse,
    ) -> None:
        asked.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                asked.send_header(name, value)
        is_whole = answer.length is not None
        asked.send_header(
            *(("Content-Length", str(answer.length)) if is_whole else ("Transfer-Encoding", "chunked"))
        )
        asked.end_headers()
        try:
            while piece := answer.read1(65536):
                asked.wfile.write(piece if is_whole else b"%x\r\n%s\r\n" % (len(piece), piece))
                asked.wfile.flush()
            asked.wfile.write(b"" if is_whole else b"0\r\n\r\n")
            answer.close()  # read to its end: the line is free for the next
        except (OSError, http.client.HTTPException):
            asked.close_connection = True  # a live screen whose process ended: the browser dials again
            line.close()
            return
        if answer.will_close:
            line.close()
        else:
            self._idle[port].append(line)

    def _bad(self, asked: BaseHTTPRequestHandler, status: int, why: str) -> None:
        self.lost.append(why)
        asked.send_error(status, why)

    def _look(self) -> None:
        while not self._ends.wait(LOOK_SECONDS):
            for port in self.ports:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=2).close()
                    self.ready.add(port)
                except OSError:
                    self.ready.discard(port)

    def await_all(self, seconds: float) -> None:
        """Until every process is ready."""
        deadline = time.monotonic() + seconds
        while self.ready != set(self.ports):
            assert time.monotonic() < deadline, f"only {self.ready} of {self.ports}"
            time.sleep(0.05)


def _has_news(line: http.client.HTTPConnection) -> bool:
    """Whether a line that nobody waits on has something to read: its end, as processes hang up on idle ones."""
    return line.sock is None or bool(select.select([line.sock], [], [], 0)[0])
