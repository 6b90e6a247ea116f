"""The shape of what is said of an order: its steps, and what stands at its top."""

from dataclasses import dataclass
from datetime import datetime

from kit.i18n import Sentence


@dataclass(frozen=True)
class Step:
    """One step of an order: done, current, next or bad, and since when."""

    label: Sentence
    moment: datetime | None
    state: str


@dataclass(frozen=True)
class Said:
    """What stands at the top of an order: the state in words, its tone, what comes next or what to do."""

    title: Sentence
    tone: str
    lines: tuple[Sentence, ...]


@dataclass(frozen=True)
class Words:
    """A notice's title and words."""

    title: Sentence
    words: Sentence
