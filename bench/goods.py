"""A large market to measure search with: plausible goods, sellers and places, the same for the same seed.

Names are put together as people name goods here: what it is, of which sort, from where («Chè móc câu La Bằng loại 1»).
Communes are real ones with their province; prices lie around what the kind costs. None of it is anybody's goods.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kit.codes import new_code
from kit.text import fold
from kit.units import NEW, UNITS_CSV

SEED = 20261122
SELLERS_A_LISTING = 50
HOME_PROVINCE = "19"
NEAR_SHARE = 0.7
SOLD_OUT_SHARE, STARS_SHARE = 0.06, 0.15

# By kind: names, sorts, units with the price of one in thousand đồng.
_WORDS: dict[str, tuple[str, str, str]] = {
    "tea": (
        "Chè|Trà|Chè xanh|Trà xanh|Chè búp",
        "đinh|móc câu|tôm nõn|búp tím|nõn tôm|shan tuyết|ướp sen|ướp nhài|Kim Tuyên|trung du|LDP1|một tôm hai lá",
        "hộp 200 g:220|gói 100 g:60|gói 500 g:190|kg:380|hộp quà 300 g:540",
    ),
    "tea_flower": ("Trà hoa|Hoa khô", "vàng|cúc|nhài|hồng|sen|đậu biếc", "hộp 50 g:180|lọ 30 g:120"),
    "herb_tea": (
        "Trà thảo mộc|Trà túi lọc|Trà",
        "dây|cà gai leo|giảo cổ lam|atiso|gừng|khổ qua|diếp cá",
        "hộp 20 túi:65|gói 200 g:90",
    ),
    "vermicelli": ("Miến|Miến dong|Miến dong đao", "sợi nhỏ|sợi to|trắng|ngũ sắc|rau củ", "gói 500 g:55|kg:95"),
    "noodles": ("Mì gạo|Bún khô|Phở khô|Mì rau củ", "Bao Thai|lứt|bí đỏ|chùm ngây|gấc", "gói 500 g:38|kg:70"),
    "rice": (
        "Gạo|Gạo nếp|Gạo tẻ|Đỗ|Lạc|Ngô nếp",
        "Bao Thai|vải|cái hoa vàng|J02|lứt đỏ|xanh|đen|đỏ|nương|khẩu nua lếch",
        "kg:32|túi 5 kg:155|túi 2 kg:66",
    ),
    "custard_apple": ("Na|Na dai|Na bở", "loại 1|loại 2|vườn đồi|trái vụ|VietGAP", "kg:55|hộp 3 kg:170"),
    "fruit": (
        "Bưởi|Cam|Ổi|Thanh long|Vải|Nhãn|Chuối|Hồng không hạt|Quýt|Mít|Táo|Dưa lê|Mơ|Mận",
        "Diễn|sành|ruột đỏ|lê|tây|ngự|Thái|muộn|chín cây|hữu cơ",
        "kg:35|quả:30|thùng 10 kg:320",
    ),
    "vegetable": (
        "Rau|Củ|Cà chua|Bí|Khoai|Sắn dây|Gừng|Nghệ|Su su|Dưa chuột|Rau bò khai|Rau ngót rừng",
        "sạch|an toàn|hữu cơ|rừng|nương|đỏ|tím|non",
        "kg:25|bó:12|túi 500 g:18",
    ),
    "honey": ("Mật ong|Phấn hoa|Sữa ong chúa", "rừng|hoa nhãn|bạc hà|hoa rừng|đa hoa|khoái", "chai 500 ml:180|lít:320"),
    "mushroom": ("Nấm", "hương|sò|linh chi|mộc nhĩ|rơm|đùi gà|mối", "hộp 200 g:70|kg:260|gói 100 g:55"),
    "bamboo_shoot": ("Măng|Măng khô|Măng ớt", "vầu|nứa|lưỡi lợn|sặt|bát độ|chua", "kg:220|lọ:45|túi 500 g:120"),
    "sausage": ("Lạp sườn|Lạp xưởng|Giò|Chả", "hun khói|lợn đen|gác bếp|tươi|bò|cốm", "kg:260|gói 500 g:140"),
    "smoked_meat": ("Thịt|Thịt lợn|Thịt trâu|Cá", "gác bếp|hun khói|bản|sấy|muối chua", "kg:680|gói 500 g:350"),
    "poultry": ("Gà|Vịt|Trứng gà|Trứng vịt|Ngan", "đồi|thả vườn|ri|bầu cổ xanh|ác|ta", "con:190|chục:40|kg:130"),
    "rice_cake": (
        "Bánh|Bánh chưng|Bánh gai|Bánh cooc mò|Bánh tro|Bánh khảo|Bánh giầy",
        "gù|Bờ Đậu|nhân đỗ|nếp nương|mật|lá gai|cốm",
        "chiếc:45|cặp:90|chục:75",
    ),
    "candy": ("Kẹo|Mứt|Ô mai", "lạc|dồi|gừng|chè lam|mơ|sấu|dừa|khoai", "hộp 300 g:50|gói 200 g:35"),
    "vinegar": ("Giấm|Tương|Nước mắm|Muối chấm", "gạo|táo mèo|nếp|chuối|mắc khén|ớt", "chai 500 ml:40|lọ:35"),
    "wine": ("Rượu|Rượu nếp|Rượu men lá", "ngô|cái|chuối hột|mơ|táo mèo|Bó Nặm", "chai 500 ml:90|lít:110"),
    "turmeric": ("Tinh bột nghệ|Tinh nghệ|Viên nghệ", "đỏ|vàng|nếp đen|mật ong", "hộp 200 g:160|lọ 100 g:110"),
    "capsule": (
        "Cao|Dược liệu|Cao khô|Viên",
        "cà gai leo|giảo cổ lam|xạ đen|chè vằng|hà thủ ô|ba kích",
        "hộp:180|lọ 100 g:240",
    ),
    "craft": (
        "Giỏ|Mành|Nón|Chổi|Khăn|Túi|Ghế",
        "mây|tre|cọ|chít|thổ cẩm|chàm|cói",
        "chiếc:120|bộ:380",
    ),
    "plant": ("Cây giống|Chè giống|Cây|Hoa", "bưởi|na|quế|keo|lan rừng|đào|mai", "cây:35|chậu:250|bầu:12"),
    "tour": ("Trải nghiệm|Tham quan|Du lịch", "đồi chè|hái na|nhà sàn|hồ|bản|làng nghề", "lượt khách:250|ngày:600"),
}  # fmt: skip
_ENDINGS = ("", "", "", "", " loại 1", " loại 2", " đặc biệt", " VietGAP", " hữu cơ", " thượng hạng", " mới")
_SURNAMES = "Nguyễn|Trần|Lê|Phạm|Hoàng|Vũ|Đặng|Bùi|Đỗ|Nông|Triệu|Ma|Lý|Hà|Lưu|Dương|Lường|Bế"
_GIVEN = "Hoa|Hiền|Lan|Mai|Thu|Hằng|Tuyết|Nga|Thắng|Dũng|Sơn|Hải|Tiến|Quang|Bình|Minh|Tâm|Thảo|Yến|Đào"
_ABOUT = (
    "{name} của {seller}, làm tại {place}. Hàng đóng gói trong ngày, gửi bưu cục đi các tỉnh.",
    "Nhà tự trồng và tự làm ở {place}, {province}. Ai hợp vị thì gọi trước để nhà để phần.",
    "{name} làm theo cách cũ của người {place}. Bảo quản nơi khô, thoáng, dùng trong sáu tháng.",
    "Chọn từng mẻ, không pha trộn. {seller} đổi hàng nếu đến tay bạn bị vỡ hoặc ẩm.",
)


@dataclass(frozen=True)
class Place:
    """A commune with its province."""

    code: str
    name: str
    short_name: str
    province: str
    is_near: bool


@dataclass(frozen=True)
class Seller:
    """Somebody who sells; `number` counts from 0."""

    number: int
    kind: str
    name: str
    place: Place


@dataclass(frozen=True)
class Thing:
    """One listing; `stars` 0 without a certificate."""

    code: str
    seller: Seller
    name: str
    kind: str
    unit: str
    price_dong: int
    stock: int
    stars: int
    about: str
    days_old: int


def places() -> list[Place]:
    """All communes of the country, in the order of the file."""
    with UNITS_CSV.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["version"] == NEW]
    provinces = {row["code"]: row["name"] for row in rows if row["level"] == "province"}
    return [
        Place(
            row["code"],
            row["name"],
            row["short_name"],
            provinces[row["parent_code"]],
            row["parent_code"] == HOME_PROVINCE,
        )
        for row in rows
        if row["level"] == "commune"
    ]


def sellers(count: int, seed: int = SEED) -> list[Seller]:
    """So many sellers, most of them of the home province."""
    choose, everywhere = random.Random(f"{seed} sellers"), places()
    near = [place for place in everywhere if place.is_near]
    return [_seller(choose, number, near, everywhere) for number in range(count)]


def things(count: int, seed: int = SEED) -> Iterator[Thing]:
    """So many listings of so many sellers divided by fifty."""
    choose = random.Random(f"{seed} things")
    selling = sellers(max(1, count // SELLERS_A_LISTING), seed)
    kinds = list(_WORDS)
    weights = [8 if kind == "tea" else 3 if kind in ("fruit", "rice", "vegetable") else 1 for kind in kinds]
    for kind in choose.choices(kinds, weights, k=count):
        yield _thing(choose, choose.choice(selling), kind)


def queries(count: int, seed: int = SEED) -> list[str]:
    """Different queries as shoppers type them over these goods: with and without marks, places, prices, a slip."""
    choose, found = random.Random(f"{seed} queries"), dict[str, None]()
    near = [place for place in places() if place.is_near]
    while len(found) < count:
        names, sorts, _ = _WORDS[choose.choice(list(_WORDS))]
        words = choose.choice(names.split("|")).lower()
        if choose.random() < 0.7:
            words += " " + choose.choice(sorts.split("|"))
        if choose.random() < 0.3:
            words += " " + choose.choice(near).short_name
        if choose.random() < 0.1:
            words += choose.choice((" dưới 100k", " dưới 200k", " 100-300k", " 1 kg", " 500g"))
        if choose.random() < 0.6:
            words = fold(words)
        if choose.random() < 0.05 and len(words) > 6:
            at = choose.randrange(2, len(words) - 1)
            words = words[:at] + words[at + 1 :]
        found[words] = None
    return list(found)


def popular_first(choose: random.Random, words: Sequence[str], count: int) -> list[str]:
    """So many searches over these words as a market sees them: the n-th most wanted is asked 1/n as often (Zipf)."""
    return choose.choices(words, [1 / rank for rank in range(1, len(words) + 1)], k=count)


def _seller(choose: random.Random, number: int, near: Sequence[Place], everywhere: Sequence[Place]) -> Seller:
    place = choose.choice(near if choose.random() < NEAR_SHARE else everywhere)
    kind = choose.choices(("grower", "household", "cooperative", "firm"), (4, 3, 3, 1))[0]
    person = f"{choose.choice(_SURNAMES.split('|'))} {choose.choice(_GIVEN.split('|'))}"
    what = choose.choice(("chè", "nông sản", "rau an toàn", "mật ong", "miến dong", "dược liệu", "trái cây"))
    name = {
        "grower": f"Vườn nhà {person}",
        "household": f"Cơ sở {what} {person}",
        "cooperative": f"HTX {what} {place.short_name}",
        "firm": f"Công ty TNHH {what} {place.short_name}",
    }[kind]
    return Seller(number, kind, name, place)


def _thing(choose: random.Random, seller: Seller, kind: str) -> Thing:
    names, sorts, units = _WORDS[kind]
    place = seller.place.short_name if choose.random() < 0.6 else ""
    name = f"{choose.choice(names.split('|'))} {choose.choice(sorts.split('|'))} {place}".strip()
    name = f"{name}{choose.choice(_ENDINGS)}"
    unit, _, thousand = choose.choice(units.split("|")).partition(":")
    about = choose.choice(_ABOUT).format(
        name=name, seller=seller.name, place=seller.place.name, province=seller.place.province
    )
    return Thing(
        code=new_code("H", choose.randrange, 10),
        seller=seller,
        name=name,
        kind=kind,
        unit=unit,
        price_dong=max(1, round(int(thousand) * choose.uniform(0.6, 1.7))) * 1000,
        stock=0 if choose.random() < SOLD_OUT_SHARE else choose.randint(3, 400),
        stars=choose.choices((3, 4, 5), (6, 4, 1))[0] if choose.random() < STARS_SHARE else 0,
        about=about,
        days_old=choose.randint(0, 900),
    )
