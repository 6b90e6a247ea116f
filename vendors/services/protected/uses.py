"""Rights to protected names: asked for by sellers with the decision's photo, confirmed or sent back, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tortoise.exceptions import IntegrityError

from accounts.services import record
from kit.db import locked, transaction
from kit.errors import Conflict, NotFound, Refusal
from kit.i18n import Sentence, say
from kit.media import Media
from kit.outbox import later_each
from vendors.models import Listing, ListingState, NameUse, ProtectedArea, ProtectedName, UseState
from vendors.services.cards import Leaf, leaf_of

STATE_NAMES: dict[str, Sentence] = {
    UseState.SUBMITTED: say("Chờ xác nhận"),
    UseState.CONFIRMED: say("Đã xác nhận"),
    UseState.RETURNED: say("Cần gửi lại"),
    UseState.ENDED: say("Đã chấm dứt"),
}
STATE_TONES = {"submitted": "waiting", "confirmed": "good", "returned": "bad", "ended": "quiet"}


@dataclass(frozen=True)
class UseContent:
    """What the decision says; without `valid_to` the right has no end."""

    decision_no: str
    decided_on: date
    valid_to: date | None


@dataclass(frozen=True)
class UseRow:
    """A right in a list, its name and vendor fetched; `is_over` when its last day has passed."""

    use: NameUse
    is_over: bool


async def ask_for_use(
    place: str, vendor_id: int, content: UseContent, document_key: str, *, person_id: int
) -> NameUse:
    """A seller asks for a name with the photo of the decision; no badge before it is confirmed.

    Refusal at `name` when there is no such name, at `decision_no` when this decision waits or stands already; one that
    was sent back is sent anew.
    """
    name = await ProtectedName.get_or_none(slug=place, is_live=True)
    if name is None:
        raise Refusal(say("Hãy chọn tên được bảo hộ."), field="name")
    async with transaction():
        try:
            async with transaction():
                use = await NameUse.create(
                    of_id=name.id,
                    vendor_id=vendor_id,
                    decision_no=content.decision_no,
                    decided_on=content.decided_on,
                    valid_to=content.valid_to,
                    document_key=document_key,
                )
        except IntegrityError:
            use = await _again(name.id, vendor_id, content, document_key)
        await record(person_id, "name_use_asked", "name_use", use.id, name=name.slug)
    return use


async def confirm_use(use_id: int, content: UseContent, *, by: int) -> NameUse:
    """Keeps what an administrator read in the decision; the right counts from now on. Conflict when it was ended."""
    async with transaction():
        use = await _locked(use_id)
        if use.state == UseState.ENDED:
            raise Conflict(say("Quyền này đã bị chấm dứt. Người bán cần gửi quyết định mới."))
        use.decision_no, use.decided_on, use.valid_to = (
            content.decision_no,
            content.decided_on,
            content.valid_to,
        )
        use.state, use.returned_because = UseState.CONFIRMED, ""
        await use.save()
        await record(by, "name_use_confirmed", "name_use", use.id)
        await _index_goods_of(use.vendor_id)
    return use


async def return_use(use_id: int, because: str, *, by: int) -> NameUse:
    """Sends a right that waits back to its seller, with the reason. Conflict when it does not wait."""
    return await _moved(use_id, UseState.SUBMITTED, UseState.RETURNED, because, by, None)


async def end_use(use_id: int, because: str, *, by: int, today: date) -> NameUse:
    """Takes a right away from today on, with the reason. Conflict when it does not count."""
    return await _moved(use_id, UseState.CONFIRMED, UseState.ENDED, because, by, today)


async def uses_of(vendor_ids: Sequence[int], page: int, *, today: date) -> Leaf[UseRow]:
    """A page of a seller's rights, newest first; one query."""
    rows = NameUse.filter(vendor_id__in=list(vendor_ids)).order_by("-id").select_related("of", "vendor")
    return _rows(await leaf_of(rows, page), today)


async def use_index(state: str, page: int, *, today: date) -> Leaf[UseRow]:
    """A page of all rights in a state ("" all), the oldest that waits first; one query."""
    rows = NameUse.filter(state=state) if state in list(UseState) else NameUse.all()
    order = "id" if state == UseState.SUBMITTED else "-id"
    return _rows(await leaf_of(rows.order_by(order).select_related("of", "vendor"), page), today)


async def use_row(use_id: int, *, today: date) -> tuple[UseRow, list[ProtectedArea]]:
    """One right with the communes of its name, for an administrator. NotFound."""
    use = await NameUse.get_or_none(id=use_id).select_related("of", "vendor")
    if use is None:
        raise NotFound()
    return UseRow(use, is_over(use, today)), await ProtectedArea.filter(of_id=use.of_id).order_by("id")


async def use_document(
    use_id: int, media: Media, *, vendor_ids: Sequence[int], person_id: int, is_admin: bool
) -> bytes:
    """The photo of a decision for its seller or an administrator, whose look is recorded. NotFound otherwise."""
    use = await NameUse.get_or_none(id=use_id)
    if use is None or not use.document_key or not (is_admin or use.vendor_id in vendor_ids):
        raise NotFound()
    content = await media.get(use.document_key)
    if content is None:
        raise NotFound()
    if is_admin:
        async with transaction():
            await record(person_id, "name_use_document_read", "name_use", use.id)
    return content


def is_over(use: NameUse, today: date) -> bool:
    """Whether a right's last day has passed."""
    return use.valid_to is not None and use.valid_to < today


async def _again(name_id: int, vendor_id: int, content: UseContent, document_key: str) -> NameUse:
    found = await NameUse.get(of_id=name_id, vendor_id=vendor_id, decision_no=content.decision_no)
    use = await _locked(found.id)
    if use.state != UseState.RETURNED:
        raise Refusal(say("Quyết định này đã gửi rồi, không cần gửi lại."), field="decision_no")
    use.decided_on, use.valid_to, use.document_key = content.decided_on, content.valid_to, document_key
    use.state, use.returned_because = UseState.SUBMITTED, ""
    await use.save()
    return use


async def _moved(
    use_id: int, was: UseState, becomes: UseState, because: str, by: int, ended_on: date | None
) -> NameUse:
    async with transaction():
        use = await _locked(use_id)
        if use.state != was:
            raise Conflict(say("Quyền này vừa được người khác xử lý. Hãy tải lại trang."))
        use.state, use.returned_because, use.ended_on = becomes, because, ended_on
        await use.save(update_fields=["state", "returned_because", "ended_on", "changed_at"])
        await record(by, f"name_use_{becomes}", "name_use", use.id, because=because)
        await _index_goods_of(use.vendor_id)
    return use


async def _index_goods_of(vendor_id: int) -> None:
    """Cards in the index show the name while the right lives."""
    goods = Listing.filter(vendor_id=vendor_id, state=ListingState.ON_SALE)
    await later_each("index_listing", [int(str(id)) for id in await goods.values_list("id", flat=True)])


async def _locked(use_id: int) -> NameUse:
    use = (await locked(NameUse, [use_id])).get(use_id)
    if use is None:
        raise NotFound()
    return use


def _rows(leaf: Leaf[NameUse], today: date) -> Leaf[UseRow]:
    return Leaf([UseRow(one, is_over(one, today)) for one in leaf.items], leaf.page, leaf.has_more)
