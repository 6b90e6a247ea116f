"""Refusals: what a person may read when the market says no. Anything else that is raised is a fault."""

from kit.i18n import Sentence, say


class Refusal(Exception):
    """A no with its sentence, its HTTP status and, where it belongs to one, the form field."""

    status = 422

    def __init__(self, sentence: Sentence, *, status: int | None = None, field: str | None = None) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.field = field
        self.status = status or type(self).status


class NotFound(Refusal):
    """There is no such thing, or it is not the reader's to see."""

    status = 404

    def __init__(self, sentence: Sentence | None = None) -> None:
        super().__init__(sentence or say("Không tìm thấy trang này."))


class NotAllowed(Refusal):
    """The caller may not do this."""

    status = 403

    def __init__(self, sentence: Sentence | None = None) -> None:
        super().__init__(sentence or say("Bạn không có quyền vào trang này."))


class Conflict(Refusal):
    """The thing has moved on; the act no longer fits its state."""

    status = 409


class TooMany(Refusal):
    """Asked too often; `wait_seconds` says when to come back."""

    status = 429

    def __init__(self, sentence: Sentence, *, wait_seconds: int) -> None:
        super().__init__(sentence)
        self.wait_seconds = wait_seconds
