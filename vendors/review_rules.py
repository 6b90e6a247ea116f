"""What sends goods to an administrator, why goods may be taken down, and by when: the rules of it, in one place.

An administrator has seen what is on sale; a change that shows shoppers something else is looked at first.
Reports and appeals have clocks in hours, kept as dated rules: 24 hours after an authority's demand (Law 122/2025/QH15
on e-commerce and Decree 248/2026/NĐ-CP); the others are the market's own terms.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kit.i18n import Sentence, say
from kit.money import show_dong
from vendors.claims import as_text, claims_in
from vendors.labels import missing, names_of
from vendors.models import Listing, ListingState, ReportReason, ReportSource
from vendors.name_rules import NameRule, names_said

SEEN_WORDS = frozenset(
    {
        "name",
        "kind",
        "about",
        "commune_code",
        "commune",
        "province",
        "is_adult_only",
        "label",
        "variants",
    }
)
PRICE_TIMES = 3  # three times what was approved, or a third of it


@dataclass(frozen=True)
class Why:
    """A reason to take goods down: as administrators and sellers read it, and as shoppers choose it."""

    words: Sentence
    shopper_words: Sentence
    law: Sentence


@dataclass(frozen=True)
class Clock:
    """A term in hours: the dated rule that sets it, and what holds when the table has none."""

    rule: str
    hours: int


REASONS: dict[ReportReason, Why] = {
    ReportReason.FORBIDDEN: Why(
        say("hàng cấm hoặc cần phép riêng"), say("Hàng cấm bán"), say("Luật 122/2025/QH15, điều 17")
    ),
    ReportReason.FAKE: Why(
        say("hàng giả, hàng nhái"), say("Hàng giả, hàng nhái"), say("Luật 19/2023/QH15, điều 10")
    ),
    ReportReason.CLAIMS: Why(
        say("nói hàng chữa bệnh hoặc nói quá"),
        say("Nói chữa được bệnh, nói quá"),
        say("Nghị định 46/2026/NĐ-CP"),
    ),
    ReportReason.WRONG: Why(
        say("tả sai, thiếu nhãn hoặc thiếu giấy tờ"),
        say("Tả sai, ảnh sai, thiếu nhãn"),
        say("Nghị định 37/2026/NĐ-CP, điều 41"),
    ),
    ReportReason.RIGHTS: Why(
        say("dùng tên, ảnh, nhãn hiệu của người khác"),
        say("Dùng tên, ảnh, nhãn hiệu của tôi"),
        say("Luật 122/2025/QH15"),
    ),
    ReportReason.OTHER: Why(say("lý do khác"), say("Điều khác"), say("Luật 122/2025/QH15, điều 17")),
}
CLOCKS: dict[ReportSource, Clock] = {
    ReportSource.AUTHORITY: Clock("takedown_authority_hours", 24),
    ReportSource.RIGHTS_HOLDER: Clock("takedown_rights_hours", 48),
    ReportSource.SHOPPER: Clock("takedown_report_hours", 72),
}
APPEAL_CLOCK = Clock("takedown_appeal_hours", 120)
SOURCES: dict[ReportSource, Sentence] = {
    ReportSource.AUTHORITY: say("Cơ quan nhà nước yêu cầu"),
    ReportSource.RIGHTS_HOLDER: say("Người có quyền báo"),
    ReportSource.SHOPPER: say("Người mua báo"),
}


def source_of(reason: ReportReason) -> ReportSource:
    """Who speaks through the public form: an owner of rights, or any shopper."""
    return ReportSource.RIGHTS_HOLDER if reason is ReportReason.RIGHTS else ReportSource.SHOPPER


def must_be_seen(listing: Listing, *, changed: Collection[str] = (), photos_changed: bool = False) -> bool:
    """Whether goods that are on sale have to wait, given which words or photos changed; the price is the new one."""
    if listing.state != ListingState.ON_SALE:
        return False
    return bool(SEEN_WORDS & set(changed)) or photos_changed or price_leapt(listing)


def price_leapt(listing: Listing) -> bool:
    """Whether the price is three times the approved one or more, or a third or less; many small steps add up."""
    return leapt(listing.price_dong, listing.approved_price_dong)


def leapt(price_dong: int, seen_dong: int | None) -> bool:
    """The same for any price and the one that was approved."""
    return seen_dong is not None and not seen_dong < price_dong * PRICE_TIMES < seen_dong * PRICE_TIMES**2


class Priced(Protocol):
    """A variant: its name, its price, and the price that was approved."""

    @property
    def name(self) -> str: ...
    @property
    def price_dong(self) -> int: ...
    @property
    def approved_price_dong(self) -> int | None: ...


def reasons_to_look(
    listing: Listing,
    *,
    stars: int = 0,
    names_without_right: Sequence[NameRule] = (),
    label: Mapping[str, str] | None = None,
    variants: Sequence[Priced] = (),
) -> list[Sentence]:
    """What an administrator should look at in goods that wait, for the list of them and for their seller.

    `names_without_right` are the protected names that the seller may not use for these goods. Without a `label`
    nobody asks what it lacks.
    """
    words = " · ".join((listing.name, *(one.name for one in variants)))
    claims = claims_in(words, listing.about, *(label or {}).values(), stars=stars)
    groups = dict.fromkeys(claim.group for claim in claims)
    reasons = [
        say(
            "Có chữ {words}: {because}.",
            words=as_text(claim for claim in claims if claim.group == group),
            because=next(claim.because for claim in claims if claim.group == group),
        )
        for group in groups
    ]
    reasons += [
        say(
            "Có chữ «{words}» là tên được bảo hộ ({name}), người bán chưa có quyền dùng cho món này.",
            words=said.words,
            name=said.rule.name,
        )
        for said in names_said(listing.kind, (listing.name, listing.about), names_without_right)
    ]
    if price_leapt(listing) and listing.approved_price_dong is not None:
        was = show_dong(listing.approved_price_dong)
        reasons.append(say("Giá đổi từ {was} thành {now}.", was=was, now=show_dong(listing.price_dong)))
    lacking = missing(listing.kind, label) if label is not None else []
    if lacking:
        reasons.append(say("Nhãn hàng còn thiếu: {parts}.", parts=names_of(lacking)))
    reasons += [
        say(
            "Giá «{name}» đổi từ {was} thành {now}.",
            name=one.name,
            was=show_dong(one.approved_price_dong or 0),
            now=show_dong(one.price_dong),
        )
        for one in variants
        if leapt(one.price_dong, one.approved_price_dong)
    ]
    return reasons
