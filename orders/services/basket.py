"""The basket: what a person or a device means to buy, read anew with prices and stock at each view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from kit.codes import tidy_code
from kit.db import select, sql, transaction, within_transaction
from kit.errors import NotFound, Refusal
from kit.i18n import Sentence, say
from kit.money import show_dong
from orders.models import BasketLine
from vendors.services import Goods, goods_by_code, goods_for_sale, most_on_top

KEPT = timedelta(days=90)
QUANTITY_MAX = 99
LINES_MAX = 50
_LINES = "WHERE owner = $1 ORDER BY id"
_SOMETHING_OF = "SELECT 1 FROM basket_line WHERE owner = $1 LIMIT 1"
_PUT_MORE = "UPDATE basket_line SET quantity = $2, name = $3, price_dong = $4 WHERE id = $1 RETURNING id"
_PUT_IN = (
    "INSERT INTO basket_line (owner, listing_id, variant_id, quantity, name, price_dong, added_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id"
)


@dataclass(frozen=True)
class Buyer:
    """Who buys: a person, or a device on which nobody has signed in."""

    person_id: int | None
    device: str

    @property
    def owner(self) -> str:
        """The name their basket goes by."""
        return self.device_owner if self.person_id is None else f"person:{self.person_id}"

    @property
    def device_owner(self) -> str:
        """The name of the basket that was filled on this device before anybody signed in."""
        return f"device:{self.device}"


@dataclass(frozen=True)
class Thing:
    """One line of a basket as it stands today. `note` says what changed; a blocked line cannot be ordered.

    `name` ends with the variant's, if one was chosen. `ships_from` to `ships_to`: sold ahead, sent in these days.
    `estimate_g` at `price_per_kg_dong`: sold by weight, what is packed lies within `band_percent` of it, and
    what weighs more may cost up to `more_most_dong` on top, nothing at 0.
    """

    line_id: int
    listing_id: int
    variant_id: int | None
    variant: str
    code: str
    vendor_id: int
    seller: str
    name: str
    unit: str
    url: str
    picture_url: str
    price_dong: int
    quantity: int
    sum_dong: int
    weight_g: int
    stock: int
    is_adult_only: bool
    is_blocked: bool
    note: Sentence | None = None
    ships_from: date | None = None
    ships_to: date | None = None
    price_per_kg_dong: int | None = None
    estimate_g: int | None = None
    band_percent: int | None = None
    more_most_dong: int = 0
    kind: str = ""


@dataclass(frozen=True)
class SellerPart:
    """What one seller will pack: things, their sum in đồng and weight in grams."""

    vendor_id: int
    name: str
    things: tuple[Thing, ...]
    goods_dong: int
    weight_g: int


@dataclass(frozen=True)
class Basket:
    """A basket grouped by seller; `gone` holds what is no longer on sale. Blocked lines count in no sum."""

    sellers: tuple[SellerPart, ...]
    gone: tuple[Thing, ...]
    count: int
    goods_dong: int
    is_adult_only: bool
    can_be_ordered: bool


async def merge_basket(buyer: Buyer) -> None:
    """Brings what lies in the device's basket into that of the person who has signed in on it."""
    if buyer.person_id is None or not await sql(_SOMETHING_OF, [buyer.device_owner]):
        return
    async with transaction():
        mine = {(line.listing_id, line.variant_id): line for line in await _locked_lines(buyer.owner)}
        for line in await _locked_lines(buyer.device_owner):
            kept = mine.get((line.listing_id, line.variant_id))
            if kept is None:
                line.owner = buyer.owner
                await line.save(update_fields=["owner"])
                continue
            kept.quantity = min(QUANTITY_MAX, kept.quantity + line.quantity)
            await kept.save(update_fields=["quantity"])
            await line.delete()


async def put_in_basket(owner: str, code: str, quantity: int, variant_id: int | None = None) -> Basket:
    """Adds goods by their code, and by variant if they have some, to what is already there; the basket then.

    Raises NotFound when they are not on sale, Refusal at `variant` when none on offer was chosen, at `quantity` when
    there is not enough.
    """
    found = await goods_by_code(tidy_code(code))
    if found is None:
        raise NotFound(say("Món này không còn bán."))
    goods = found.chosen(variant_id)
    if goods is None:
        raise Refusal(say("Hãy chọn loại của «{name}» rồi bỏ vào giỏ.", name=found.name), field="variant")
    while (lines := await _put(owner, goods, quantity)) is None:
        pass  # two taps at once put the first one in: the second finds that line now
    return await _read(lines, {found.listing_id: found})


async def _put(owner: str, goods: Goods, quantity: int) -> list[BasketLine] | None:
    """All lines of the basket then; None when somebody else put the same line in at this moment."""
    async with within_transaction():
        lines = await _locked_lines(owner)
        line = _line_of(lines, goods)
        line.quantity, line.name, line.price_dong = line.quantity + quantity, goods.name, goods.price_dong
        _refuse_quantity(goods, line.quantity)
        put: list[object] = [line.quantity, line.name, line.price_dong]
        if line.pk is not None:
            return lines if await sql(_PUT_MORE, [line.id, *put]) else None
        shelf: list[object] = [owner, line.listing_id, line.variant_id]
        for row in await sql(_PUT_IN, [*shelf, *put, datetime.now(UTC)]):
            line.id = int(str(row["id"]))
            return [*lines, line]
    return None


def _line_of(lines: Sequence[BasketLine], goods: Goods) -> BasketLine:
    """The line of these goods, or a new one. Refusal when the basket is full."""
    for line in lines:
        if (line.listing_id, line.variant_id) == (goods.listing_id, goods.variant_id):
            return line
    if len(lines) >= LINES_MAX:
        raise Refusal(say("Giỏ đựng nhiều nhất {n} món. Đặt bớt rồi thêm tiếp.", n=LINES_MAX))
    return BasketLine(listing_id=goods.listing_id, variant_id=goods.variant_id, quantity=0)


def _refuse_quantity(goods: Goods, wanted: int) -> None:
    if not goods.takes_orders:
        raise Refusal(say("«{name}» hôm nay không nhận đặt trước.", name=goods.name), field="quantity")
    if wanted > QUANTITY_MAX:
        raise Refusal(say("Mỗi món nhiều nhất {n}.", n=QUANTITY_MAX), field="quantity")
    if goods.stock == 0:
        raise Refusal(say("«{name}» vừa hết hàng.", name=goods.name), field="quantity")
    if wanted > goods.stock:
        left = {"name": goods.name, "n": goods.stock, "unit": goods.unit, "wanted": wanted}
        raise Refusal(say("«{name}» chỉ còn {n} {unit}, bạn đang lấy {wanted}.", **left), field="quantity")


async def set_quantity(owner: str, line_id: int, quantity: int) -> None:
    """Sets how many of a line are wanted (1 to 99) and takes today's price as seen. Raises NotFound, Refusal."""
    line = await BasketLine.get_or_none(owner=owner, id=line_id)
    if line is None:
        raise NotFound(say("Món này không có trong giỏ của bạn."))
    goods = _goods_of(line, await goods_for_sale([line.listing_id]))
    if goods is None:
        raise NotFound(say("Món này không còn bán."))
    _refuse_quantity(goods, quantity)
    await BasketLine.filter(owner=owner, id=line_id).update(
        quantity=quantity, name=goods.name, price_dong=goods.price_dong
    )


async def take_out(owner: str, line_id: int) -> None:
    """Removes a line; that it is not there is fine."""
    await BasketLine.filter(owner=owner, id=line_id).delete()


async def forget_baskets(*, now: datetime) -> None:
    """Empties baskets that nobody came back to."""
    await BasketLine.filter(added_at__lt=now - KEPT).delete()


async def basket_of(owner: str) -> Basket:
    """The basket with today's prices and stock."""
    return await read_basket(await select(BasketLine, _LINES, [owner]))


async def read_basket(lines: Sequence[BasketLine]) -> Basket:
    """These lines as a basket: what is on sale by seller, what is gone apart."""
    return await _read(lines, {})


async def _read(lines: Sequence[BasketLine], known: Mapping[int, Goods]) -> Basket:
    """The same; `known` are goods that were read this moment, by listing."""
    unknown = [line.listing_id for line in lines if line.listing_id not in known]
    on_sale = {**known, **(await goods_for_sale(unknown) if unknown else {})}
    goods = {line.id: _goods_of(line, on_sale) for line in lines}
    things = [_thing(line, one) for line in lines if (one := goods[line.id])]
    gone = tuple(_gone(line) for line in lines if goods[line.id] is None)
    sellers = _sellers(things)
    blocked = bool(gone) or any(thing.is_blocked for thing in things)
    return Basket(
        sellers=sellers,
        gone=gone,
        count=len(lines),
        goods_dong=sum(seller.goods_dong for seller in sellers),
        is_adult_only=any(thing.is_adult_only for thing in things),
        can_be_ordered=bool(things) and not blocked,
    )


async def locked_basket(owner: str) -> list[BasketLine]:
    """The basket's rows in the order of their numbers, locked until the commit."""
    return await _locked_lines(owner)


async def _locked_lines(owner: str) -> list[BasketLine]:
    return await select(BasketLine, _LINES + " FOR UPDATE", [owner])


def _goods_of(line: BasketLine, on_sale: Mapping[int, Goods]) -> Goods | None:
    """What a line means to buy; None when it is not sold any more, or not in this size or quality."""
    goods = on_sale.get(line.listing_id)
    return goods.chosen(line.variant_id) if goods else None


def _sellers(things: Sequence[Thing]) -> tuple[SellerPart, ...]:
    names = {thing.vendor_id: thing.seller for thing in things}
    return tuple(
        _part(vendor_id, name, [one for one in things if one.vendor_id == vendor_id])
        for vendor_id, name in sorted(names.items())
    )


def _part(vendor_id: int, name: str, things: list[Thing]) -> SellerPart:
    ordered = [thing for thing in things if not thing.is_blocked]
    return SellerPart(
        vendor_id=vendor_id,
        name=name,
        things=tuple(things),
        goods_dong=sum(thing.sum_dong for thing in ordered),
        weight_g=sum(thing.weight_g * thing.quantity for thing in ordered),
    )


def _thing(line: BasketLine, goods: Goods) -> Thing:
    return Thing(
        line_id=line.id,
        listing_id=goods.listing_id,
        variant_id=goods.variant_id,
        variant=goods.variant,
        code=goods.code,
        vendor_id=goods.vendor_id,
        seller=goods.seller,
        name=goods.name,
        unit=goods.unit,
        url=goods.url,
        picture_url=goods.picture_url,
        price_dong=goods.price_dong,
        quantity=line.quantity,
        sum_dong=goods.price_dong * line.quantity,
        weight_g=goods.weight_g,
        stock=goods.stock,
        is_adult_only=goods.is_adult_only,
        is_blocked=line.quantity > goods.stock or not goods.takes_orders,
        note=_note(line, goods),
        ships_from=goods.ships_from,
        ships_to=goods.ships_to,
        price_per_kg_dong=goods.price_per_kg_dong,
        estimate_g=goods.portion_g * line.quantity if goods.portion_g else None,
        band_percent=goods.band_percent,
        more_most_dong=_more_most(goods, line.quantity),
        kind=goods.kind,
    )


def _more_most(goods: Goods, quantity: int) -> int:
    if not (goods.is_heavier_charged and goods.portion_g and goods.price_per_kg_dong):
        return 0
    estimate_g, paid_dong = goods.portion_g * quantity, goods.price_dong * quantity
    return most_on_top(goods.price_per_kg_dong, estimate_g, goods.band_percent or 0, paid_dong)


def _note(line: BasketLine, goods: Goods) -> Sentence | None:
    if not goods.takes_orders:
        return say("Món này chưa mở hoặc đã thôi nhận đặt trước. Bỏ ra để đặt những món còn lại.")
    if goods.stock == 0:
        return say("Đã hết hàng. Bỏ món này ra để đặt những món còn lại.")
    if line.quantity > goods.stock:
        return say(
            "Chỉ còn {n} {unit}, bạn đang chọn {wanted}. Hãy sửa số lượng.",
            n=goods.stock,
            unit=goods.unit,
            wanted=line.quantity,
        )
    if line.price_dong != goods.price_dong:
        prices = {"old": show_dong(line.price_dong), "new": show_dong(goods.price_dong)}
        return say("Giá đã đổi từ {old} thành {new} từ lúc bạn bỏ vào giỏ.", **prices)
    return None


def _gone(line: BasketLine) -> Thing:
    return Thing(
        line_id=line.id,
        listing_id=line.listing_id,
        variant_id=line.variant_id,
        variant="",
        code="",
        vendor_id=0,
        seller="",
        name=line.name,
        unit="",
        url="",
        picture_url="",
        price_dong=line.price_dong,
        quantity=line.quantity,
        sum_dong=0,
        weight_g=0,
        stock=0,
        is_adult_only=False,
        is_blocked=True,
        note=say("Người bán đã thôi bán món này. Bỏ ra để đặt những món còn lại."),
    )
