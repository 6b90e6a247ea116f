"""Forms that may be sent twice: the id a page or a phone gave its sending, and what it made the first time."""

from dataclasses import dataclass

from kit.errors import Conflict
from kit.i18n import say
from vendors.models import Listing


@dataclass(frozen=True)
class Sending:
    """One sending of a form: the id that its page or phone made, and a hash of what it says."""

    id: str
    hash: str


async def sent_before(vendor_id: int, sending: Sending) -> Listing | None:
    """The listing that this sending has made already. Conflict when its id came with something else."""
    listing = await Listing.get_or_none(vendor_id=vendor_id, sent_id=sending.id)
    if listing is not None and listing.sent_hash != sending.hash:
        raise Conflict(
            say(
                "Trang này đã đăng món «{name}» rồi. Muốn sửa món đó thì vào mục «Hàng». Muốn đăng thêm món khác thì"
                " gửi lại một lần nữa.",
                name=listing.name,
            )
        )
    return listing
