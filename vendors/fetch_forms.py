"""What a seller says about buyers who come to fetch."""

from kit.forms import Form, text


class FetchingForm(Form):
    """The hours of the stall; the kinds of places come several times under one name, `fetch_at`."""

    hours: str = text(max_length=120, required=False)
