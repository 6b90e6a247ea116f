"""Uploads in pieces: resumed, told apart by person and content, limited, swept."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kit.clock import StoppedClock
from kit.models import Upload, UploadChunk
from kit.parts import Parts
from kit.uploads import CHUNK_BYTES_MAX, UPLOAD_BYTES_MAX, WAITING_BYTES_MAX, sweep_uploads, uploaded
from tests.conftest import Browser

CONTENT = bytes(range(256)) * 40


class Phone:
    """One signed-in phone that sends a file."""

    def __init__(self, client: Browser, person_id: int, token: str) -> None:
        self.client, self.person_id, self.token = client, person_id, token

    async def begin(self, upload_id: str, content: bytes = CONTENT, **changes: Any) -> Any:
        """Announces a file."""
        sha256 = hashlib.sha256(content).hexdigest()
        values = {"csrf": self.token, "id": upload_id, "size": len(content), "sha256": sha256, **changes}
        return await self.client.post("/uploads", data=values, headers={"accept": "application/json"})

    async def send(self, upload_id: str, offset: int | str, piece: bytes) -> Any:
        """Sends a piece."""
        headers = {
            "x-csrf-token": self.token,
            "upload-offset": str(offset),
            "accept": "application/json",
            "content-type": "application/offset+octet-stream",
        }
        return await self.client.patch(f"/uploads/{upload_id}", content=piece, headers=headers)

    async def whole(self, content: bytes = CONTENT) -> str:
        """A file sent at once; its id."""
        upload_id = str(uuid4())
        await self.begin(upload_id, content)
        assert (await self.send(upload_id, 0, content)).status_code == 200
        return upload_id


@pytest.fixture
async def phone(db: None, client: Browser, sign_in_as: Any) -> Phone:
    """A phone of somebody."""
    person = await sign_in_as(client, "0912345678")
    return Phone(client, person.id, await client.token())


async def test_a_file_comes_in_pieces_and_is_whole(phone: Phone) -> None:
    upload_id = str(uuid4())
    begun = await phone.begin(upload_id)
    assert (begun.status_code, begun.headers["upload-offset"]) == (201, "0")
    first = await phone.send(upload_id, 0, CONTENT[:4000])
    assert first.json() == {"id": upload_id, "size": len(CONTENT), "offset": 4000}
    asked = await phone.client.head(f"/uploads/{upload_id}")
    assert (asked.headers["upload-offset"], asked.headers["upload-length"]) == ("4000", str(len(CONTENT)))
    assert asked.headers["cache-control"] == "no-store"
    again = await phone.begin(upload_id)
    assert (again.status_code, again.headers["upload-offset"]) == (200, "4000")
    await phone.send(upload_id, 4000, CONTENT[4000:])
    assert await uploaded(phone.person_id, [upload_id]) == [CONTENT]


@pytest.mark.parametrize("offset", [0, 3999, 4001])
async def test_a_piece_that_does_not_follow_is_refused_and_told_where_to_go_on(
    phone: Phone, offset: int
) -> None:
    upload_id = str(uuid4())
    await phone.begin(upload_id)
    await phone.send(upload_id, 0, CONTENT[:4000])
    answer = await phone.send(upload_id, offset, CONTENT[offset : offset + 100])
    assert (answer.status_code, answer.headers["upload-offset"]) == (409, "4000")
    assert "4000" in answer.json()["title"]
    assert await UploadChunk.all().count() == 1


async def test_more_than_was_announced_is_refused(phone: Phone) -> None:
    upload_id = str(uuid4())
    await phone.begin(upload_id)
    assert (await phone.send(upload_id, 0, CONTENT + b"x")).status_code == 409
    assert not await UploadChunk.all().exists()


async def test_a_file_that_arrives_changed_begins_anew(phone: Phone) -> None:
    upload_id = str(uuid4())
    await phone.begin(upload_id)
    answer = await phone.send(upload_id, 0, CONTENT[::-1])
    assert answer.status_code == 422 and "không nguyên vẹn" in answer.json()["title"]
    assert (await phone.begin(upload_id)).headers["upload-offset"] == "0"
    assert (await phone.send(upload_id, 0, CONTENT)).status_code == 200


async def test_an_id_stands_for_one_file(phone: Phone) -> None:
    upload_id = await phone.whole()
    answer = await phone.begin(upload_id, CONTENT[::-1])
    assert answer.status_code == 409 and "ảnh khác" in answer.json()["title"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "short"}, "id"),
        ({"id": "../../etc/passwd0000"}, "id"),
        ({"size": 0}, "size"),
        ({"size": UPLOAD_BYTES_MAX + 1}, "size"),
        ({"size": "-1"}, "size"),
        ({"sha256": "x" * 64}, "sha256"),
    ],
)
async def test_a_mistake_in_the_announcement_is_told(
    phone: Phone, change: dict[str, Any], field: str
) -> None:
    answer = await phone.begin(str(uuid4()), **change)
    assert answer.status_code == 422 and list(answer.json()["errors"]) == [field]
    assert not await Upload.all().exists()


@pytest.mark.parametrize("offset", ["", "-1", "x", "1e3", "9" * 10, "٣"])
async def test_an_offset_that_is_no_number_is_refused(phone: Phone, offset: str) -> None:
    upload_id = str(uuid4())
    await phone.begin(upload_id)
    headers = {"x-csrf-token": phone.token, "upload-offset": offset.encode()}
    answer = await phone.client.patch(f"/uploads/{upload_id}", content=b"abc", headers=headers)
    assert answer.status_code == 400


async def test_a_piece_has_a_largest_size(phone: Phone) -> None:
    content = b"x" * (CHUNK_BYTES_MAX + 1)
    upload_id = str(uuid4())
    await phone.begin(upload_id, content)
    assert (await phone.send(upload_id, 0, content)).status_code == 413


async def test_an_upload_of_somebody_else_is_not_there(phone: Phone, browser: Any, sign_in_as: Any) -> None:
    upload_id = await phone.whole()
    async with browser() as other:
        person = await sign_in_as(other, "0987654321")
        theirs = Phone(other, person.id, await other.token())
        assert (await other.get(f"/uploads/{upload_id}")).status_code == 404
        assert (await theirs.send(upload_id, 0, b"abc")).status_code == 404
        assert (await theirs.begin(upload_id, b"of their own")).status_code == 201, (
            "ids are each person's own"
        )
    assert await uploaded(phone.person_id, [upload_id]) == [CONTENT]


async def test_nobody_hoards(phone: Phone) -> None:
    for _ in range(WAITING_BYTES_MAX // UPLOAD_BYTES_MAX):
        assert (await phone.begin(str(uuid4()), size=UPLOAD_BYTES_MAX)).status_code == 201
    answer = await phone.begin(str(uuid4()), size=UPLOAD_BYTES_MAX)
    assert answer.status_code == 429 and "quá nhiều ảnh" in answer.json()["title"]


async def test_what_nobody_finished_goes_after_a_day_and_the_rest_after_a_week(
    phone: Phone, parts: Parts, clock: StoppedClock
) -> None:
    whole, half = await phone.whole(), str(uuid4())
    await phone.begin(half)
    await phone.send(half, 0, CONTENT[:10])
    for after, left in (
        (timedelta(hours=23), [whole, half]),
        (timedelta(hours=2), [whole]),
        (timedelta(days=7), []),
    ):
        clock.forward(seconds=after.total_seconds())
        await sweep_uploads(parts)
        assert await Upload.all().order_by("id").values_list("client_id", flat=True) == left
    assert not await UploadChunk.all().exists()
