"""Ratings: written once by the buyer of a line, maybe held for a look, answered once by the seller, counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from accounts.notices import NoticeKind, Telling
from accounts.services import record
from accounts.services.notices import notify, notify_role
from kit.db import locked, sql, transaction
from kit.errors import Conflict, NotFound
from kit.i18n import Sentence, say
from kit.outbox import later
from kit.roles import Role
from vendors.models import Listing, Rating, RatingPhoto, RatingTakeDown
from vendors.rating_rules import PHOTOS_MOST, STARS_MOST, held_for, masked_name
from vendors.services.photos import ReadyPhoto

NEWS_LIFE = timedelta(days=3)
_COUNT = "UPDATE listing SET rated = rated + $2, rated_stars = rated_stars + $3 WHERE id = $1"


@dataclass(frozen=True)
class Bought:
    """The line of an order that a rating is about, as orders knows it, and its buyer."""

    line_id: int
    listing_id: int
    order_code: str
    person_id: int | None
    name: str


@dataclass(frozen=True)
class RatingContent:
    """What the buyer says: 1 to 5 stars, words, photos that are ready."""

    stars: int
    words: str
    photos: Sequence[ReadyPhoto] = ()


async def rate(bought: Bought, said: RatingContent, *, now: datetime) -> int:
    """Writes a rating down, once for its line; the same one sent again is the same. Gives its number.

    With a phone number or a link among its words it waits for an administrator's look and counts nowhere until then.

    NotFound when the goods are gone, Conflict when the line was rated otherwise before. The caller has made sure that
    it was delivered to this buyer.
    """
    if not 1 <= said.stars <= STARS_MOST or len(said.photos) > PHOTOS_MOST:
        raise ValueError("a rating has 1 to 5 stars and at most 3 photos")
    listing = await Listing.get_or_none(id=bought.listing_id)
    if listing is None:
        raise NotFound()
    try:
        async with transaction():
            return await _write(listing, bought, said, now)
    except IntegrityError:
        return await _written_before(bought.line_id, said)


async def _write(listing: Listing, bought: Bought, said: RatingContent, now: datetime) -> int:
    why = held_for(said.words)
    row = await Rating.create(
        listing=listing,
        vendor_id=listing.vendor_id,
        line_id=bought.line_id,
        order_code=bought.order_code,
        person_id=bought.person_id,
        shown_name=masked_name(bought.name),
        stars=said.stars,
        words=said.words,
        at=now,
        held_at=now if why else None,
        held_for=why,
    )
    for photo in said.photos:
        await RatingPhoto.create(
            rating=row,
            key=photo.key,
            width_px=photo.width_px,
            height_px=photo.height_px,
            blur_url=photo.blur_url,
        )
    await record(bought.person_id, "rating_written", "listing", listing.code, stars=said.stars)
    if why:
        await _tell_held(row, listing, now)
    else:
        await count_rating(row, 1)
        await tell_seller(row, listing, now=now)
    return int(row.id)


async def tell_seller(row: Rating, listing: Listing, *, now: datetime) -> None:
    """Tells the seller of a rating that everybody reads. Needs the transaction."""
    title = say("Khách đánh giá «{name}»: {stars} sao", name=listing.name, stars=row.stars)
    await _tell_sale(
        row, title, say("Cô bác xem và trả lời khách, ai cũng đọc được."), f"rating:{row.id}:sale", now
    )


async def _tell_held(row: Rating, listing: Listing, now: datetime) -> None:
    """Both sides learn that a rating waits; the seller does not read yet what it says."""
    title = say("Đánh giá «{name}» chờ xem trước khi hiện", name=listing.name)
    seller = say("Lời khách có số điện thoại hoặc đường dẫn. Ban quản lý chợ xem rồi mới cho hiện.")
    await _tell_sale(row, title, seller, f"rating:{row.id}:held:sale", now)
    if row.person_id is not None:
        words = say("Lời của bạn có số điện thoại hoặc đường dẫn. Ban quản lý chợ xem rồi báo bạn.")
        url = f"/orders/{row.order_code}/ratings/{row.line_id}"
        telling = Telling(NoticeKind.ORDER, title, words, url, NEWS_LIFE)
        await notify([row.person_id], telling, event_key=f"rating:{row.id}:held", now=now)


async def _tell_sale(row: Rating, title: Sentence, words: Sentence, event_key: str, now: datetime) -> None:
    telling = Telling(NoticeKind.SALE, title, words, "/sell/ratings", NEWS_LIFE)
    await notify_role(Role.VENDOR, str(row.vendor_id), telling, event_key=event_key, now=now)


async def _written_before(line_id: int, said: RatingContent) -> int:
    row = await Rating.get(line_id=line_id)
    if (row.stars, row.words) != (said.stars, said.words):
        raise Conflict(say("Bạn đã đánh giá món này rồi."))
    return int(row.id)


async def count_rating(rating: Rating, sign: int) -> None:
    """Counts a rating in its listing, or with -1 no longer; the index hears of it. Locks the listing."""
    await sql(_COUNT, [rating.listing_id, sign, sign * rating.stars])
    await later("index_listing", rating.listing_id)


async def answer_rating(
    rating_id: int, words: str, *, vendor_ids: Sequence[int], person_id: int, now: datetime
) -> None:
    """The seller answers a rating of their goods, once; the buyer is told. NotFound for others', Conflict again."""
    async with transaction():
        row = (await locked(Rating, [rating_id])).get(rating_id)
        if row is None or row.vendor_id not in vendor_ids or row.held_at is not None:
            raise NotFound()
        if row.answered_at is not None:
            raise Conflict(say("Cô bác đã trả lời đánh giá này rồi."))
        if row.taken_down_at is not None:
            raise Conflict(say("Đánh giá này đã bị gỡ."))
        row.answer, row.answered_at, row.answered_by = words, now, person_id
        await row.save(update_fields=["answer", "answered_at", "answered_by"])
        listing = await Listing.get(id=row.listing_id)
        await record(person_id, "rating_answered", "listing", listing.code, rating=row.id)
        if row.person_id is not None:
            title = say("Người bán trả lời đánh giá «{name}»", name=listing.name)
            telling = Telling(
                NoticeKind.ORDER,
                title,
                say("Mở ra đọc lời của người bán."),
                ratings_url(listing.code),
                NEWS_LIFE,
            )
            await notify([row.person_id], telling, event_key=f"rating:{row.id}:answer", now=now)


async def forget_authors(line_ids: Sequence[int]) -> None:
    """Takes their authors off the ratings of these lines, with photos and appeals; stars and words stay for readers.

    Needs the transaction() of the act that forgets the buyer.
    """
    rows = Rating.filter(line_id__in=list(line_ids))
    ids = await rows.values_list("id", flat=True)
    await RatingPhoto.filter(rating_id__in=ids).delete()
    await RatingTakeDown.filter(rating_id__in=ids).update(appeal_words="")
    await rows.update(person_id=None, shown_name="")


def ratings_url(code: str) -> str:
    """Where all ratings of goods are shown."""
    return f"/goods/{code}/ratings"
