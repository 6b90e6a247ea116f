"""What the label of goods has to say, by kind; sellers write it with the listing, shoppers read it on its page.

Decree 37/2026/NĐ-CP, Art. 41 (whoever sells on a platform publishes the label, except what differs by piece: dates,
lot, serial), Art. 42 and Annex I (what each group of goods has to say), Art. 35.2e (fresh food and unpackaged
processed food sold directly carry none).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kit.i18n import Sentence, say
from vendors.kinds import Group, kind_of

LAW = "Nghị định 37/2026/NĐ-CP, điều 41 và 42"
EXEMPT_LAW = "Nghị định 37/2026/NĐ-CP, điều 35"


class LabelPart(StrEnum):
    """One thing a label says."""

    PRODUCER = "producer"
    QUANTITY = "quantity"
    INGREDIENTS = "ingredients"
    MATERIAL = "material"
    STRENGTH = "strength"
    EXPIRY = "expiry"
    STORAGE = "storage"
    USE = "use"
    WARNINGS = "warnings"
    REGISTRATION = "registration"


@dataclass(frozen=True)
class Part:
    """How a part is called and asked for, and the most characters it may have."""

    name: Sentence
    hint: Sentence
    most: int
    is_long: bool = False


PARTS: dict[LabelPart, Part] = {
    LabelPart.PRODUCER: Part(
        say("Ai làm ra, địa chỉ"), say("Tên và địa chỉ người hoặc cơ sở chịu trách nhiệm về hàng."), 300
    ),
    LabelPart.QUANTITY: Part(say("Khối lượng tịnh, thể tích"), say("Ví dụ 200 g, 500 ml."), 80),
    LabelPart.INGREDIENTS: Part(say("Thành phần"), say("Ghi từ nhiều đến ít."), 1000, True),
    LabelPart.MATERIAL: Part(say("Chất liệu"), say("Ví dụ tre, vải bông nhuộm chàm."), 300),
    LabelPart.STRENGTH: Part(say("Độ cồn"), say("Ví dụ 35 độ."), 40),
    LabelPart.EXPIRY: Part(say("Hạn dùng"), say("Ví dụ 12 tháng từ ngày đóng gói."), 120),
    LabelPart.STORAGE: Part(say("Cách bảo quản"), say("Ví dụ nơi khô, tránh nắng."), 300),
    LabelPart.USE: Part(say("Cách dùng"), say("Ví dụ pha 5 g với 200 ml nước sôi."), 500, True),
    LabelPart.WARNINGS: Part(say("Lời cảnh báo"), say("Ai không nên dùng, điều cần tránh."), 500, True),
    LabelPart.REGISTRATION: Part(
        say("Số công bố, tự công bố"), say("Số trên bản công bố sản phẩm, nếu có."), 120
    ),
}

FOOD = frozenset(
    {LabelPart.PRODUCER, LabelPart.QUANTITY, LabelPart.INGREDIENTS, LabelPart.EXPIRY, LabelPart.STORAGE}
)
FOOD_ASKED = FOOD | {LabelPart.USE, LabelPart.WARNINGS, LabelPart.REGISTRATION}
FRESH = frozenset({"custard_apple", "fruit", "vegetable", "poultry"})
NEEDED_BY_KIND: dict[str, frozenset[LabelPart]] = {
    "wine": frozenset(
        {
            LabelPart.PRODUCER,
            LabelPart.QUANTITY,
            LabelPart.STRENGTH,
            LabelPart.INGREDIENTS,
            LabelPart.STORAGE,
            LabelPart.WARNINGS,
        }
    ),
    "capsule": FOOD | {LabelPart.USE, LabelPart.WARNINGS, LabelPart.REGISTRATION},
    "turmeric": FOOD | {LabelPart.USE},
    "other": frozenset({LabelPart.PRODUCER, LabelPart.QUANTITY}),
}
NEEDED_BY_GROUP: dict[Group, frozenset[LabelPart]] = {
    Group.FOOD: FOOD,
    Group.DRINK: FOOD,
    Group.HERBAL: FOOD,
    Group.CRAFT: frozenset({LabelPart.PRODUCER, LabelPart.MATERIAL}),
    Group.PLANTS: frozenset({LabelPart.PRODUCER}),
    Group.TOURISM: frozenset(),
}


def is_exempt(kind: str) -> bool:
    """Whether goods of this kind carry no label: fresh food, and services."""
    return kind in FRESH or kind_of(kind).group is Group.TOURISM


def needed(kind: str) -> frozenset[LabelPart]:
    """What the label of this kind has to say."""
    if is_exempt(kind):
        return frozenset()
    return NEEDED_BY_KIND.get(kind, NEEDED_BY_GROUP[kind_of(kind).group])


def missing(kind: str, words: Mapping[str, str]) -> list[LabelPart]:
    """What the label has to say and does not, in the order of the form."""
    wanted = needed(kind)
    return [part for part in LabelPart if part in wanted and not words.get(part, "").strip()]


def names_of(parts: list[LabelPart]) -> Sentence:
    """«Thành phần», «Hạn dùng»: as one sentence in the reader's language."""
    if not parts:
        return say("{it}", it="")
    first, rest = PARTS[parts[0]].name, parts[1:]
    return say("{one}, {others}", one=first, others=names_of(rest)) if rest else first
