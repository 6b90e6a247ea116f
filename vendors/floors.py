"""Trading floors outside: their names, whose address is theirs, and the columns of a file for each."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from kit.i18n import Sentence, say
from vendors.models import Floor

URL_MAX = 500
FLOOR_WORDS: dict[str, Sentence] = {
    Floor.POSTMART: say("Postmart (buudien.vn)"),
    Floor.VOSO: say("Voso"),
    Floor.PROVINCIAL: say("Sàn của tỉnh"),
    Floor.SHOPEE: say("Shopee"),
    Floor.TIKTOK: say("TikTok Shop"),
    Floor.OTHER: say("Sàn khác"),
}
# A host belongs to a floor when it is one of these or ends with a point and one of these.
HOSTS: dict[str, tuple[str, ...]] = {
    Floor.POSTMART: ("postmart.vn", "buudien.vn"),
    Floor.VOSO: ("voso.vn",),
    Floor.SHOPEE: ("shopee.vn", "shp.ee"),
    Floor.TIKTOK: ("tiktok.com",),
}
# As TikTok Shop's own upload sheet names them (Tiktoksellercenter batch upload, 2023 to 2025); the other floors
# publish no sheet that works without codes of their own, so they get ours (docs/floors.md).
TIKTOK_HEADS = (
    "Category",
    "Brand",
    "Product Name",
    "Product Description",
    "Main Product Image",
    "Product Image 2",
    "Product Image 3",
    "Product Image 4",
    "Product Image 5",
    "Package Weight(g)",
    "Retail Price (Local Currency)",
    "Quantity",
    "Seller SKU",
)
OUR_HEADS = (
    "code",
    "own_code",
    "name",
    "kind",
    "description",
    "price_dong",
    "unit",
    "weight_g",
    "stock",
    "commune",
    "province",
    "image_1",
    "image_2",
    "image_3",
    "image_4",
    "image_5",
    "floor_url",
    "listed_on",
    "checked_on",
)


class BadAddress(ValueError):
    """No address of a floor; the sentence says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def floor_address(typed: str, floor: str, provincial_hosts: tuple[str, ...]) -> str:
    """An address on a floor in its one form: https, the floor's host, no person, no port. Raises BadAddress.

    Nothing is fetched: the address is only kept and shown.
    """
    try:
        parts = urlsplit(typed.strip())
        port = parts.port
    except ValueError:
        raise BadAddress(say("Đường dẫn này không đúng. Hãy chép lại từ trình duyệt.")) from None
    host = (parts.hostname or "").rstrip(".").lower()
    if parts.scheme.lower() != "https" or not host:
        raise BadAddress(say("Đường dẫn cần bắt đầu bằng https://. Hãy chép lại từ trình duyệt."))
    plain = host.replace("-", "").replace(".", "")
    if port not in (None, 443) or parts.username is not None or not (plain.isascii() and plain.isalnum()):
        raise BadAddress(say("Đường dẫn này không đúng. Hãy chép lại từ trình duyệt."))
    if any(mark.isspace() or ord(mark) < 32 or mark in '<>"\\' for mark in typed.strip()):
        raise BadAddress(say("Đường dẫn này không đúng. Hãy chép lại từ trình duyệt."))
    hosts = provincial_hosts if floor == Floor.PROVINCIAL else HOSTS.get(floor, ())
    if floor != Floor.OTHER and not belongs(host, hosts):
        shown = ", ".join(hosts)
        if not shown:
            raise BadAddress(say("Tỉnh chưa khai địa chỉ sàn của mình. Hãy chọn «Sàn khác»."))
        raise BadAddress(say("Đường dẫn này không thuộc sàn đã chọn. Sàn này ở {hosts}.", hosts=shown))
    if floor == Floor.OTHER and ("." not in host or host.replace(".", "").isdigit()):
        raise BadAddress(say("Đường dẫn này không đúng. Hãy chép lại từ trình duyệt."))
    kept = parts._replace(scheme="https", netloc=host, fragment="").geturl()
    if len(kept) > URL_MAX:
        raise BadAddress(say("Đường dẫn nhiều nhất {n} chữ.", n=URL_MAX))
    return kept


def belongs(host: str, hosts: tuple[str, ...]) -> bool:
    """Whether a host is one of these or below one of these."""
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def heads_of(floor: str) -> tuple[str, ...]:
    """The columns of a floor's file."""
    return TIKTOK_HEADS if floor == Floor.TIKTOK else OUR_HEADS


def row_for(floor: str, goods: Mapping[str, str | int], pictures: list[str]) -> list[str | int]:
    """One listing as a floor's file has it; `goods` by OUR_HEADS without the images."""
    five = [*pictures[:5], *[""] * (5 - len(pictures[:5]))]
    if floor == Floor.TIKTOK:
        names = ("weight_g", "price_dong", "stock")
        first: list[str | int] = ["", "", goods["name"], goods["description"], *five]
        return [*first, *(goods[name] for name in names), goods["own_code"] or goods["code"]]
    images = {f"image_{number}": url for number, url in enumerate(five, 1)}
    return [{**goods, **images}[name] for name in OUR_HEADS]
