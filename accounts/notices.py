"""What people are told about, by which ways, at which hours: kinds, channels, quiet hours, sentences that are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kit.clock import VIETNAM
from kit.i18n import Sentence, say

QUIET_FROM, QUIET_TO = 22, 7
Kept = dict[str, object]


class NoticeKind(StrEnum):
    """What a notice is about, as its reader chooses."""

    ORDER = "order"
    SALE = "sale"
    GOODS = "goods"
    CERTIFICATE = "certificate"
    HARVEST = "harvest"
    SYSTEM = "system"


class Channel(StrEnum):
    """The ways out of the market, in the order they are tried; the page of notices itself always has it."""

    PUSH = "push"
    ZALO = "zalo"
    SMS = "sms"
    EMAIL = "email"


class NoticeState(StrEnum):
    """What became of a notice outside its page: still to go, gone, nowhere to go, refused everywhere, too late."""

    WAITING = "waiting"
    CARRIED = "carried"
    KEPT = "kept"
    FAILED = "failed"
    LATE = "late"


class TryState(StrEnum):
    """How one channel did with one notice."""

    TRYING = "trying"
    CARRIED = "carried"
    FAILED = "failed"


@dataclass(frozen=True)
class Telling:
    """Something to tell a person: its title and words, where it leads, and until when it is worth a message."""

    kind: NoticeKind
    title: Sentence
    words: Sentence
    url: str
    good_for: timedelta = timedelta(hours=20)


KIND_WORDS: Mapping[NoticeKind, tuple[Sentence, Sentence]] = {
    NoticeKind.ORDER: (say("Đơn tôi mua"), say("Đã nhận tiền, đã gửi, đã giao, hết giờ.")),
    NoticeKind.SALE: (say("Đơn khách đặt"), say("Có đơn đã trả tiền, đơn bị hủy, khách khiếu nại.")),
    NoticeKind.GOODS: (say("Hàng của tôi"), say("Hàng được duyệt, bị trả về, bị gỡ.")),
    NoticeKind.CERTIFICATE: (say("Chứng nhận"), say("Chứng nhận sắp hết hạn.")),
    NoticeKind.HARVEST: (say("Mùa thu hoạch"), say("Đến ngày gửi hàng khách đặt trước.")),
    NoticeKind.SYSTEM: (say("Việc chung"), say("Phần mềm nối với chợ bị dừng, hộp thư đổi.")),
}
CHANNEL_WORDS: Mapping[Channel, Sentence] = {
    Channel.PUSH: say("Báo trên máy"),
    Channel.ZALO: say("Zalo"),
    Channel.SMS: say("Tin nhắn"),
    Channel.EMAIL: say("Thư điện tử"),
}
# Off until chosen. A seller's bank tells of the same money already, and texts cost the province.
OFF_AT_FIRST = frozenset({(NoticeKind.SALE, Channel.SMS), (NoticeKind.SYSTEM, Channel.SMS)})
# To a buyer's phone number only with the consent to texts about orders (accounts.purposes).
BY_CONSENT = frozenset({(NoticeKind.ORDER, Channel.SMS), (NoticeKind.ORDER, Channel.ZALO)})


def is_on(kind: NoticeKind, channel: Channel, chosen: Mapping[tuple[str, str], bool]) -> bool:
    """Whether somebody wants this kind by this way; `chosen` are their own words, kind and channel to yes or no."""
    return chosen.get((str(kind), str(channel)), (kind, channel) not in OFF_AT_FIRST)


def speaks_at(now: datetime, quiet_from: int = QUIET_FROM, quiet_to: int = QUIET_TO) -> datetime:
    """When a message may go out: now, or at the end of the quiet hours (full hours in Vietnam) that now lies in.

    From 22 to 7 goes over midnight; the same hour twice is no quiet at all.
    """
    local = now.astimezone(VIETNAM)
    since = (local.hour - quiet_from) % 24
    if since >= (quiet_to - quiet_from) % 24:
        return now
    hours = (quiet_to - local.hour) % 24
    return local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)


def as_kept(sentence: Sentence) -> Kept:
    """A sentence as JSON, to be said later in whatever language its reader then has."""
    values = {
        name: as_kept(value)
        if isinstance(value, Sentence)
        else value
        if isinstance(value, int)
        else str(value)
        for name, value in sentence.values.items()
    }
    return {"text": sentence.text, "values": values}


def from_kept(kept: Mapping[str, object]) -> Sentence:
    """The sentence again."""
    values = kept["values"]
    assert isinstance(values, dict)
    said = {name: from_kept(value) if isinstance(value, dict) else value for name, value in values.items()}
    return Sentence(str(kept["text"]), said)
