"""make messages: lists user texts that have no English, and English that no text asks for any more."""

import sys
from pathlib import Path

from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kit.i18n import PACKAGES, catalogue

OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.do"}}
METHODS = [("**/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
# Without the extension a page that uses it would be left out in silence.
OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.do", "silent": "false"}}
KEYWORDS = {"_": None, "say": None, "gettext": None, "ngettext": (1, 2), "msgid": None}


def asked_for(package: str) -> set[str]:
    """The Vietnamese texts of one package's templates and code."""
    found = extract_from_dir(
        str(ROOT / package), METHODS, keywords=KEYWORDS, options_map=OPTIONS, comment_tags=()
    )
    return {one[2][0] if isinstance(one[2], tuple) else one[2] for one in found if one[2]}


def translated_in(package: str) -> set[str]:
    """The texts of one package's English catalogue that have words."""
    texts = set()
    for message in catalogue(package, "en"):
        if (
            message.id
            and message.string
            and all(message.string if isinstance(message.string, tuple) else [1])
        ):
            texts.add(message.id[0] if isinstance(message.id, list | tuple) else message.id)
    return texts


def missing(package: str) -> set[str]:
    """Texts of a package that no catalogue knows."""
    known = set().union(*(translated_in(one) for one in PACKAGES))
    return asked_for(package) - known


def main() -> int:
    """Prints what is missing; 1 when anything is."""
    wanting = {package: missing(package) for package in PACKAGES}
    for package, texts in wanting.items():
        for text in sorted(texts):
            print(f"{package}: {text}")
    return 1 if any(wanting.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
