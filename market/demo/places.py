"""The places of the demo market: real markets and post offices, invented stall numbers, goods that still wait."""

from dataclasses import dataclass

from vendors.services import Schedule, ScheduleKind


@dataclass(frozen=True)
class DemoMarket:
    """A traditional market that exists; what is said about it stood in the press in 2022."""

    name: str
    commune_code: str
    schedule: Schedule
    about: str


@dataclass(frozen=True)
class WaitingGoods:
    """Goods of Cô Hiền's that are not on sale: waiting for approval, or returned for a reason."""

    name: str
    kind: str
    price_dong: int
    unit: str
    weight_g: int
    stock: int
    about: str
    returned_because: str = ""


DAILY = Schedule(ScheduleKind.DAILY)
MARKETS = (
    DemoMarket(
        "Chợ Thái",
        "05443",
        DAILY,
        "Chợ lớn ở trung tâm Thái Nguyên, nhận tiền không tiền mặt từ năm 2022.",
    ),
    DemoMarket(
        "Chợ Đại Từ",
        "05830",
        DAILY,
        "Nơi thử chợ không tiền mặt đầu tiên của tỉnh, tháng 4 năm 2022.",
    ),
    DemoMarket(
        "Chợ Đình Cả",
        "05716",
        Schedule(ScheduleKind.UNKNOWN),
        "Chợ của vùng Võ Nhai, mùa na đông nhất tháng 8.",
    ),
    DemoMarket(
        "Chợ phiên trình diễn",
        "05740",
        Schedule(ScheduleKind.LUNAR, (3, 8, 13, 18, 23, 28)),
        "Chợ này không có thật: ở đây để thử lịch họp theo ngày âm.",
    ),
)

# Producer → (market, stall). The goods are real, the stalls are not.
STALLS: dict[str, tuple[str, str]] = {
    "HTX chè Hảo Đạt": ("cho-thai", "A1"),
    "HTX miến Việt Cường": ("cho-thai", "A2"),
    "HTX trà xanh Thái Nguyên": ("cho-thai", "A3"),
    "Công ty CP Nông sản Thái Nguyên": ("cho-thai", "A4"),
    "Cơ sở Thoa Nguyễn": ("cho-thai", "B1"),
    "Làng nghề Bờ Đậu": ("cho-thai", "B2"),
    "HTX chè La Bằng": ("cho-dai-tu", "1"),
    "Công ty TNHH Công nghệ sinh học Phú Gia": ("cho-dai-tu", "2"),
    "HTX Nông sản Phú Lương": ("cho-dai-tu", "3"),
    "Cô Hiền": ("cho-dinh-ca", "12"),
    "HTX mì, bún khô Tiến Diện": ("cho-dinh-ca", "14"),
    "HTX nuôi ong Phúc Thành": ("cho-dinh-ca", "15"),
}

# Zones of Chợ Thái, invented like its stalls: name, goods, and the letter their stalls begin with.
ZONES = (("Dãy A", "Chè, miến", "A"), ("Dãy B", "Bánh, đồ khô", "B"))
# Goods in sizes: goods → (name, price in đồng, unit, weight in grams, stock). The prices are invented.
VARIANTS: dict[str, tuple[tuple[str, int, str, int, int], ...]] = {
    "tra-moc-cau-dat-phat-htx-che-sach-dat-phat": (
        ("gói 200 g", 85_000, "gói", 240, 25),
        ("gói 500 g", 200_000, "gói", 560, 35),
        ("hộp quà 1 kg", 450_000, "hộp", 1_300, 10),
    ),
    "tinh-bot-nghe-nep-do-bac-kan-htx-nong-nghiep-tan-thanh": (
        ("hũ 100 g", 85_000, "hũ", 150, 20),
        ("hộp 200 g", 160_000, "hộp", 260, 30),
    ),
}

# Part of the stock as a lot: goods → (harvested days ago, good for days, plot, quantity). All of it is invented.
LOTS: dict[str, tuple[int, int, str, int]] = {
    "tra-moc-cau-huong-que-htx-nong-san-phu-luong": (12, 540, "Đồi chè xóm trình diễn, lô 3", 30),
    "tra-nu-voi-cong-ty-tnhh-ha-diep": (20, 360, "Vườn vối trình diễn", 25),
}
# Sold by weight, and heavier is charged: goods → grams of a portion and how many per cent it may differ.
PORTIONS: dict[str, tuple[int, int]] = {"thit-lon-gac-bep-thoa-nguyen-co-so-thoa-nguyen": (1_000, 10)}
# Goods ordered ahead: goods → days from now of the four days of a window.
AHEAD: dict[str, tuple[int, int, int, int]] = {
    "tra-shan-tuyet-cong-ty-tnhh-che-bien-nong-san-va-duoc-lieu-ngoc-thang": (-5, 30, 40, 55),
}

# Post offices: name, commune and hours. All of it is invented.
POINTS = (
    ("Bưu cục Phan Đình Phùng", "05443", "thứ hai đến thứ bảy 7:00–18:30, chủ nhật đến 11:30"),
    ("Bưu cục Tân Cương", "05503", "thứ hai đến thứ sáu 7:30–17:00, thứ bảy đến 11:30"),
    ("Bưu cục Đồng Hỷ", "05692", "thứ hai đến thứ sáu 7:30–17:00, thứ bảy đến 11:30"),
    ("Bưu cục La Hiên", "05740", "thứ hai đến thứ sáu 7:30–16:30, và các ngày phiên chợ"),
    ("Bưu cục Võ Nhai", "05716", "thứ hai đến thứ sáu 7:30–17:00"),
    ("Bưu cục Đại Từ", "05830", "thứ hai đến thứ sáu 7:30–17:00, thứ bảy đến 11:30"),
    ("Bưu cục Bắc Kạn", "01843", "thứ hai đến thứ bảy 7:30–17:30"),
)

EXTRA_GOODS = (
    WaitingGoods(
        "Bưởi vườn La Hiên", "fruit", 25_000, "quả", 1_300, 40, "Bưởi da xanh vườn nhà, hái khi đặt."
    ),
    WaitingGoods(
        "Mật ong hoa nhãn",
        "honey",
        190_000,
        "chai",
        1_500,
        10,
        "Mật ong chữa khỏi ho, viêm họng.",
        "Không ghi công dụng chữa bệnh. Bà con tả màu, mùi, mùa hoa rồi gửi duyệt lại nhé.",
    ),
)
