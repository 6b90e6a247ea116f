"""Finding one parcel."""

from accounts.services import record
from kit.db import select, transaction
from kit.errors import NotFound
from kit.i18n import say
from kit.text import nfc
from postal.models import Parcel
from postal.parcel_code import is_parcel_code, normal_code
from postal.services.views import ParcelView, view_of


async def parcel(code: str) -> ParcelView:
    """The parcel with this code, in whatever spelling it was typed. Raises NotFound."""
    return view_of(await row_of(code))


async def parcel_for(reference: str) -> ParcelView | None:
    """The parcel booked under a key such as "order:17"; None while there is none."""
    row = await Parcel.get_or_none(reference=reference, code__isnull=False)
    return view_of(row) if row else None


async def parcel_opened(code: str, *, person_id: int, action: str = "parcel_read") -> ParcelView:
    """The parcel with names and phones for a member of the staff; that they were read is recorded."""
    async with transaction():
        row = await row_of(code)
        await record(person_id, action, "parcel", row.code or "")
        return view_of(row)


async def row_of(code: str) -> Parcel:
    """The row of a code. Raises NotFound."""
    clean = normal_code(nfc(code))
    rows = await select(Parcel, "WHERE code = $1", [clean]) if is_parcel_code(clean) else []
    if not rows:
        raise unknown(clean)
    return rows[0]


def unknown(code: str) -> NotFound:
    """What is said of a code that is nobody's parcel, or none that the asker may see."""
    return NotFound(say("Không có bưu gửi nào mang mã {code}. Xem lại mã trên nhãn.", code=code[:40] or "—"))
