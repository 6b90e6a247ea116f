"""Looking around in a running market as a browser without script would, and keeping the forms that are shown."""

import re
from collections import Counter, deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx2

from tests.running import FRESH, RunningMarket

BEGINNINGS = ("/", "/me", "/sell", "/post", "/admin", "/board", "/team", "/basket", "/orders", "/search?q=na")
PAGES_MAX, ALIKE_MAX = 160, 2
LEFT_ALONE = re.compile(
    r"^/(sign-out|static/|media/|language|size)|\.(csv|xlsx|pdf|png|svg|webp)($|\?)|/events"
)
ENDS_THE_SESSION = re.compile(r"/sign-out|/sessions|/me/requests|/block")
ONES_OWN = re.compile(r"(?<=/)(?=[^/]*[0-9A-Z])[\w-]{1,24}(?=/|$)")


@dataclass
class Form:
    """A form as a page shows it; `fields` are its names and values in the order of the page."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    is_multipart: bool = False


@dataclass
class Visitor:
    """Somebody's browser without script, and the forms that they saw."""

    phone: str
    client: httpx2.Client
    forms: list[Form] = field(default_factory=list)

    def send(self, form: Form, fields: list[tuple[str, str]]) -> httpx2.Response:
        """The form with these fields instead, not following where it leads."""
        mine = [(name, self.token if name == "csrf" else value) for name, value in fields]
        sent: dict[str, list[str]] = {}
        for name, value in mine:
            sent.setdefault(name, []).append(value)
        if form.method == "GET":
            return self.client.get(form.action, params=sent)
        if form.is_multipart:
            parts = [(name, (None, value.encode("utf-8", "replace"))) for name, value in mine]
            return self.client.post(form.action, files=parts or [("none", (None, b""))])
        return self.client.post(form.action, data=sent)

    @property
    def token(self) -> str:
        """A form token of this browser: any page's will do."""
        found = [value for form in self.forms for name, value in form.fields if name == "csrf"]
        return found[0] if found else ""


class Page(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Links, forms, and the fields of the form that is open."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.address, given["href"]))
        elif tag == "form":
            self._open = Form(
                urljoin(self.address, given.get("action", "")),
                given.get("method", "get").upper(),
                is_multipart=given.get("enctype", "") == "multipart/form-data",
            )
            self.forms.append(self._open)
        elif self._open is not None:
            self._field(tag, given)

    def handle_endtag(self, tag: str) -> None:
        """A form ends."""
        if tag == "form":
            self._open = None

    def _field(self, tag: str, given: dict[str, str]) -> None:
        assert self._open is not None
        if tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select:
            self._open.fields.append((self._select, given.get("value", "")))
            self._select = ""  # its first one
        elif tag in ("input", "textarea", "button") and given.get("name"):
            self._open.fields.append((given["name"], given.get("value", "")))


def look_around(market: RunningMarket, phone: str) -> Visitor:
    """Signs in with a browser's cookies (no phone: a stranger) and reads pages, few of a kind, for their forms."""
    client = httpx2.Client(base_url=market.url, timeout=60, limits=FRESH)
    visitor = Visitor(phone, client)
    if phone:
        sign_in(visitor, market)
    waiting, seen, kinds = deque(BEGINNINGS), set(BEGINNINGS), Counter[str]()
    while waiting and sum(kinds.values()) < PAGES_MAX:
        address = waiting.popleft()
        kind = ONES_OWN.sub("#", urlsplit(address).path)
        if kinds[kind] >= ALIKE_MAX:
            continue
        kinds[kind] += 1
        page = read(visitor, address)
        for link in page.links:
            place = urlsplit(link)
            inside = place.path + (f"?{place.query}" if place.query else "")
            if link.startswith(market.url) and inside not in seen and not LEFT_ALONE.search(inside):
                seen.add(inside)
                waiting.append(inside)
    return visitor


def read(visitor: Visitor, address: str) -> Page:
    """A page, its forms kept."""
    answer = visitor.client.get(address, follow_redirects=True)
    assert answer.status_code < 500, f"{visitor.phone} {address}: {answer.text[:2000]}"
    page = Page(str(answer.url))
    if answer.headers.get("content-type", "").startswith("text/html"):
        page.feed(answer.text)
    for form in page.forms:
        keep(visitor, form)
    return page


def keep(visitor: Visitor, form: Form) -> None:
    """A form is kept unless it ends the session or enough of its kind are known."""
    kinds = Counter(kind_of(one) for one in visitor.forms)
    if not ENDS_THE_SESSION.search(form.action) and kinds[kind_of(form)] < ALIKE_MAX:
        visitor.forms.append(form)


def kind_of(form: Form) -> tuple[str, ...]:
    """The same for forms that do the same to different things."""
    return (
        form.method,
        ONES_OWN.sub("#", urlsplit(form.action).path),
        *sorted({name for name, _ in form.fields}),
    )


def sign_in(visitor: Visitor, market: RunningMarket) -> None:
    """The two steps of signing in by pages."""
    page = read(visitor, "/sign-in?back=/me")
    asking = next(form for form in page.forms if any(name == "phone" for name, _ in form.fields))
    market.wait_for_a_new_code(visitor.phone)
    fields = [(name, visitor.phone if name == "phone" else value) for name, value in asking.fields]
    assert visitor.send(asking, fields).status_code == 303
    page = read(visitor, "/sign-in/code")
    proving = next(form for form in page.forms if any(name == "code" for name, _ in form.fields))
    code = market.last_code(visitor.phone)
    answer = visitor.send(
        proving, [(name, code if name == "code" else value) for name, value in proving.fields]
    )
    assert answer.status_code == 303, answer.text[:500]
    visitor.forms.clear()
