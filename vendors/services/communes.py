"""Which commune a person meant, by what they typed or chose; names from before July 2025 are understood too."""

from dataclasses import dataclass

from kit.i18n import Sentence, say
from kit.text import fold
from kit.units import Unit, UnitHit, commune, communes_like
from kit.units_old import OldCommune, old_commune, old_communes_like

CHOICES_MAX = 8
OLD_MARK = "."
COMMUNE_CHOSEN = r"[0-9]{5}(\.[0-9]{5})?"


@dataclass(frozen=True)
class CommuneFound:
    """A commune in force, and the old one it was found by (None when by its own name).

    `key` is what a form sends back: «05500», or with the old commune behind it «05500.05461».
    """

    code: str
    name: str
    province_code: str
    province: str
    before: OldCommune | None = None

    @property
    def key(self) -> str:
        """What a form sends back for this choice."""
        return f"{self.code}{OLD_MARK}{self.before.code}" if self.before else self.code

    @property
    def label(self) -> str:
        """How it stands in its field."""
        return commune_label(self.name, self.province, self.before)


@dataclass(frozen=True)
class CommuneMeant:
    """The commune, or the choices to put before the person together with the sentence that asks.

    `before` is the old commune it was given as, when that is how the person knows it.
    """

    unit: Unit | None
    choices: tuple[CommuneFound, ...] = ()
    fault: Sentence | None = None
    before: OldCommune | None = None

    @property
    def key(self) -> str:
        """The settled commune's key; empty when it is not settled."""
        return self.found.key if self.unit else ""

    @property
    def label(self) -> str:
        """The settled commune's label; empty when it is not settled."""
        return self.found.label if self.unit else ""

    @property
    def found(self) -> CommuneFound:
        """The commune as a choice. Raises ValueError when it is not settled."""
        if self.unit is None:
            raise ValueError("no commune is settled")
        return _found(self.unit, self.before)


async def commune_meant(typed: str, key: str, asked: str = "") -> CommuneMeant:
    """The commune by the key of a choice if it belongs to what is typed, else by the text alone.

    `asked` is the text that choices were shown for: a choice counts only while the text stands.
    """
    if key and (chosen := await _chosen(key)) and _belongs(chosen, typed, asked):
        return chosen
    if not typed:
        return CommuneMeant(None, fault=say("Cần tên xã hoặc phường, ví dụ «Tân Cương»."))
    found = await communes_found(typed, limit=CHOICES_MAX)
    only = _only(found, typed)
    if only is not None and (chosen := await _chosen(only.key)):
        return chosen
    if found:
        return CommuneMeant(None, tuple(found), _question(found))
    return CommuneMeant(
        None, fault=say("Không có xã, phường nào tên «{typed}». Hãy xem lại chính tả.", typed=typed)
    )


async def communes_found(text: str, *, limit: int = CHOICES_MAX) -> list[CommuneFound]:
    """Communes in force by their own name, then by the name of an old one that went into them.

    A divided old commune stands once for each it went into. An old name that says no more than the new one is
    left out. At most `limit`.
    """
    if not fold(text):
        return []
    now = [_found(hit) for hit in await communes_like(text, limit=limit)]
    if len(now) == limit:
        return now
    there = {(one.code, fold(one.name)) for one in now}
    old = [
        _found(step.unit, one)
        for one in await old_communes_like(text, limit=limit)
        for step in one.became
        if (step.unit.code, fold(one.name)) not in there
    ]
    return [*now, *old][:limit]


def _found(unit: Unit | UnitHit, before: OldCommune | None = None) -> CommuneFound:
    return CommuneFound(unit.code, unit.name, unit.province_code, unit.province, before)


def _only(found: list[CommuneFound], typed: str) -> CommuneFound | None:
    """The one that is clear by itself. A name in force goes before the same old name of the same place."""
    if len(found) == 1:
        return found[0]
    exact = [one for one in found if _is_exact(one, typed)]
    by_new = [one for one in exact if one.before is None]
    if len(by_new) == 1:
        code = by_new[0].code
        exact = by_new + [one for one in exact if one.before and code not in _codes(one.before)]
    return exact[0] if len(exact) == 1 else None


def _codes(before: OldCommune) -> set[str]:
    return {step.unit.code for step in before.became}


async def _chosen(key: str) -> CommuneMeant | None:
    code, _, old_code = key.partition(OLD_MARK)
    unit = await commune(code)
    if unit is None or not old_code:
        return CommuneMeant(unit) if unit else None
    before = await old_commune(old_code)
    if before is None or code not in _codes(before):
        return None
    return CommuneMeant(unit, before=before)


def _question(found: list[CommuneFound]) -> Sentence:
    before = found[0].before
    if before is not None and all(one.before == before for one in found):
        return say("{old} cũ nay thuộc nhiều xã, phường. Hãy chọn nơi của bạn ở dưới.", old=before.name)
    return say("Có nhiều nơi tên như vậy. Hãy chọn một nơi ở dưới.")


def commune_label(name: str, province: str, before: OldCommune | None = None) -> str:
    """How a chosen commune stands in its field: «Xã La Hiên, Thái Nguyên», found by an old name with that behind."""
    now = f"{name}, {short_province(province)}"
    return f"{now} ({old_label(before)})" if before else now


def old_label(before: OldCommune) -> str:
    """The commune in three levels: «Phường Hương Sơn, Thành phố Thái Nguyên, Thái Nguyên»."""
    return f"{before.name}, {before.district}, {short_province(before.province)}"


def short_province(province: str) -> str:
    """The province without its type: «Thái Nguyên» for «Tỉnh Thái Nguyên»."""
    for kind in ("Tỉnh ", "Thành phố "):
        province = province.removeprefix(kind)
    return province


def _belongs(chosen: CommuneMeant, typed: str, asked: str) -> bool:
    unit = chosen.unit
    assert unit is not None
    shown = (chosen.label, commune_label(unit.name, unit.province), unit.name, unit.short_name, asked)
    return not typed or fold(typed) in {fold(one) for one in shown if one}


def _is_exact(found: CommuneFound, typed: str) -> bool:
    """Whether the text is this commune's whole name: in force, or as the old one was called."""
    plain = commune_label(found.name, found.province)
    names = (found.before.name, old_label(found.before)) if found.before else (found.name, plain)
    return typed.casefold() in {one.casefold() for one in names}
