"""Where people may be sent back to."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.web.asked import local_path


@pytest.mark.parametrize(
    "back", ["/", "/me", "/orders/DH123?x=1&y=//z", "/goods/chè", "/a#b", "/search?q=a%20b"]
)
def test_paths_of_this_site_are_kept(back: str) -> None:
    assert local_path(back, "/me") == back


@pytest.mark.parametrize(
    "back",
    [
        "",
        "me",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " /me",
        "/a b",
        "https://evil.example/",
        "https:/evil.example",
        "javascript:alert(1)",
        "/me\r\nset-cookie: a=b",
        "/" + "a" * 500,
    ],
)
def test_everything_else_leads_to_the_page_that_is_named(back: str) -> None:
    assert local_path(back, "/me") == "/me"


@given(st.one_of(st.text(), st.text(alphabet="/\\.:@a\t\n e?#", max_size=12)))
def test_nobody_is_led_off_the_site(back: str) -> None:
    """As browsers read it: tabs and line ends dropped, backslashes as slashes."""
    seen = local_path(back, "/me").translate({9: None, 10: None, 13: None, 92: 47})
    assert urlsplit(urljoin("https://cho.example/sign-in", seen)).netloc == "cho.example"
