"""Parts of pages that are drawn once for what they show: a macro's answer is kept for its arguments.

Only for macros whose every word comes from their arguments and the language. Other arguments, a new price among them,
are another fragment, so what is kept is never old.
"""

from collections.abc import Callable

from markupsafe import Markup

FRAGMENTS_MAX = 4_000
Macro = Callable[..., Markup]
Key = tuple[object, ...]


class Fragments:
    """What one language's macros have drawn; when there are too many, keeping begins anew."""

    def __init__(self, most: int = FRAGMENTS_MAX) -> None:
        self._drawn: dict[Key, Markup] = {}
        self._most = most

    def kept(self, name: str, macro: Macro) -> Macro:
        """The macro under its name, drawn once for equal arguments of the same types; others are drawn each time."""
        drawn = self._drawn

        def draw(*args: object, **more: object) -> Markup:
            # Types count: a text and markup of the same letters are equal, and only one of them is escaped.
            key = (name, args, *map(type, args), *more.items(), *map(type, more.values()))
            try:
                found = drawn.get(key)
            except TypeError:  # one of them has no hash, so it may change
                return macro(*args, **more)
            if found is None:
                found = macro(*args, **more)
                if len(drawn) >= self._most:
                    drawn.clear()
                drawn[key] = found
            return found

        return draw
