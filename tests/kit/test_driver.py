"""The driver's pool: who is cut off gives the connection back, faults are told as Tortoise tells them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from kit.db import tortoise_config
from kit.driver import Client


@pytest.fixture
async def one(server_url: str) -> AsyncIterator[Client]:
    """A pool of one connection."""
    connections = tortoise_config(server_url, pool_max=1)["connections"]
    assert isinstance(connections, dict)
    client = Client(**connections["default"]["credentials"], connection_name="one")
    await client.create_connection(with_db=True)
    yield client
    await client.close()


async def _answers(client: Client) -> bool:
    async with asyncio.timeout(5):
        return await client.execute_query_dict("SELECT 1 AS one") == [{"one": 1}]


async def test_a_query_that_is_cut_off_gives_its_connection_back(one: Client) -> None:
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await one.execute_query_dict("SELECT pg_sleep(30)")
        assert await _answers(one)


async def test_a_transaction_that_was_left_open_is_undone(one: Client) -> None:
    assert one._pool is not None
    held = await one._pool.acquire()
    await held.execute("BEGIN")
    await held.execute("CREATE TEMPORARY TABLE left_open (id int)")
    await one._pool.release(held)
    assert await one.execute_query_dict("SELECT to_regclass('left_open') AS kept") == [{"kept": None}]


async def test_a_connection_that_broke_is_made_anew(one: Client) -> None:
    assert one._pool is not None
    held = await one._pool.acquire()
    held.terminate()
    await one._pool.release(held)
    assert await _answers(one)


async def test_who_comes_while_all_are_taken_waits_their_turn(one: Client) -> None:
    asked = [one.execute_query_dict("SELECT $1::int AS n, pg_sleep(0.01)", [n]) for n in range(5)]
    assert [rows[0]["n"] for rows in await asyncio.gather(*asked)] == [0, 1, 2, 3, 4]


async def test_faults_are_told_as_tortoise_tells_them(one: Client) -> None:
    with pytest.raises(OperationalError):
        await one.execute_query_dict("SELECT nothing_like_it")
    with pytest.raises(OperationalError):
        await one.execute_query_dict("SELECT 1 / $1::int", [0])
    await one.execute_query_dict("CREATE TEMPORARY TABLE once (id int PRIMARY KEY)")
    await one.execute_query_dict("INSERT INTO once VALUES (1)")
    with pytest.raises(IntegrityError):
        await one.execute_query_dict("INSERT INTO once VALUES (1)")
    assert await _answers(one)
