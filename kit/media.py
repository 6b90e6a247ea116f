"""Where photos live: a local folder or an object store, through one interface."""

from collections.abc import AsyncIterator
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore, from_url


class Media:
    """Keeps and gives back files by key. Keys are made by us; a key never comes from a person."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, key: str, content: bytes) -> None:
        """Keeps a file, replacing one of the same key."""
        await obstore.put_async(self._store, key, content)

    async def get(self, key: str) -> bytes | None:
        """The file's content, or None when there is none."""
        try:
            found = await obstore.get_async(self._store, key)
        except FileNotFoundError:
            return None
        return bytes(await found.bytes_async())

    async def keys(self) -> AsyncIterator[str]:
        """Every key, in no order; what is kept or dropped meanwhile may be missed."""
        async for batch in obstore.list(self._store):
            for one in batch:
                yield str(one["path"])

    async def drop(self, key: str) -> None:
        """Deletes a file; no matter if it was not there."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return


def open_media(media_url: str, var: Path) -> Media:
    """The media store at an address (s3://…, file:///…); without one, the folder var/media."""
    if media_url.startswith("file:"):
        return Media(LocalStore.from_url(media_url, mkdir=True))
    if media_url:
        return Media(from_url(media_url))
    folder = var / "media"
    folder.mkdir(parents=True, exist_ok=True)
    return Media(LocalStore(str(folder)))
