"""Ratings: how a name is masked, what an average is, what waits for a look, why one may be taken down, the clocks.

Law 122/2025/QH15 on e-commerce asks that buyers' ratings are shown in full: a seller answers and reports, but hides
nothing; only an administrator takes one down, for one of these reasons, and says so where it stood.
"""

import re
from dataclasses import dataclass

from kit.i18n import Sentence, say
from vendors.models import RatingFault, ReportSource
from vendors.review_rules import APPEAL_CLOCK, CLOCKS, Why

STARS_MOST = 5
PHOTOS_MOST = 3
WORDS_MOST = 1000
REPORT_CLOCK = CLOCKS[ReportSource.SHOPPER]
AUTHORS_APPEAL_CLOCK = APPEAL_CLOCK

FAULTS: dict[RatingFault, Why] = {
    RatingFault.INSULT: Why(
        say("chửi bới, xúc phạm người khác"), say("Chửi bới, xúc phạm"), say("Nghị định 147/2024/NĐ-CP")
    ),
    RatingFault.PRIVATE: Why(
        say("nêu chuyện riêng, số điện thoại, địa chỉ của người khác"),
        say("Lộ chuyện riêng, số điện thoại"),
        say("Luật 91/2025/QH15"),
    ),
    RatingFault.ADVERT: Why(
        say("quảng cáo, không nói về món hàng"), say("Quảng cáo"), say("Luật 122/2025/QH15")
    ),
    RatingFault.FORBIDDEN: Why(
        say("lời hoặc ảnh bị pháp luật cấm"), say("Lời, ảnh bị cấm"), say("Luật 122/2025/QH15, điều 17")
    ),
    RatingFault.OTHER: Why(say("lý do khác"), say("Điều khác"), say("Luật 122/2025/QH15")),
}
# Ten or eleven digits of a phone, however they are set apart; hotlines; addresses of mail.
_REACHES = re.compile(
    r"(?<!\d)(?:(?:\+?84|0)(?:[\s.\-]{0,2}\d){9,10}|1[89]00(?:[\s.\-]{0,2}\d){4,6})(?!\d)|\S+@[\w-]+\.\w+"
)
# No ends that Vietnamese words may look like when the blank after a full stop is left out («ngon.me», «tốt.shop»).
_LEADS_OUT = re.compile(
    r"https?://|\bwww\.|\b[\w-]+\.(?:com|vn|net|org|info|xyz|asia|online)\b|\b[\w-]+\.(?:me|ly|gl|shop|link)/"
    r"|\b(?:zalo|telegram|viber|fb|facebook)\s*[:/]",
    re.I,
)
STAR_WORDS: dict[int, Sentence] = {
    5: say("Rất hài lòng"),
    4: say("Hài lòng"),
    3: say("Tạm được"),
    2: say("Chưa hài lòng"),
    1: say("Thất vọng"),
}


@dataclass(frozen=True)
class Rated:
    """How many rated goods or a seller, and what they gave on average in tenths of a star (46 is 4.6)."""

    count: int
    tenths: int

    @property
    def shown(self) -> str:
        """«4,6»."""
        return f"{self.tenths // 10},{self.tenths % 10}"


def rated(count: int, stars: int) -> Rated:
    """The average of so many ratings with so many stars together, half a tenth rounded up; nothing of none."""
    return Rated(count, (20 * stars + count) // (2 * count) if count else 0)


def held_for(words: str) -> RatingFault | None:
    """Why words wait for a look before anybody reads them: a phone number or mail address, a link; None for others."""
    if _REACHES.search(words):
        return RatingFault.PRIVATE
    return RatingFault.ADVERT if _LEADS_OUT.search(words) else None


def masked_name(name: str) -> str:
    """«Nguyễn Thị Hoa» as «Nguyễn T. H.»: the first word and the others' first letters; of one word its letter."""
    words = [word for word in name.split() if word[0].isalpha()]
    if not words:
        return ""
    first, *others = words
    shown = [first] if others else [f"{first[0].upper()}."]
    return " ".join((*shown, *(f"{word[0].upper()}." for word in others)))[:120]
