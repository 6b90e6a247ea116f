"""A real Meilisearch for the tests that want one: MEILI_URL's (with MEILI_KEY), or the one on PATH on loopback."""

from collections.abc import Iterator

import pytest

from bench.meili import NONE_HERE, meilisearch


@pytest.fixture(scope="session")
def meili() -> Iterator[tuple[str, str]]:
    """Its address and key."""
    with meilisearch() as running:
        if running is None:
            pytest.skip(NONE_HERE)
        yield running
