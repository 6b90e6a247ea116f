"""A mast between a phone and the market: TCP passed on both ways, until it is told to lose something."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

READ_BYTES = 16_384
OUTAGE_SECONDS = 0.5


class Mast:
    """Listens on a port of its own. While it is down nothing comes through; the other wishes come true once, at the
    first request whose line begins so."""

    def __init__(self, market_url: str) -> None:
        at = urlsplit(market_url)
        self._market = (str(at.hostname), int(at.port or 80))
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self.is_down = False
        self.lost_answers: list[str] = []
        self.cuts: list[tuple[str, int]] = []
        self.seen: list[str] = []  # the heads of all requests
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._welcome, daemon=True).start()

    def go_down(self) -> None:
        """No signal, also for what is under way."""
        self.is_down = True
        for one in list(self._open):
            _end(one)

    def come_back(self) -> None:
        """Signal again."""
        self.is_down = False

    def lose_answer(self, line: str) -> None:
        """The next request like `line` reaches the market, its answer does not reach the phone."""
        self.lost_answers.append(line)

    def cut(self, line: str, after_bytes: int) -> None:
        """The next request like `line` breaks off after so many bytes of it, and there is no signal for a moment."""
        self.cuts.append((line, after_bytes))

    def close(self) -> None:
        """Takes the mast away."""
        self.go_down()
        self._door.close()

    def _welcome(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                phone, _ = self._door.accept()
                if self.is_down:
                    _end(phone)
                    continue
                threading.Thread(target=self._serve, args=(phone,), daemon=True).start()

    def _serve(self, phone: socket.socket) -> None:
        try:
            market = socket.create_connection(self._market)
        except OSError:
            _end(phone)
            return
        self._open |= {phone, market}
        deaf = threading.Event()
        threading.Thread(target=self._back, args=(market, phone, deaf), daemon=True).start()
        self._forth(phone, market, deaf)
        for one in (phone, market):
            _end(one)
            self._open.discard(one)

    def _forth(self, phone: socket.socket, market: socket.socket, deaf: threading.Event) -> None:
        left: int | None = None
        for piece in _pieces(phone):
            head = piece[:4000].split(b"\r\n\r\n")[0].decode("latin-1")
            line = head.split("\r\n")[0]
            if line.endswith("HTTP/1.1"):
                self.seen.append(head)
                if self._granted(self.lost_answers, line):
                    deaf.set()
                left = self._cut_of(line)
            sent = piece if left is None else piece[:left]
            with contextlib.suppress(OSError):
                market.sendall(sent)
            if left is not None:
                left -= len(sent)
                if left <= 0:
                    threading.Timer(OUTAGE_SECONDS, self.come_back).start()
                    self.go_down()
                    return

    def _back(self, market: socket.socket, phone: socket.socket, deaf: threading.Event) -> None:
        for piece in _pieces(market):
            if deaf.is_set():
                _end(phone)
                return
            try:
                phone.sendall(piece)
            except OSError:
                return
        _end(phone)

    def _granted(self, wishes: list[str], line: str) -> bool:
        found = next((wish for wish in wishes if line.startswith(wish)), None)
        if found is not None:
            wishes.remove(found)
        return found is not None

    def _cut_of(self, line: str) -> int | None:
        found = next((wish for wish in self.cuts if line.startswith(wish[0])), None)
        if found is None:
            return None
        self.cuts.remove(found)
        return found[1]


@contextmanager
def mast_before(market_url: str) -> Iterator[Mast]:
    """A mast in front of a running market."""
    mast = Mast(market_url)
    try:
        yield mast
    finally:
        mast.close()


def _pieces(one: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        while piece := one.recv(READ_BYTES):
            yield piece


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        one.close()
