"""Forms as a careless or hostile person fills them in: every form that anybody is shown, at the running market.

First everybody looks around and keeps the forms of the pages they get to see. Then forms are sent with words
changed, left out, doubled, swollen, or taken from somebody else's form; FUZZ_FORMS says how many.
"""

import os
from urllib.parse import urljoin, urlsplit

import httpx2
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.forms import Form, Visitor
from tests.running import RunningMarket

FORMS, SEED = int(os.environ.get("FUZZ_FORMS", "400")), int(os.environ.get("FUZZ_SEED", "1"))
HOSTILE = st.sampled_from(
    [
        "",
        " ",
        "0",
        "-1",
        "1e9",
        "٣",
        "9" * 40,
        "1.000.000",
        "0x10",
        "NaN",
        "null",
        "true",
        "[]",
        "{}",
        "2026-13-45",
        "31/02/2026",
        "0001-01-01",
        "9999-12-31T23:59:59+14:00",
        "'; --",
        "%s%n",
        "{{7*7}}",
        "<script>alert(1)</script>",
        "=HYPERLINK(1)",
        "../../etc/passwd",
        "https://example.org/",
        "//example.org",
        "a" * 5000,
        "ẵ" * 300,
        "\u0000",
        "\ud7ff",
        "\u202e",
        "👩‍🌾" * 20,
        "\r\nSet-Cookie: a=b",
        "0912000001",
        "DH00000000",
        "DATVIET",
        "19",
        "05740",
        "-9223372036854775809",
        "9223372036854775808",
    ]
)


def test_no_form_breaks_the_market(visitors: list[Visitor], fuzzed_market: RunningMarket) -> None:
    """Answers are pages, sentences and redirects into the market, never 5xx; the books stay balanced."""
    assert sum(len(one.forms) for one in visitors) > 300, "looking around finds the forms"
    pool = sorted({value for one in visitors for form in one.forms for _, value in form.fields if value})

    @seed(SEED)
    @settings(
        max_examples=FORMS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def fill_in(data: st.DataObject) -> None:
        visitor = data.draw(st.sampled_from(visitors))
        shown_to = data.draw(st.one_of(st.just(visitor), st.sampled_from(visitors)))
        form = data.draw(st.sampled_from(shown_to.forms))
        fields = changed(data, form, pool)
        answer = visitor.send(form, fields)
        said = f"{visitor.phone or 'a stranger'}: {form.method} {form.action} {fields}\n{answer.text[:2000]}"
        assert answer.status_code < 500, said
        assert stays_here(answer), f"it leads away to {answer.headers.get('location')}: {said}"

    fill_in()
    fuzzed_market.assert_balanced()


def changed(data: st.DataObject, form: Form, pool: list[str]) -> list[tuple[str, str]]:
    """The fields of a form with some of them spoilt."""
    word = st.one_of(HOSTILE, st.sampled_from(pool), st.text(max_size=40))
    made: list[tuple[str, str]] = []
    for name, value in form.fields:
        what = data.draw(st.sampled_from(("keep", "keep", "keep", "spoil", "spoil", "drop", "double")))
        if what == "drop":
            continue
        made.append((name, data.draw(word) if what == "spoil" else value))
        if what == "double":
            made.append((name, data.draw(word)))
    return made


def stays_here(answer: httpx2.Response) -> bool:
    """Whether an answer leads nowhere but into the market."""
    place = urlsplit(urljoin(str(answer.request.url), answer.headers.get("location", "/")))
    return place.netloc == urlsplit(str(answer.request.url)).netloc
