"""The database of one file: let go at its end, as others here audit whole markets in loops of their own."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import connected_database


@pytest.fixture(scope="module")
async def database(server_url: str) -> AsyncIterator[str]:
    """As for all tests, but for one file."""
    async with connected_database(server_url) as url:
        yield url
