"""What a reader and a screen reader get from a page: its texts, headings, and controls with their names."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

SAID = ("aria-label", "placeholder", "title", "alt")
EMPTY = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "use",
        "wbr",
    }
)
NOT_READ = frozenset({"script", "style", "template", "svg", "noscript"})
# As people or machines wrote it: words in these are nobody's mistake.
AS_WRITTEN = frozenset({"pre", "code", "textarea"})
KEPT_WORDS = frozenset({"code-text", "brand-word"})
CONTROLS = frozenset({"input", "select", "textarea"})
NAMED = frozenset({"a", "button", "summary"})


@dataclass
class Mark:
    """An element while it is open: what it is, and the words that came inside it so far."""

    tag: str
    attrs: dict[str, str]
    words: list[str] = field(default_factory=list)


class Leaf(HTMLParser):
    """A page read through once.

    `texts` are its pieces of text in order, those of attributes too, without what is as written or marked as another
    language; `titles` the words of each h1, `title` what the tab says, `unnamed` the controls, links and
    pictures that nobody can call by a name, `doubled` the ids that stand twice, `language` what the page is in.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.titles: list[str] = []
        self.title, self.language = "", ""
        self.doubled: list[str] = []
        self._open: list[Mark] = []
        self._ids: set[str] = set()
        self._labelled: set[str] = set()
        self._controls: list[tuple[dict[str, str], str, bool]] = []
        self._nameless: list[str] = []
        self.feed(html)
        self.close()

    @property
    def unnamed(self) -> list[str]:
        """Fields without a label, and links, buttons and pictures without words."""
        return self._nameless + [
            f"<{tag} name={attrs.get('name', '')}>"
            for attrs, tag, inside in self._controls
            if not (inside or attrs.get("id") in self._labelled or self._is_named(attrs))
        ]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        told = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = told.get("lang", "")
        if (here := told.get("id")) is not None:
            self.doubled += [here] if here in self._ids else []
            self._ids.add(here)
        if tag == "label" and "for" in told:
            self._labelled.add(told["for"])
        if tag == "img" and "alt" not in told:
            self._nameless.append(f"<img src={told.get('src')}>")
        if tag in CONTROLS and told.get("type") not in ("hidden", "submit", "button"):
            self._controls.append((told, tag, any(one.tag == "label" for one in self._open)))
        self._open.append(Mark(tag, told))
        self.texts += [told[name] for name in SAID if told.get(name) and not self._is_others()]
        if tag in EMPTY:
            self._open.pop()
            self._say(told.get("alt", ""))

    def handle_endtag(self, tag: str) -> None:
        """An element ends, with those inside it that were never closed."""
        if tag in EMPTY or all(one.tag != tag for one in self._open):
            return
        while (ended := self._open.pop()).tag != tag:
            pass
        words = " ".join("".join(ended.words).split())
        if tag == "h1":
            self.titles.append(words)
        if tag == "title" and not any(one.tag == "svg" for one in self._open):
            self.title = words
        shown = not any(one.tag == "template" for one in self._open)
        if tag in NAMED and shown and not words and not self._is_named(ended.attrs):
            self._nameless.append(f"<{tag} {ended.attrs.get('href', ended.attrs.get('class', ''))}>")

    def handle_data(self, data: str) -> None:
        """A piece of text."""
        if not any(one.tag in NOT_READ for one in self._open):
            self._say(data)
            if data.strip() and not self._is_others():
                self.texts.append(re.sub(r"\s+", " ", data).strip())

    def _say(self, words: str) -> None:
        for one in self._open:
            one.words.append(words)

    def _is_others(self) -> bool:
        """Whether we stand in something as somebody wrote it, or in another language than the page's."""
        return any(
            _is_as_written(one) or one.attrs.get("lang", self.language) != self.language for one in self._open
        )

    def _is_named(self, attrs: dict[str, str]) -> bool:
        return bool(attrs.get("aria-label") or attrs.get("aria-labelledby") or attrs.get("title"))


def _is_as_written(mark: Mark) -> bool:
    return mark.tag in AS_WRITTEN or not KEPT_WORDS.isdisjoint(mark.attrs.get("class", "").split())
