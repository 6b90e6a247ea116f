"""What a till says: aloud for each event, and in writing for each sale."""

from dataclasses import dataclass

from kit.i18n import Sentence, say, translated
from kit.money import Dialect, show_dong
from kit.spoken import spoken_dong
from orders.models import TillSale
from orders.services.till.log import Happened, TillNews
from orders.states import SaleState, SaleWay

GOOD, BAD, AGAIN = "good", "bad", "again"
TONES = {
    Happened.PAID: GOOD,
    Happened.PLATE: GOOD,
    Happened.PARTIAL: BAD,
    Happened.OVER: BAD,
    Happened.LATE: BAD,
    Happened.AGAIN: AGAIN,
}
SPOKEN: dict[Happened, Sentence] = {
    Happened.PAID: say("Đã nhận {sum}."),
    Happened.PLATE: say("Có người vừa trả {sum}."),
    Happened.PARTIAL: say("Thiếu tiền. Mới nhận {sum}, còn thiếu {other}."),
    Happened.OVER: say("Thừa tiền. Vừa nhận {sum}, thừa {other}."),
    Happened.LATE: say("Tiền đến muộn. Vừa nhận {sum} cho lần bán đã đóng."),
    Happened.AGAIN: say("Khoản này đã trả rồi. Khách vừa trả thêm {sum}."),
}
WHOLE = say("Đã nhận đủ {other}.")
WAY_WORDS: dict[SaleWay, Sentence] = {
    SaleWay.QR: say("Mã QR"),
    SaleWay.PLATE: say("Biển QR"),
    SaleWay.CASH: say("Tiền mặt"),
    SaleWay.SEEN: say("QR lúc mất mạng"),
}
STATE_WORDS: dict[SaleState, tuple[Sentence, str]] = {
    SaleState.WAITING: (say("Chờ tiền"), "waiting"),
    SaleState.TO_CONFIRM: (say("Chưa thấy tiền về"), "waiting"),
    SaleState.PAID: (say("Đã nhận"), "good"),
    SaleState.CANCELLED: (say("Đã hủy"), "quiet"),
    SaleState.EXPIRED: (say("Hết giờ"), "quiet"),
    SaleState.NOT_SALE: (say("Không phải tiền bán"), "quiet"),
    SaleState.MATCHED: (say("Đã tính ở biển QR"), "quiet"),
}


@dataclass(frozen=True)
class Said:
    """One event aloud: the words, and the tone that the sound and the colour follow: good, bad or again."""

    words: str
    tone: str


def said_of(news: TillNews, language: str, speech: Dialect) -> Said | None:
    """What is said of an event in "vi" or "en"; None for one that changes the screen in silence."""
    tone = TONES.get(news.kind)
    if tone is None:
        return None
    sentence = SPOKEN[news.kind]
    if news.kind is Happened.PAID and news.other_dong > news.amount_dong:
        sentence = WHOLE
    sums: dict[str, object] = {
        "sum": spoken_dong(news.amount_dong, language, speech),
        "other": spoken_dong(news.other_dong, language, speech),
    }
    return Said(translated(Sentence(sentence.text, sums), language), tone)


def state_of(sale: TillSale) -> tuple[Sentence, str]:
    """The state of a sale in words, and the tone of its pill; a sum that differs is named."""
    if sale.extra_dong:
        return say("Thừa {sum}", sum=show_dong(sale.extra_dong)), "bad"
    if sale.state is SaleState.WAITING and sale.received_dong:
        return say("Thiếu {sum}", sum=show_dong(sale.amount_dong - sale.received_dong)), "bad"
    return STATE_WORDS[sale.state]
