"""How a seller sends: the carriers offered to buyers, the default among them, and the boxes goods are packed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.services import record
from kit.db import sql, transaction
from kit.errors import Refusal
from kit.i18n import say
from postal.carrier import Size
from postal.gates.register import Carriers
from postal.models import Parcel, SenderBox, SenderCarrier
from postal.services.views import ParcelView, view_of
from postal.staff_carrier import CODE as STAFF
from postal.states import FINAL, Flag

BOXES_MAX = 6
WAITING_MAX = 24
_FOR_THIS_SELLER = "SELECT pg_advisory_xact_lock(hashtextextended('sender:' || $1::text, 0))"


@dataclass(frozen=True)
class Choice:
    """A carrier that could be offered. `is_twin`: a pretend one."""

    carrier: str
    is_offered: bool
    is_default: bool
    is_twin: bool


@dataclass(frozen=True)
class Box:
    """A box and what it holds at most."""

    id: int
    size: Size
    weight_max_g: int


@dataclass(frozen=True)
class Sending:
    """How a seller sends, and the parcels that wait for a word of theirs."""

    choices: list[Choice]
    boxes: list[Box]
    undecided: list[ParcelView]


async def sending_of(vendor_id: int, carriers: Carriers) -> Sending:
    """How a seller sends. Three queries."""
    rows = {one.carrier: one for one in await SenderCarrier.filter(vendor_id=vendor_id)}
    choices = [
        Choice(
            code,
            code in rows if rows else code == STAFF,
            rows[code].is_default if code in rows else not rows and code == STAFF,
            one.is_twin,
        )
        for code, one in carriers.by_code.items()
    ]
    boxes = await SenderBox.filter(vendor_id=vendor_id).order_by("weight_max_g", "id").limit(BOXES_MAX)
    failed = Parcel.filter(vendor_id=vendor_id, flags__contains=[str(Flag.DECISION_NEEDED)], wish="")
    waiting = await failed.exclude(state__in=list(FINAL)).order_by("-booked_at").limit(WAITING_MAX)
    return Sending(choices, [_box(one) for one in boxes], [view_of(one) for one in waiting])


async def choose_carriers(
    vendor_id: int, offered: Sequence[str], default: str, carriers: Carriers, *, person_id: int
) -> None:
    """What a seller offers from now on. Raises Refusal at `offered` or `is_default`."""
    wanted = [code for code in carriers.by_code if code in offered]
    if not wanted:
        raise Refusal(say("Chọn ít nhất một nơi chuyển hàng."), field="offered")
    if default not in wanted:
        raise Refusal(say("Nơi chuyển mặc định phải nằm trong những nơi đã chọn."), field="is_default")
    async with transaction():
        await sql(_FOR_THIS_SELLER, [str(vendor_id)])
        await SenderCarrier.filter(vendor_id=vendor_id).delete()
        await SenderCarrier.bulk_create(
            [SenderCarrier(vendor_id=vendor_id, carrier=one, is_default=one == default) for one in wanted]
        )
        await record(
            person_id, "sender_carriers_set", "vendor", str(vendor_id), offered=wanted, default=default
        )


async def add_box(vendor_id: int, size: Size, weight_max_g: int, *, person_id: int) -> None:
    """One more box. Raises Refusal when there are six."""
    async with transaction():
        await sql(_FOR_THIS_SELLER, [str(vendor_id)])
        if await SenderBox.filter(vendor_id=vendor_id).count() >= BOXES_MAX:
            raise Refusal(
                say("Mỗi gian hàng ghi nhiều nhất {n} cỡ hộp. Bỏ bớt một cỡ rồi thêm.", n=BOXES_MAX)
            )
        await SenderBox.create(
            vendor_id=vendor_id,
            length_cm=size.length_cm,
            width_cm=size.width_cm,
            height_cm=size.height_cm,
            weight_max_g=weight_max_g,
        )
        await record(person_id, "sender_carriers_set", "vendor", str(vendor_id), box=weight_max_g)


async def drop_box(vendor_id: int, box_id: int, *, person_id: int) -> None:
    """A box less; that it is gone already, or somebody else's, is nothing."""
    async with transaction():
        if await SenderBox.filter(vendor_id=vendor_id, id=box_id).delete():
            await record(person_id, "sender_carriers_set", "vendor", str(vendor_id), box_dropped=box_id)


def _box(row: SenderBox) -> Box:
    return Box(row.id, Size(row.length_cm, row.width_cm, row.height_cm), row.weight_max_g)
