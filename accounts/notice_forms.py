"""What people choose about notices: quiet hours, one kind by one channel, a mailbox, a browser."""

from accounts.notices import Channel, NoticeKind
from kit.forms import Form, choice, flag, text, whole
from kit.i18n import say


class HoursForm(Form):
    """The quiet hours, full hours in Vietnam; the same hour twice is none. Which kinds come how is read beside it."""

    quiet_from: int = whole(least=0, most=23)
    quiet_to: int = whole(least=0, most=23)


class ChoiceForm(Form):
    """One kind by one channel, yes or no."""

    kind: NoticeKind = choice(NoticeKind, missing=say("Hãy chọn một loại tin."))
    channel: Channel = choice(Channel, missing=say("Hãy chọn một cách báo."))
    is_on: bool = flag()


class EmailForm(Form):
    """A mailbox; empty for none."""

    email: str = text(max_length=200, required=False)


class DeviceForm(Form):
    """A browser's address at its push service and its keys, as the Push API gives them."""

    endpoint: str = text(max_length=600)
    p256dh: str = text(max_length=100)
    auth: str = text(max_length=40)
