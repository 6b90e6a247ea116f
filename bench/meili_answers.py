"""Answers of a real Meilisearch, recorded once and replayed: its gate is then tested where none is on the machine.

`python -m bench.meili_answers` (with a Meilisearch, see `bench.meili`) asks it what tests/search/test_recorded.py asks
and writes tests/search/recorded/meilisearch.json. Replayed over HTTP, so that the official client takes part.
"""

import asyncio
import hashlib
import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.meili import NONE_HERE, meilisearch
from bench.search_quality import filled, goods
from kit.settings import ROOT
from search.engine import Engine, EngineBroken, Hits, Query, Sort
from search.forms import Asked
from search.meili_engine import MeiliEngine

RECORDED = ROOT / "tests" / "search" / "recorded" / "meilisearch.json"
INDEX = "recorded"
SHORT = 1_500
SECONDS = 30
WORDS = (
    "chè đinh",
    "che dinh",
    "chè Tân Cương",
    "chef thais nguyeen",
    "mien viet cuog",
    "matong",
    "mãng cầu ta",
    "htx hảo đạt",
    "ocop 5 sao",
    "miến vi",
    "chè đinh bắc ninh",
    "chè dưới 200k",
    "thuốc lá",
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\dA-F:%]+Z")
Answer = dict[str, Any]
Asking = tuple[str, str, str]  # method, path, body


class NotRecorded(LookupError):
    """Something is asked that was not asked when the answers were recorded."""


class Replayed:
    """The recorded answers; the same question again gives the next answer, and the last one for ever."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        self._answers: defaultdict[Asking, list[Answer]] = defaultdict(list)
        for one in exchanges:
            self._answers[one["method"], one["path"], one["asked"]].append(one["answer"])
        self.unknown: list[Asking] = []

    def answer(self, asking: Asking) -> Answer:
        """The answer to a question. Raises NotRecorded, and notes it: the client swallows where it came from."""
        method, path, asked = asking
        found = self._answers.get((method, _timeless(path), asked))
        if not found:
            self.unknown.append(asking)
            raise NotRecorded(f"{asking}: record anew with python -m bench.meili_answers")
        return found.pop(0) if len(found) > 1 else found[0]


class Recording:
    """Passes questions on to a real server and keeps the answers; of a task that is looked at again only the last."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key
        self.exchanges: list[dict[str, Any]] = []

    def answer(self, asking: Asking, body: bytes) -> Answer:
        """The real server's answer."""
        method, path, asked = asking
        answer = self._real(method, path, body)
        if method == "GET" and path.startswith("/tasks/"):
            self.exchanges = [one for one in self.exchanges if one["path"] != path]
        self.exchanges.append({"method": method, "path": _timeless(path), "asked": asked, "answer": answer})
        return answer

    def _real(self, method: str, path: str, body: bytes) -> Answer:
        headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        wanted = urllib.request.Request(  # noqa: S310  our own loopback address
            self._url + path, data=body or None, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(wanted, timeout=SECONDS) as got:  # noqa: S310
                return {"status": got.status, "said": json.loads(got.read() or b"null")}
        except urllib.error.HTTPError as wrong:
            return {"status": wrong.code, "said": json.loads(wrong.read() or b"null")}


@contextmanager
def replaying(exchanges: list[dict[str, Any]]) -> Iterator[tuple[str, Replayed]]:
    """Address of a server that gives the recorded answers."""
    replayed = Replayed(exchanges)
    with _serving(lambda asking, body: replayed.answer(asking)) as url:
        yield url, replayed


async def asked_of(engine: Engine) -> dict[str, Hits]:
    """What is recorded and replayed: the list's goods put in, changed, and searched in all the page's ways."""
    listed = goods("given")
    await filled(engine, listed)
    await engine.put([replace(listed[0], sold_out=True)])
    await engine.drop([listed[-1].id])
    found = {words: await engine.search(Asked(q=words).query(adult=True, limit=5)) for words in WORDS}
    for sort in (Sort.CHEAPEST, Sort.NEWEST):
        found[sort] = await engine.search(Query("chè", sort=sort, limit=3))
    found["near"] = await engine.search(Query("", sort=Sort.NEAREST, near=(21.59, 105.84), limit=3))
    found["filtered"] = await engine.search(
        Query("", kind="tea", commune_code="05503", stars=4, in_stock=True, adult=False, limit=3)
    )
    return found


def main() -> None:
    """Records anew."""
    with meilisearch() as running:
        if running is None:
            raise SystemExit(NONE_HERE)
        url, key = running
        recording = Recording(url, key)
        _until_it_answers(url)
        with _serving(recording.answer) as here:
            engine = MeiliEngine(here, key, INDEX)
            found = asyncio.run(asked_of(engine))
            version = asyncio.run(_version(engine))
            asyncio.run(missing(MeiliEngine(here, key, "missing")))
    kept = {
        "engine": version,
        "found": {name: told(hits) for name, hits in found.items()},
        "exchanges": recording.exchanges,
    }
    RECORDED.parent.mkdir(exist_ok=True)
    RECORDED.write_text(json.dumps(kept, ensure_ascii=False, indent=0) + "\n")
    print(f"{len(recording.exchanges)} answers of {version} in {RECORDED.relative_to(ROOT)}")


def told(hits: Hits) -> dict[str, Any]:
    """Hits as the recording keeps them, to compare with."""
    return {
        "codes": [doc.code for doc in hits.docs],
        "total": hits.total,
        "meant": hits.meant,
        "loose": hits.loose,
    }


@contextmanager
def _serving(answer: Callable[[Asking, bytes], Answer]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            try:
                given = answer((self.command, self.path, _short(body)), body)
            except NotRecorded as unknown:
                given = {
                    "status": 400,
                    "said": {"message": str(unknown), "code": "not_recorded", "type": "", "link": ""},
                }
            content = json.dumps(given["said"]).encode()
            self.send_response(given["status"])
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815  the library's names

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _timeless(path: str) -> str:
    """A path without the moment it was asked at."""
    return _MOMENT.sub("moment", path)


def _short(body: bytes) -> str:
    """A question's body in one spelling, or its fingerprint where it is long."""
    if not body:
        return ""
    text = json.dumps(json.loads(body), ensure_ascii=False, sort_keys=True)
    return text if len(text) <= SHORT else f"sha256 {hashlib.sha256(text.encode()).hexdigest()}"


def _until_it_answers(url: str) -> None:
    for _ in range(10 * SECONDS):
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1):  # noqa: S310  our own loopback address
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("Meilisearch does not answer")


async def _version(engine: Engine) -> str:
    return (await engine.stats()).engine


async def missing(engine: Engine) -> str:
    """What is said where there is no index."""
    try:
        await engine.search(Query("chè"))
    except EngineBroken as broken:
        return str(broken)
    return ""


if __name__ == "__main__":
    main()
