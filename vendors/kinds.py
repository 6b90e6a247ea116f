"""Kinds of goods: their names, drawings and usual units, and which of them only grown-ups may see."""

from dataclasses import dataclass
from enum import StrEnum

from kit.i18n import Sentence, say


class Group(StrEnum):
    """The six groups of OCOP goods (Decision 148/QĐ-TTg of 24/02/2023)."""

    FOOD = "food"
    DRINK = "drink"
    HERBAL = "herbal"
    CRAFT = "craft"
    PLANTS = "plants"
    TOURISM = "tourism"


@dataclass(frozen=True)
class Kind:
    """One kind of goods; `art` names its drawing, the weight is that of one unit packed for the post."""

    code: str
    name: Sentence
    art: str
    group: Group
    unit: str
    weight_g: int
    adult_only: bool = False


KINDS: tuple[Kind, ...] = (
    Kind("tea", say("Chè, trà"), "tea", Group.FOOD, "gói", 300),
    Kind("tea_flower", say("Trà hoa"), "tea_flower", Group.FOOD, "hộp", 200),
    Kind("herb_tea", say("Trà thảo mộc"), "herb_tea", Group.FOOD, "hộp", 200),
    Kind("vermicelli", say("Miến"), "vermicelli", Group.FOOD, "gói", 550),
    Kind("noodles", say("Mì, bún khô"), "noodles", Group.FOOD, "gói", 550),
    Kind("rice", say("Gạo, ngũ cốc"), "rice", Group.FOOD, "kg", 1_050),
    Kind("custard_apple", say("Na"), "custard_apple", Group.FOOD, "kg", 1_200),
    Kind("fruit", say("Trái cây"), "fruit", Group.FOOD, "kg", 1_200),
    Kind("vegetable", say("Rau, củ"), "other", Group.FOOD, "kg", 1_100),
    Kind("honey", say("Mật ong"), "honey", Group.FOOD, "chai", 1_600),
    Kind("mushroom", say("Nấm"), "mushroom", Group.FOOD, "hộp", 350),
    Kind("bamboo_shoot", say("Măng"), "bamboo_shoot", Group.FOOD, "kg", 1_100),
    Kind("sausage", say("Lạp sườn"), "sausage", Group.FOOD, "kg", 1_100),
    Kind("smoked_meat", say("Thịt gác bếp"), "smoked_meat", Group.FOOD, "kg", 1_100),
    Kind("poultry", say("Gà, vịt, trứng"), "other", Group.FOOD, "con", 2_500),
    Kind("rice_cake", say("Bánh"), "rice_cake", Group.FOOD, "chiếc", 600),
    Kind("candy", say("Kẹo"), "candy", Group.FOOD, "hộp", 300),
    Kind("vinegar", say("Giấm, nước chấm"), "vinegar", Group.FOOD, "chai", 800),
    Kind("wine", say("Rượu"), "wine", Group.DRINK, "chai", 1_000, adult_only=True),
    Kind("turmeric", say("Tinh bột nghệ"), "turmeric", Group.HERBAL, "hộp", 300),
    Kind("capsule", say("Dược liệu"), "capsule", Group.HERBAL, "hộp", 200),
    Kind("craft", say("Đồ thủ công"), "other", Group.CRAFT, "chiếc", 1_000),
    Kind("plant", say("Cây giống, cây cảnh"), "other", Group.PLANTS, "cây", 2_000),
    Kind("tour", say("Du lịch, trải nghiệm"), "tour", Group.TOURISM, "lượt khách", 50),
    Kind("other", say("Hàng khác"), "other", Group.FOOD, "gói", 1_000),
)
BY_CODE = {kind.code: kind for kind in KINDS}
CODES = tuple(BY_CODE)
UNITS = ("kg", "lạng", "gói", "hộp", "túi", "chai", "lọ", "con", "quả", "chiếc", "bộ", "chục", "mớ", "cây")


def kind_of(code: str) -> Kind:
    """The kind with this code; «other» for one that is no longer in the table."""
    return BY_CODE.get(code, BY_CODE["other"])


def art_url(art: str) -> str:
    """Where the drawing of this name lies."""
    return f"/static/img/goods/{art}.svg"
