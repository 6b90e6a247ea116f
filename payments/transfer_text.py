"""What a transfer's text says: the codes that stand in it whole, and the one code it says with a slip. Pure."""

import re
from collections.abc import Collection, Iterator

from kit.codes import CODE_LENGTH, is_code, tidy_words
from kit.text import fold

RUN_MIN = CODE_LENGTH - 2
_HEAD, _TAIL = 4, 6


def candidate_codes(*texts: str | None, prefix: str = "", length: int = CODE_LENGTH) -> list[str]:
    """All codes with a right check character that may stand in transfer texts, in order, each once.

    Banks put their own text before and after, drop or add blanks and dots, and change the case; people type
    I or L for 1. So every stretch of `length` letters and digits is tried. One in 31 stretches of any text
    passes by chance: a candidate means nothing until it is found among the payments. A cut or mistyped code
    is none; `nearly_said` looks for those.
    """
    found = (
        code for text in texts if text for code in _stretches(text, length) if is_code(code, prefix, length)
    )
    return list(dict.fromkeys(found))


def nearly_said(codes: Collection[str], *texts: str | None) -> str | None:
    """The one code of `codes` that the texts say with one slip, or cut; None when it is none or several.

    A slip is one character changed, lost or added, or two neighbours swapped; cut means that one or two characters
    are gone at the ends. Two codes differ in two places at least, so a slip of one may lie as near to another:
    then neither is meant. Give all codes that may be confused, not only the wanted one. Safe only together with
    the amount and the account.
    """
    letters = [_letters(text) for text in texts if text]
    near = {code for code in set(codes) if any(_says_nearly(one, code) for one in letters)}
    return near.pop() if len(near) == 1 else None


def _letters(text: str) -> str:
    """The text's ASCII letters and digits as codes are written, all else taken out."""
    return tidy_words(re.sub("[^a-z0-9]", "", fold(text)))


def _stretches(text: str, length: int) -> Iterator[str]:
    letters = _letters(text)
    return (letters[at : at + length] for at in range(len(letters) - length + 1))


def _says_nearly(letters: str, code: str) -> bool:
    """One slip leaves the first four or the last four characters whole: look there, then compare."""
    spare = len(code) - RUN_MIN
    if any(code[at : at + RUN_MIN] in letters for at in range(spare + 1)):
        return True
    sizes = range(len(code) - 1, len(code) + 2)
    for at in _places(letters, code[:_HEAD]):
        if any(_is_one_slip(letters[at : at + size], code) for size in sizes):
            return True
    for at in _places(letters, code[_TAIL:]):
        end = at + len(code) - _TAIL
        if any(_is_one_slip(letters[max(0, end - size) : end], code) for size in sizes):
            return True
    return False


def _places(letters: str, part: str) -> Iterator[int]:
    at = letters.find(part)
    while at >= 0:
        yield at
        at = letters.find(part, at + 1)


def _is_one_slip(said: str, code: str) -> bool:
    """Whether one change, loss, addition or swap of neighbours makes `said` of `code`."""
    same = next((at for at, (one, other) in enumerate(zip(said, code, strict=False)) if one != other), None)
    if same is None:
        return abs(len(said) - len(code)) <= 1
    if len(said) == len(code):
        swapped = code[:same] + code[same : same + 2][::-1] + code[same + 2 :]
        return said[same + 1 :] == code[same + 1 :] or said == swapped
    if len(said) < len(code):
        return said[same:] == code[same + 1 :]
    return said[same + 1 :] == code[same:]
