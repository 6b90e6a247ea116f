"""What is sent about ratings: a seller's answer, a report, an administrator's decision, an author's appeal."""

from kit.forms import Form, choice, text, whole
from kit.i18n import say
from vendors.models import RatingFault
from vendors.moderation_forms import DecisionForm, ReasonForm
from vendors.rating_rules import STARS_MOST, WORDS_MOST


class RatingForm(Form):
    """A buyer's rating: stars, and words if there are any to say."""

    stars: int = whole(least=1, most=STARS_MOST, missing=say("Hãy chọn từ 1 đến 5 sao."))
    words: str = text(max_length=WORDS_MOST, required=False)


class RatingAnswerForm(Form):
    """What the seller says to it."""

    answer: str = text(
        max_length=WORDS_MOST, min_length=2, missing=say("Cô bác ghi câu trả lời, khách và mọi người sẽ đọc.")
    )


class RatingReportForm(Form):
    """What is wrong with a rating; other things have to be explained."""

    fault: RatingFault = choice(RatingFault, missing=say("Hãy chọn điều sai."))
    words: str = text(max_length=WORDS_MOST, required=False)

    def check(self) -> None:
        """«Điều khác» alone says too little."""
        if self.fault is RatingFault.OTHER and len(self.words) < 10:
            self.wrong("words", say("Hãy ghi rõ hơn điều bạn thấy, ít nhất 10 chữ."))


class RatingTakeDownForm(Form):
    """Why a rating is taken down."""

    fault: RatingFault = choice(RatingFault, missing=say("Hãy chọn lý do gỡ."))
    words: str = text(max_length=500, min_length=10, missing=say("Hãy ghi rõ vì sao gỡ, người viết sẽ đọc."))


class RatingKeepForm(ReasonForm):
    """Why a reported rating stays."""


class RatingDecisionForm(DecisionForm):
    """How an author's appeal ends, with reasons."""


class RatingAppealForm(Form):
    """The author's word against a take-down."""

    words: str = text(
        max_length=WORDS_MOST, min_length=10, missing=say("Bạn ghi vì sao nên hiện lại, ít nhất 10 chữ.")
    )
