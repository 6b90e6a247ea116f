"""Files to take home: streamed, kept by no cache, under an ASCII name."""

from collections.abc import AsyncIterator
from typing import BinaryIO

from anyio import to_thread
from starlette.responses import StreamingResponse

PIECE_BYTES = 64 * 1024


def download(name: str, media_type: str, pieces: AsyncIterator[bytes]) -> StreamingResponse:
    """An answer that is saved as a file; `name` holds ASCII letters, digits, dots and dashes."""
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


async def pieces_of(file: BinaryIO) -> AsyncIterator[bytes]:
    """A file from its place on, piece by piece; closed at the end."""
    try:
        while piece := await to_thread.run_sync(file.read, PIECE_BYTES):
            yield piece
    finally:
        file.close()
