"""What happened in the demo market these days: who ordered what, when, and how far it came."""

from dataclasses import dataclass

NA = "na-la-hien-nong-ho-xa-la-hien"
DINH, VIET_CUONG = "che-dinh-tan-cuong-htx-che-hao-dat", "mien-viet-cuong-htx-mien-viet-cuong"
MOC_CAU, SMOKED = "che-moc-cau-hao-dat-htx-che-hao-dat", "thit-lon-gac-bep-thoa-nguyen-co-so-thoa-nguyen"
DELIVERED = ("pay", "pack", "accept", "hand_over", "arrive", "take_out", "deliver")
ON_THE_WAY = DELIVERED[:-1]
AGREED = ("ask_money_back", "agree", "tell_account")

# Minutes from the order to each step; the post works by day when the order came in the morning.
MINUTES = {
    "pay": 4,
    "pay_half": 5,
    "pay_over": 6,
    "pay_stray": 7,
    "cancel": 6,
    "expire": 16,
    "pay_late": 45,
    "weighs_more": 25,
    "short": 30,
    "pack": 90,
    "bring": 150,
    "accept": 240,
    "fail_pickup": 300,
    "hand_over": 300,
    "carrier_takes": 320,
    "arrive": 1260,
    "take_out": 1380,
    "fail": 1470,
    "deliver": 1500,
    "ask_money_back": 1560,
    "agree": 1590,
    "tell_account": 1600,
    "give_money_back": 1640,
    "count": 1920,
    "send_back": 1600,
    "give_back": 2600,
    "carrier_loses": 2880,
}


@dataclass(frozen=True)
class Tale:
    """An order of some goods (by their own code) and the steps it took; `at` is the hour of a day in Vietnam.

    With `minutes_ago` it lies so long before now, else `days_ago` days back. `keep_minutes` 0: the usual time to pay.
    `way` is another carrier than the own staff, by a service of it: ghn.2; `handing` is how it is fetched (stall, desk,
    point), or joint. `at_door`: it is paid when it is delivered.
    """

    buyer: str
    items: tuple[tuple[str, int], ...]
    steps: tuple[str, ...]
    days_ago: int = 0
    at: tuple[int, int] = (9, 0)
    minutes_ago: int = 0
    keep_minutes: int = 0
    way: str = ""
    handing: str = ""
    at_door: bool = False


@dataclass(frozen=True)
class Address:
    """Where a shopper's parcels go: an invented line in a real commune."""

    line: str
    commune_code: str


SHOPPERS = {
    "hoa": ("Chị Hoa", "+84912000011"),
    "dung": ("Anh Dũng", "+84912000012"),
    "mai": ("Cô Mai", "+84912000013"),
}
ADDRESSES = {
    "minh": Address("Số 12, ngõ 5, tổ 8", "05443"),
    "hoa": Address("Số 40, tổ dân phố 3", "05518"),
    "dung": Address("Căn 1204, nhà B", "00166"),
    "mai": Address("Xóm 5", "05692"),
}

TALES: tuple[Tale, ...] = (
    Tale("minh", ((NA, 3),), DELIVERED, days_ago=8, at=(8, 40)),
    Tale(
        "hoa",
        (("che-tom-non-htx-che-hao-dat", 1), ("keo-lac-che-xanh-htx-che-hao-dat", 2)),
        DELIVERED,
        days_ago=7,
    ),
    Tale("dung", (("mien-viet-cuong-htx-mien-viet-cuong", 5),), DELIVERED, days_ago=7, at=(9, 25)),
    Tale("mai", ((NA, 5),), (*DELIVERED, *AGREED, "give_money_back"), days_ago=6, at=(7, 50)),
    Tale(
        "minh",
        (
            ("mat-ong-phuc-thanh-htx-nuoi-ong-phuc-thanh", 1),
            ("mang-kho-luc-truc-mtq-htx-mang-luc-truc-mtq", 1),
        ),
        DELIVERED,
        days_ago=5,
    ),
    Tale(
        "hoa",
        (("ruou-men-la-bang-phuc-htx-ruou-men-la-bang-phuc", 2),),
        (*ON_THE_WAY, "fail", "send_back", "give_back"),
        days_ago=5,
        at=(9, 30),
    ),
    Tale(
        "dung",
        (("lap-suon-tam-cuong-nha-hang-tam-cuong", 1),),
        ("pay", "pack", "carrier_takes", "carrier_loses"),
        days_ago=5,
        at=(10, 5),
        way="file.list",
    ),
    Tale("mai", ((NA, 2),), DELIVERED, days_ago=4, at=(8, 15)),
    Tale("minh", (("tra-hoa-vang-bac-kan-cong-ty-tnhh-ha-diep", 1),), ("expire",), days_ago=4, at=(20, 10)),
    Tale("hoa", ((NA, 4),), (*DELIVERED, *AGREED), days_ago=3, at=(8, 30)),
    Tale("dung", (("banh-chung-bo-dau-lang-nghe-bo-dau", 4),), ("cancel",), days_ago=3, at=(9, 40)),
    Tale("mai", (("che-dinh-tan-cuong-htx-che-hao-dat", 1),), DELIVERED, days_ago=3, at=(9, 55)),
    Tale("minh", (("mien-dong-tai-hoan-htx-tai-hoan", 3),), (*ON_THE_WAY, "fail"), days_ago=2, at=(8, 45)),
    Tale(
        "hoa",
        (("my-gao-bao-thai-dinh-hoa-htx-chan-nuoi-san-xuat-nong-san-sach-kim-phuong", 6),),
        (*ON_THE_WAY, "fail", "send_back"),
        days_ago=2,
        at=(9, 5),
    ),
    Tale("dung", ((NA, 3),), (*DELIVERED, "ask_money_back"), days_ago=2, at=(9, 20)),
    Tale(
        "dung",
        (("trung-du-tra-cong-ty-cp-nong-san-thai-nguyen", 1),),
        ("expire", "pay_late"),
        days_ago=2,
        at=(19, 30),
    ),
    Tale("mai", (("tra-tom-non-huong-que-htx-nong-san-phu-luong", 1),), ON_THE_WAY, minutes_ago=1620),
    Tale("minh", ((NA, 2),), ON_THE_WAY, minutes_ago=1560),
    Tale("hoa", (("bun-gac-tien-dien-htx-mi-bun-kho-tien-dien", 4),), ON_THE_WAY[:-1], minutes_ago=1440),
    Tale(
        "dung",
        (("nam-huong-phu-gia-cong-ty-tnhh-cong-nghe-sinh-hoc-phu-gia", 2),),
        ON_THE_WAY[:4],
        minutes_ago=540,
    ),
    Tale("mai", ((NA, 3),), ON_THE_WAY[:3], minutes_ago=480),
    Tale("minh", ((MOC_CAU, 1),), ("pay", "fail_pickup"), minutes_ago=420),
    Tale("hoa", ((NA, 5),), ("pay", "pack"), minutes_ago=200),
    Tale(
        "dung", (("tra-xanh-tui-loc-nguyen-viet-htx-che-an-toan-nguyen-viet", 3),), ("pay",), minutes_ago=180
    ),
    Tale(
        "minh", (("keo-lac-che-xanh-htx-che-hao-dat", 4),), ("pay_half",), minutes_ago=150, keep_minutes=1440
    ),
    Tale("hoa", (("giam-chuoi-manh-minh-htx-tan-dan", 2),), ("pay_over",), minutes_ago=120),
    Tale("mai", ((NA, 2),), ("pay",), minutes_ago=90),
    Tale(
        "mai",
        (("bun-bi-do-tien-dien-htx-mi-bun-kho-tien-dien", 3),),
        ("pay_stray",),
        minutes_ago=60,
        keep_minutes=1440,
    ),
    Tale("dung", (("mien-viet-cuong-htx-mien-viet-cuong", 2),), ("pay",), minutes_ago=55, way="ghn.2"),
    Tale("hoa", ((MOC_CAU, 1),), ("pay",), minutes_ago=45, way="viettel_post.VCN"),
    Tale("mai", ((NA, 2),), ON_THE_WAY[:5], minutes_ago=1300, handing="point"),
    Tale("minh", ((NA, 1),), ("pay", "pack"), minutes_ago=170, handing="stall"),
    Tale("hoa", ((DINH, 1),), ("pay", "pack", "bring"), minutes_ago=165, handing="desk"),
    Tale("dung", ((DINH, 1), (VIET_CUONG, 2)), ("pay", "pack", "bring"), minutes_ago=160, handing="joint"),
    Tale("hoa", ((NA, 2),), DELIVERED[1:], minutes_ago=1540, at_door=True),
    Tale("dung", ((VIET_CUONG, 1),), ON_THE_WAY[1:], minutes_ago=1480, at_door=True),
    Tale("mai", ((NA, 1),), ("pack",), minutes_ago=110, at_door=True),
    Tale("mai", ((MOC_CAU, 3),), (*DELIVERED[1:], "count"), days_ago=4, at=(9, 30), at_door=True),
    Tale("minh", ((SMOKED, 1),), ("pay", "weighs_more"), minutes_ago=40),
    Tale("minh", ((NA, 2),), (), minutes_ago=30, keep_minutes=1440),
    Tale("hoa", ((NA, 1),), (), minutes_ago=12, keep_minutes=1440),
    Tale("minh", (("mien-dong-tai-hoan-htx-tai-hoan", 4),), ("pay", "short"), minutes_ago=75),
)
