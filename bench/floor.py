"""The floor: the same server program with nothing of the market in it. What a page costs is read against it.

    python -m bench.floor PORT DATABASE_URL

`/plain/{size}` answers so many bytes; `/sql/{page}/{size}` first asks the database what that page asks, through
asyncpg alone; `/write/{size}` first writes one row and commits. All are bare Starlette on uvicorn.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from kit.db import credentials_of

FIRST_ON_SALE = "SELECT id, code, vendor_id FROM listing WHERE state = 'on_sale' ORDER BY id LIMIT 1"
TABLE = "CREATE TABLE IF NOT EXISTS bench_floor (id bigserial PRIMARY KEY, words text NOT NULL)"
WRITE = "INSERT INTO bench_floor (words) VALUES ($1)"
QUERIES: dict[str, tuple[tuple[str, str], ...]] = {  # each with the column of that first listing it asks for
    "home": (
        (
            "SELECT m.*, count(s.id) FROM market m LEFT JOIN stall s ON s.market_id = m.id"
            " GROUP BY m.id ORDER BY m.slug LIMIT 25",
            "",
        ),
    ),
    "goods": (
        ("SELECT l.*, v.* FROM listing l JOIN vendor v ON v.id = l.vendor_id WHERE l.code = $1", "code"),
        ("SELECT * FROM photo WHERE listing_id = $1 ORDER BY position, id", "id"),
        ("SELECT * FROM certificate WHERE listing_id = $1 ORDER BY stars DESC, valid_to DESC", "id"),
        (
            "SELECT s.*, m.* FROM stall s JOIN market m ON m.id = s.market_id WHERE s.vendor_id = $1 ORDER BY s.id",
            "vendor_id",
        ),
    ),
}


async def plain(request: Request) -> Response:
    """GET /plain/{size}."""
    return HTMLResponse(b"x" * int(request.path_params["size"]))


async def with_sql(request: Request) -> Response:
    """GET /sql/{page}/{size}."""
    state = request.app.state
    async with state.pool.acquire() as connection:
        for query, column in QUERIES[request.path_params["page"]]:
            await connection.fetch(query, *([state.first[column]] if column else []))
    return HTMLResponse(b"x" * int(request.path_params["size"]))


async def with_write(request: Request) -> Response:
    """GET /write/{size}."""
    async with request.app.state.pool.acquire() as connection:
        await connection.execute(WRITE, "x" * 100)
    return HTMLResponse(b"x" * int(request.path_params["size"]))


def main() -> None:
    """Serves until it is ended."""
    port, credentials = int(sys.argv[1]), credentials_of(sys.argv[2])

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with asyncpg.create_pool(**credentials, min_size=1, max_size=10) as pool:
            app.state.pool, app.state.first = pool, await pool.fetchrow(FIRST_ON_SALE)
            await pool.execute(TABLE)
            yield

    routes = [
        Route("/plain/{size:int}", plain),
        Route("/sql/{page}/{size:int}", with_sql),
        Route("/write/{size:int}", with_write),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
