"""What shoppers report, what administrators decide, and what sellers say against it."""

from datetime import date

from kit.forms import Form, choice, day, flag, phone, text
from kit.i18n import say
from vendors.models import ReportReason


class ReportForm(Form):
    """What is wrong with goods; words are needed where the reason alone says too little."""

    reason: ReportReason = choice(ReportReason, missing=say("Hãy chọn điều bạn thấy sai."))
    words: str = text(max_length=1000, required=False)
    phone: str | None = phone(required=False)

    def check(self) -> None:
        """Rights and other things have to be explained."""
        needs_words = self.reason in (ReportReason.RIGHTS, ReportReason.OTHER, ReportReason.WRONG)
        if needs_words and len(self.words) < 10:
            self.wrong("words", say("Hãy ghi rõ hơn điều bạn thấy, ít nhất 10 chữ."))


class TakeDownForm(Form):
    """Why goods are taken down."""

    reason: ReportReason = choice(ReportReason, missing=say("Hãy chọn lý do gỡ."))
    words: str = text(max_length=500, min_length=10, missing=say("Hãy ghi rõ vì sao gỡ, người bán sẽ đọc."))


class DemandForm(Form):
    """An authority's demand as it came."""

    reason: ReportReason = choice(ReportReason, missing=say("Hãy chọn lý do."))
    document: str = text(max_length=120, min_length=3, missing=say("Hãy ghi số văn bản và cơ quan."))
    received_on: date = day(missing=say("Hãy ghi ngày nhận."))
    words: str = text(max_length=1000, required=False)


class ReasonForm(Form):
    """An administrator's words: an answer to a report, or why goods come back."""

    answer: str = text(max_length=500, min_length=10, missing=say("Hãy ghi lý do, ít nhất 10 chữ."))


class DecisionForm(ReasonForm):
    """How an appeal ends, with reasons."""

    is_granted: bool = flag()


class AppealForm(Form):
    """A seller's word against a take-down."""

    words: str = text(
        max_length=1000, min_length=10, missing=say("Cô bác ghi vì sao nên trả hàng lại, ít nhất 10 chữ.")
    )
