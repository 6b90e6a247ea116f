"""Pages: Jinja templates of all packages, strict, in the reader's language."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache, partial
from gettext import NullTranslations
from typing import Any
from weakref import WeakKeyDictionary

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from kit.dates import show_day, show_moment, vietnam_date
from kit.i18n import LANGUAGES, PACKAGES, Sentence, counted, translated, translations
from kit.identifiers import show_phone
from kit.money import show_dong, show_weight
from kit.settings import ROOT, Settings
from kit.web.callers import caller_of, parts_of
from kit.web.csrf import token_for
from kit.web.folding import FoldingEnvironment
from kit.web.fragments import Fragments
from kit.web.offline import OWNER_HEADER, page_owner

STATIC = ROOT / "static"
_plain_paths: WeakKeyDictionary[Starlette, dict[str, str]] = WeakKeyDictionary()


def render(request: Request, template: str, page: object = None, *, status: int = 200) -> Response:
    """A page from a template; the fields of `page` (a dataclass) are its variables."""
    language = language_of(request)
    html = (
        environment(language).get_template(template).render({**_frame(request, language), **_variables(page)})
    )
    headers = {"content-language": language, "vary": "cookie", OWNER_HEADER: page_owner(request)}
    return HTMLResponse(html, status_code=status, headers=headers)


def language_of(request: Request) -> str:
    """ "vi" or "en": the language cookie, else what the API caller accepts, else Vietnamese."""
    chosen = request.cookies.get("language") or caller_of(request).language
    if chosen in LANGUAGES:
        return chosen
    if request.url.path.startswith("/api/") and request.headers.get("accept-language", "").startswith("en"):
        return "en"
    return "vi"


@cache
def environment(language: str) -> Environment:
    """The Jinja environment of one language."""
    folders = [FileSystemLoader(ROOT / package / "templates") for package in PACKAGES]
    made = FoldingEnvironment(
        loader=ChoiceLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(lang=language, asset=asset, gettext=_counting(language), drawn_once=Fragments().kept)
    made.folds = {"_": partial(_sentence, translations(language)), "asset": asset}
    made.filters.update(
        dong=show_dong,
        weight=show_weight,
        day=_shown_day,
        moment=_shown_moment,
        phone=_shown_phone,
        say=_sayer(language),
    )
    return made


@cache
def asset(path: str) -> str:
    """The address of a static file, marked with its content so that browsers may keep it for ever."""
    mark = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]
    return f"/static/{path}?v={mark}"


def _counting(language: str) -> Callable[..., Markup]:
    """The `_` of templates: jinja's newstyle gettext, which also knows the English forms for one and for many."""

    def gettext(text: str, /, **values: object) -> Markup:
        return Markup(counted(text, values, language)) % values  # noqa: S704  our own catalogues

    return gettext


def _sentence(catalogue: NullTranslations, msgid: str) -> Markup:
    """A sentence as the newstyle gettext of Jinja gives it. Raises KeyError for one with gaps."""
    return Markup(catalogue.gettext(msgid)) % {}  # noqa: S704  our own catalogues, as Jinja itself takes them


def _frame(request: Request, language: str) -> dict[str, object]:
    app = request.app
    known = _plain_paths.setdefault(app, {})  # addresses without places, looked for once in each application

    def url(name: str, **places: object) -> str:
        if places:
            return str(app.url_path_for(name, **places))
        if name not in known:
            known[name] = str(app.url_path_for(name))
        return known[name]

    def csrf() -> Markup:
        return Markup('<input type="hidden" name="csrf" value="{}">').format(token_for(request))

    return {
        "url": url,
        "csrf": csrf,
        "caller": caller_of(request),
        "page_of": page_owner(request),
        "path": request.url.path,
        "full_path": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "demo": not parts_of(request)[Settings].is_production,
        "basket_count": _small_number(request.cookies.get("basket_count", "")),
        "big_text": request.cookies.get("text_size") == "big",
    }


def _variables(page: object) -> Mapping[str, Any]:
    if page is None:
        return {}
    if not is_dataclass(page):
        raise TypeError("a page is a dataclass")
    return {one.name: getattr(page, one.name) for one in fields(page)}


def _sayer(language: str) -> object:
    def say(sentence: Sentence | str) -> str:
        return translated(sentence, language)

    return say


def _shown_day(day: date | datetime | None) -> str:
    if isinstance(day, datetime):
        day = vietnam_date(day)
    return show_day(day) if day else ""


def _shown_moment(moment: datetime | None) -> str:
    return show_moment(moment) if moment else ""


def _shown_phone(phone: str) -> str:
    return show_phone(phone).replace(" ", "\u00a0")  # a number is never broken over two lines


def _small_number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 0
