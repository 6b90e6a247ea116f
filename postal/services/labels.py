"""What is printed on labels: for the parcel with whole phones, for the copy at the stall with masked ones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from anyio import CapacityLimiter, to_thread

from accounts.services import record_each
from kit.dates import show_day, vietnam_date
from kit.db import transaction
from kit.errors import NotFound, Refusal
from kit.i18n import say
from kit.identifiers import mask_phone, show_phone
from kit.money import show_dong, show_weight
from kit.points import points
from postal.carrier import Party
from postal.gates.names import title_of
from postal.label_pdf import LabelParty, LabelSize, LabelWords, label_pdf
from postal.models import Parcel
from postal.parcel_code import normal_code
from postal.services.sight import Sight, Viewer, sight_of
from postal.services.views import ParcelView, view_of

PRINTED_AT_ONCE = 200

# A file of 200 labels computes for some seconds: never more than two at once in one process.
_PRINTERS = CapacityLimiter(2)


async def parcels_to_print(codes: Sequence[str], viewer: Viewer) -> list[ParcelView]:
    """The parcels of these codes in the order asked for; that their labels were read is recorded.

    Refusal at `codes` when none is asked or more than 200 are; NotFound when one is unknown, or not wholly the viewer's
    to see: labels show phones.
    """
    wanted = list(dict.fromkeys(map(normal_code, codes)))
    if not wanted:
        raise Refusal(say("Chọn ít nhất một bưu gửi để in nhãn."), field="codes")
    if len(wanted) > PRINTED_AT_ONCE:
        raise Refusal(say("Một lần in nhiều nhất {n} nhãn.", n=PRINTED_AT_ONCE), field="codes")
    rows = {row.code: row for row in await Parcel.filter(code__in=[code[:20] for code in wanted])}
    shown = [await sight_of(row, viewer) for row in rows.values()]
    if len(rows) < len(wanted) or any(one is not Sight.WHOLE for one in shown):
        raise NotFound(say("Có mã không phải bưu gửi của chợ. Tải lại trang rồi chọn lại."))
    async with transaction():
        await record_each(viewer.person_id, "label_read", "parcel", wanted)
    return [view_of(rows[code]) for code in wanted]


async def printed(
    parcels: Sequence[ParcelView],
    size: LabelSize,
    *,
    base_url: str,
    now: datetime,
    on_sheet: bool = False,
    is_copy: bool = False,
) -> bytes:
    """The labels of these parcels as one PDF."""
    words = [label_words(one, base_url=base_url, is_copy=is_copy) for one in parcels]
    return await to_thread.run_sync(
        lambda: label_pdf(words, size, made_at=now, on_sheet=on_sheet), limiter=_PRINTERS
    )


def label_words(parcel: ParcelView, *, base_url: str, is_copy: bool = False) -> LabelWords:
    """What stands on a parcel's label. Labels are printed in Vietnamese: who sorts and delivers reads it."""
    return LabelWords(
        code=parcel.code,
        carrier=title_of(parcel.carrier),
        service="Giao tận nhà" if parcel.point_id is None else "Đến lấy ở bưu cục",
        sort_code=parcel.sort_code or sort_code(parcel.recipient.commune_code),
        sender=_party(parcel.sender, is_copy),
        recipient=_recipient(parcel, is_copy),
        contents=parcel.contents,
        weight=show_weight(parcel.weighed_g or parcel.weight_g),
        order_code=parcel.order_code,
        collect=show_dong(parcel.cod_dong) if parcel.cod_dong else "không thu",
        day=show_day(vietnam_date(parcel.booked_at)),
        link=f"{base_url}/parcels/{parcel.code}",
        is_copy=is_copy,
    )


def sort_code(commune_code: str) -> str:
    """The own staff's sort code: province and commune as the statistics office numbers them, «19-05443»."""
    point = points().get(commune_code)
    return f"{point.province_code}-{commune_code}" if point else commune_code


def _recipient(parcel: ParcelView, is_masked: bool) -> LabelParty:
    """The recipient, with the digital address of the door where it is known."""
    party = _party(parcel.recipient, is_masked)
    return replace(party, line=", ".join(filter(None, (party.line, parcel.digital_address))))


def _party(party: Party, is_masked: bool) -> LabelParty:
    phone = mask_phone(party.phone) if is_masked else show_phone(party.phone)
    place = ", ".join(filter(None, (party.commune, party.province)))
    former = f" (cũ: {party.old_place})" if party.old_place else ""
    return LabelParty(party.name, phone, party.line, place + former)
