"""What a seller says about an endpoint of their own system."""

from kit.forms import Form, flag, matching, text
from kit.i18n import say
from vendors.services.webhooks.endpoints import EVENT_WORDS

_ONE = "|".join(EVENT_WORDS).replace(".", r"\.")
_EVENTS = rf"({_ONE})(,({_ONE}))*"
_UNKNOWN = say("Loại tin viết như order.paid,order.lost, cách nhau bằng dấu phẩy.")


class EndpointForm(Form):
    """An address that is told of events; `events` are their names with commas between, none meaning all."""

    url: str = text(max_length=300, missing=say("Cần địa chỉ nhận tin, bắt đầu bằng https://."))
    label: str = text(max_length=80, required=False)
    events: str = matching(_EVENTS, _UNKNOWN, required=False)


class EndpointChangeForm(Form):
    """What an endpoint wants from now on, and whether it is on."""

    label: str = text(max_length=80, required=False)
    events: str = matching(_EVENTS, _UNKNOWN, required=False)
    is_on: bool = flag()


def events_in(text: str | None) -> list[str]:
    """The names in a list with commas."""
    return text.split(",") if text else []
