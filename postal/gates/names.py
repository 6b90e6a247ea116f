"""The names of the carriers outside the house, in the order they are offered, and what people call them."""

VIETTEL_POST, VNPOST, GHN, GHTK = "viettel_post", "vnpost", "ghn", "ghtk"
BY_FILE = "file"
OUTSIDE = (VIETTEL_POST, VNPOST, GHN, GHTK, BY_FILE)
# What each collects at a door at most, in đồng; who is not here collects nothing.
COLLECTS_MOST_DONG = {
    "staff": 20_000_000,
    VIETTEL_POST: 20_000_000,
    VNPOST: 20_000_000,
    GHN: 50_000_000,
    GHTK: 20_000_000,
    BY_FILE: 20_000_000,
}
TITLES = {
    "staff": "Bưu tá của chợ",
    VIETTEL_POST: "Viettel Post",
    VNPOST: "VNPost",
    GHN: "Giao Hàng Nhanh",
    GHTK: "Giao Hàng Tiết Kiệm",
    BY_FILE: "Hãng vận chuyển khác",
}


def collects(carrier: str, dong: int) -> bool:
    """Whether a carrier takes such a sum at the door for the sender."""
    return 0 < dong <= COLLECTS_MOST_DONG.get(carrier, 0)


def title_of(carrier: str) -> str:
    """The msgid of a carrier's name."""
    return TITLES.get(carrier, carrier)
