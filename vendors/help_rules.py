"""Helping a household: the words of a consent by version, and when it lets a member of the team act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

from kit.dates import show_day, show_moment, vietnam_date
from kit.i18n import Sentence, say
from vendors.models import (
    Difficulty,
    HelpActKind,
    HelpConsent,
    HelpScope,
    HouseholdSource,
    HouseholdState,
)

TEXT_VERSION = "2026-11"
DAYS_CHOICES = (7, 30, 90)
DAYS_USUAL = 30
ASKED_GOOD_FOR = timedelta(hours=1)

SCOPE_WORDS: dict[HelpScope, Sentence] = {
    HelpScope.ABOARD: say("mở quầy hàng"),
    HelpScope.LISTINGS: say("đăng và sửa hàng"),
    HelpScope.IDENTITY: say("điền nháp hồ sơ người bán"),
}
STATE_WORDS: dict[HouseholdState, Sentence] = {
    HouseholdState.WAITING: say("Chưa hẹn"),
    HouseholdState.PLANNED: say("Đã hẹn ngày"),
    HouseholdState.VISITED: say("Đã đến, còn việc"),
    HouseholdState.DONE: say("Xong"),
    HouseholdState.DECLINED: say("Không muốn làm"),
}
STATE_TONES: dict[HouseholdState, str] = {
    HouseholdState.WAITING: "waiting",
    HouseholdState.PLANNED: "waiting",
    HouseholdState.VISITED: "waiting",
    HouseholdState.DONE: "good",
    HouseholdState.DECLINED: "quiet",
}
OPEN_STATES = (HouseholdState.WAITING, HouseholdState.PLANNED, HouseholdState.VISITED)
SOURCE_WORDS: dict[HouseholdSource, Sentence] = {
    HouseholdSource.TEAM: say("Tổ công nghệ số ghi"),
    HouseholdSource.BOARD: say("Ban quản lý chợ nhờ"),
    HouseholdSource.STUCK: say("Đã mở quầy, đang vướng"),
}
DIFFICULTY_WORDS: dict[Difficulty, Sentence] = {
    Difficulty.NO_SMARTPHONE: say("Không có điện thoại thông minh"),
    Difficulty.NO_BANK_ACCOUNT: say("Chưa có tài khoản ngân hàng hay Mobile Money"),
    Difficulty.WEAK_SIGNAL: say("Sóng yếu, không có Wi-Fi"),
    Difficulty.NO_DATA_PLAN: say("Không đăng ký gói mạng"),
    Difficulty.SMALL_TYPE: say("Không đọc được chữ nhỏ"),
    Difficulty.LANGUAGE: say("Quen nói tiếng dân tộc"),
    Difficulty.TAX_FEAR: say("Sợ bị truy thu thuế"),
    Difficulty.FRAUD_FEAR: say("Sợ bị lừa mất tiền"),
    Difficulty.NO_PAPERS: say("Giấy tờ chưa đủ hoặc sai"),
    Difficulty.NO_TIME: say("Không có thời gian học"),
    Difficulty.OTHER: say("Khó khăn khác"),
}
DONE_WORDS: dict[str, Sentence] = {
    "asked": say("Hỏi chuyện, giới thiệu chợ"),
    "aboard": say("Mở quầy hàng"),
    "goods": say("Đăng hàng, chụp ảnh"),
    "identity": say("Hồ sơ người bán"),
    "account": say("Chỉ cách thêm tài khoản nhận tiền"),
    "taught": say("Tập dùng điện thoại, tập nhận tiền QR"),
    "plate": say("In, treo biển QR"),
}
ACT_WORDS: dict[HelpActKind, Sentence] = {
    HelpActKind.CAME_ABOARD: say("Mở quầy hàng «{subject}»"),
    HelpActKind.LISTING_PUT_UP: say("Đăng hàng «{subject}»"),
    HelpActKind.LISTING_CHANGED: say("Sửa hàng «{subject}»"),
    HelpActKind.IDENTITY_READ: say("Xem nháp hồ sơ người bán"),
    HelpActKind.IDENTITY_DRAFTED: say("Điền nháp hồ sơ người bán"),
}


@dataclass(frozen=True)
class Asked:
    """What a consent is about: who would help (name, phone as shown), with what, until when."""

    member: str
    member_phone: str
    scopes: tuple[HelpScope, ...]
    ends_at: datetime


def listed(sentences: Sequence[Sentence]) -> Sentence:
    """Several sentences as one, with commas between them."""
    return reduce(lambda one, more: say("{one}, {more}", one=one, more=more), sentences)


def scopes_words(scopes: Sequence[str]) -> Sentence:
    """What may be done, in words; the acts in their own order."""
    return listed(
        [words for scope, words in SCOPE_WORDS.items() if scope in scopes] or [say("không việc gì")]
    )


def consent_words(asked: Asked, version: str = TEXT_VERSION) -> tuple[Sentence, ...]:
    """The text a household agrees to, paragraph by paragraph, as it stood in this version."""
    texts = {TEXT_VERSION: _text_2026_11}
    return texts[version](asked)


def code_words(asked: Asked) -> Sentence:
    """The text message with the code: who asks, for what, until when; {code} and {n} are filled when it is sent."""
    return say(
        "{code} là mã cho phép {member} ({phone}, tổ công nghệ số) làm giúp trên Chợ 4.0: {scopes}, "
        "đến hết {day}. Cô bác tự bấm mã, đừng đọc cho ai. Không nhờ thì bỏ qua. Mã dùng trong {n} phút.",
        member=asked.member,
        phone=asked.member_phone,
        scopes=scopes_words(asked.scopes),
        day=show_day(vietnam_date(asked.ends_at)),
    )


def refusal_of(
    consent: HelpConsent | None, scope: HelpScope, household: str, now: datetime
) -> Sentence | None:
    """Why a member may not act under this consent, as a sentence to that member; None when they may."""
    if consent is None or consent.given_at is None:
        return say("{household} chưa đồng ý để bạn làm giúp. Hãy xin phép chủ hộ trước.", household=household)
    if consent.ended_at is not None:
        return say(
            "{household} đã rút lại sự đồng ý lúc {moment}. Bạn không làm giúp tiếp được, trừ khi chủ hộ đồng ý lại.",
            household=household,
            moment=show_moment(consent.ended_at),
        )
    if consent.ends_at <= now:
        return say(
            "Sự đồng ý của {household} đã hết hạn ngày {day}. Hãy xin phép chủ hộ lại.",
            household=household,
            day=show_day(vietnam_date(consent.ends_at)),
        )
    if scope not in consent.scopes:
        return say(
            "{household} chỉ nhờ bạn {scopes}, không nhờ việc này.",
            household=household,
            scopes=scopes_words(consent.scopes),
        )
    return None


def _text_2026_11(asked: Asked) -> tuple[Sentence, ...]:
    return (
        say(
            "Tôi đồng ý để {member} ({phone}), tổ công nghệ số cộng đồng, làm giúp tôi trên Chợ 4.0: {scopes}. "
            "Đồng ý này hết vào cuối ngày {day}.",
            member=asked.member,
            phone=asked.member_phone,
            scopes=scopes_words(asked.scopes),
            day=show_day(vietnam_date(asked.ends_at)),
        ),
        say(
            "Người giúp không được xem mã tin nhắn, số định danh đầy đủ, số tài khoản và tiền bán hàng của tôi, "
            "không được đổi tài khoản nhận tiền."
        ),
        say("Mỗi việc làm giúp được ghi lại cho tôi xem. Tôi dừng lúc nào cũng được, không phải nói lý do."),
    )
