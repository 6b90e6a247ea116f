"""The names of the carriers outside the house, in the order they are offered, and what people call them."""

VIETTEL_POST, VNPOST, GHN, GHTK, FILE = "viettel_post", "vnpost", "ghn", "ghtk", "file"
OUTSIDE = (VIETTEL_POST, VNPOST, GHN, GHTK)
TITLES = {
    "staff": "Bưu tá của chợ",
    VIETTEL_POST: "Viettel Post",
    VNPOST: "VNPost",
    GHN: "Giao Hàng Nhanh",
    GHTK: "Giao Hàng Tiết Kiệm",
    FILE: "Hãng gửi bằng tệp",
}


def title_of(carrier: str) -> str:
    """The msgid of a carrier's name."""
    return TITLES.get(carrier, carrier)
