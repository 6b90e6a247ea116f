"""The one door to Meilisearch: its official client, its tasks waited for, its mistakes in our two words.

The client blocks and its headers are not safe to share, so every call runs in a thread with a client of its own.
Measured against its HTTP API called by httpx2 in the loop: 1.1 ms of processor time a search against 0.9 ms. Two tenths
of a millisecond are not worth a second way to speak to it.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

import meilisearch
from anyio import CapacityLimiter, to_thread
from meilisearch.errors import MeilisearchApiError, MeilisearchCommunicationError, MeilisearchTimeoutError
from meilisearch.models.task import TaskInfo

from search.engine import EngineAway, EngineBroken

ANSWER_SECONDS = 5
TASK_MS = 60_000
TASK_LOOK_MS = 10
PAGE = 1000
FAILED_SHOWN = 5
FAILED_DAYS = timedelta(days=1)
SEARCHING = ("search",)
WRITING = (
    "search",
    "documents.*",
    "indexes.*",
    "settings.*",
    "stats.get",
    "tasks.get",
)
T = TypeVar("T")


class MeiliServer:
    """One server as we speak to it: `key` writes, `search_key` (the same when not given) only searches."""

    def __init__(self, url: str, key: str = "", search_key: str = "", threads: int = 16) -> None:
        self._url, self._key, self._search_key = url, key, search_key or key
        self._threads = CapacityLimiter(threads)
        self._local = threading.local()

    @property
    def may_write(self) -> bool:
        """Whether this process was given a key to write with; a server without keys takes everything."""
        return bool(self._key) or not self._search_key

    async def threaded(self, call: Callable[[], T]) -> T:
        """Runs something blocking in a thread. Raises EngineAway and EngineBroken alone."""

        def spoken() -> T:
            with _trouble():
                return call()

        return await to_thread.run_sync(spoken, limiter=self._threads)

    def answers(self) -> bool:
        """Whether it answers at all; needs no key."""
        return self._searching.is_healthy()

    def search(self, queries: list[dict[str, Any]], federation: dict[str, Any]) -> dict[str, Any]:
        """Several queries as one."""
        return self._searching.multi_search(queries, federation)

    def counts(self, name: str, *facets: str) -> dict[str, dict[str, int]]:
        """By facet, in how many documents each of its values is."""
        answer = self._searching.index(name).search("", {"facets": list(facets), "limit": 0})
        return {facet: dict(answer["facetDistribution"].get(facet, {})) for facet in facets}

    def there(self, name: str) -> bool:
        """Whether there is such an index."""
        return name in self.names()

    def names(self) -> dict[str, datetime]:
        """All indexes that our key may see, with when they last changed."""
        listed: Any = self._writing.get_raw_indexes({"limit": PAGE})  # a mapping, whatever its type says
        return {one["uid"]: _moment(one["updatedAt"]) for one in listed["results"]}

    def made(self, name: str, settings: dict[str, Any] | None = None) -> None:
        """Makes an index that is missing, with its settings."""
        if not self.there(name):
            self._done(self._writing.create_index(name, {"primaryKey": "id"}))
            if settings is not None:
                self._done(self._writing.index(name).update_settings(settings))

    def gone(self, name: str) -> None:
        """Takes an index away, if it is there."""
        if self.there(name):
            self._done(self._writing.delete_index(name))

    def swap(self, one: str, other: str) -> None:
        """Gives two indexes each other's name at once, and waits until it is so.

        A key for some indexes alone never sees this task, as it belongs to none: what tells is when they were made.
        """
        was_made = self._writing.get_raw_index(other)["createdAt"]
        self._writing.swap_indexes([{"indexes": [one, other]}])
        until = time.monotonic() + TASK_MS / 1000
        while self._writing.get_raw_index(one)["createdAt"] != was_made:
            if time.monotonic() > until:
                raise EngineBroken(f"{one} and {other} were not swapped")
            time.sleep(TASK_LOOK_MS / 1000)

    def add(self, name: str, documents: Sequence[dict[str, Any]]) -> None:
        """Adds or replaces documents and waits until they are found."""
        if documents:
            self._done(self._writing.index(name).add_documents(list(documents), "id"))

    def drop(self, name: str, ids: Sequence[int]) -> None:
        """Takes documents out and waits until they are gone."""
        if ids:
            self._done(
                self._writing.index(name).delete_documents(filter=f"id IN {[int(one) for one in ids]}")
            )

    def all(self, name: str, **wanted: Any) -> list[dict[str, Any]]:
        """All documents of an index."""
        found: list[dict[str, Any]] = []
        while True:
            page = self._writing.index(name).get_documents({"offset": len(found), "limit": PAGE, **wanted})
            found += [dict(iter(doc)) for doc in page.results]
            if not page.results or len(found) >= page.total:
                return found

    def count(self, name: str) -> int:
        """How many documents an index holds."""
        return int(self._writing.index(name).get_stats().number_of_documents)

    def version(self) -> str:
        """Its version; "" when our key may not ask, as a key for some indexes alone never may."""
        try:
            return str(self._writing.get_version()["pkgVersion"])
        except MeilisearchApiError as refused:
            if refused.code != "invalid_api_key":
                raise
            return ""

    def failures(self, prefix: str) -> tuple[str, ...]:
        """Tasks of the last day that failed on indexes whose names begin so, newest first, in its own words."""
        since = (datetime.now(UTC) - FAILED_DAYS).strftime("%Y-%m-%dT%H:%M:%SZ")
        asked = {"statuses": "failed", "afterFinishedAt": since, "limit": PAGE // 10}
        failed = [
            one for one in self._writing.get_tasks(asked).results if (one.index_uid or "").startswith(prefix)
        ]
        return tuple(f"{one.type} {one.index_uid}: {(one.error or {}).get('message', '')}" for one in failed)[
            :FAILED_SHOWN
        ]

    def keys_for(self, prefix: str) -> tuple[str, str]:
        """Makes (once) the two keys over all indexes whose names begin so, and gives them: searching, writing.

        Only with the master key; who has one of them can make no others.
        """
        return self._key_for(prefix, "search", SEARCHING), self._key_for(prefix, "write", WRITING)

    def _key_for(self, prefix: str, what: str, actions: Sequence[str]) -> str:
        uid = str(uuid5(NAMESPACE_URL, f"cho40:{what}:{prefix}:{','.join(actions)}"))
        try:
            return str(self._writing.get_key(uid).key)
        except MeilisearchApiError as missing:
            if missing.code != "api_key_not_found":
                raise
        wanted = {"uid": uid, "name": f"{prefix} {what}", "actions": list(actions), "indexes": [f"{prefix}*"]}
        return str(self._writing.create_key({**wanted, "expiresAt": None}).key)

    @property
    def _searching(self) -> meilisearch.Client:
        return self._client("searching", self._search_key)

    @property
    def _writing(self) -> meilisearch.Client:
        return self._client("writing", self._key)

    def _client(self, name: str, key: str) -> meilisearch.Client:
        if not hasattr(self._local, name):
            setattr(self._local, name, meilisearch.Client(self._url, key or None, timeout=ANSWER_SECONDS))
        client: meilisearch.Client = getattr(self._local, name)
        return client

    def _done(self, task: TaskInfo) -> None:
        """Waits for a task; raises EngineBroken with Meilisearch's own words when it failed."""
        ended = self._writing.wait_for_task(task.task_uid, timeout_in_ms=TASK_MS, interval_in_ms=TASK_LOOK_MS)
        if ended.status != "succeeded":
            raise EngineBroken(f"{ended.type}: {ended.error}")


@contextmanager
def _trouble() -> Iterator[None]:
    """Meilisearch's mistakes in our two words: away (try again) or broken (rebuild, or mend the settings)."""
    try:
        yield
    except (MeilisearchCommunicationError, MeilisearchTimeoutError) as wrong:
        raise EngineAway(str(wrong)) from wrong
    except MeilisearchApiError as wrong:
        kind = EngineAway if (wrong.status_code or 500) >= 500 or wrong.status_code == 429 else EngineBroken
        raise kind(str(wrong)) from wrong


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
