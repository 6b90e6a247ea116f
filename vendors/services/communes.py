"""Which commune a person meant, by what they typed or chose."""

from dataclasses import dataclass

from kit.i18n import Sentence, say
from kit.text import fold
from kit.units import Unit, UnitHit, commune, communes_like

CHOICES_MAX = 8


@dataclass(frozen=True)
class CommuneMeant:
    """The commune, or the choices to put before the person together with the sentence that asks."""

    unit: Unit | None
    choices: tuple[UnitHit, ...] = ()
    fault: Sentence | None = None


async def commune_meant(typed: str, code: str, asked: str = "") -> CommuneMeant:
    """The commune by code if it belongs to what is typed, else by the text alone.

    `asked` is the text that choices were shown for: a code chosen from them counts only while the text stands.
    """
    if code and (unit := await commune(code)) and _belongs(unit, typed, asked):
        return CommuneMeant(unit)
    if not typed:
        return CommuneMeant(None, fault=say("Cần tên xã hoặc phường, ví dụ «Tân Cương»."))
    hits = await communes_like(typed, limit=CHOICES_MAX)
    exact = [hit for hit in hits if _is_exact(hit, typed)]
    if len(hits) == 1 or len(exact) == 1:
        return CommuneMeant(await commune((exact or hits)[0].code))
    if hits:
        return CommuneMeant(None, tuple(hits), say("Có nhiều nơi tên như vậy. Hãy chọn một nơi ở dưới."))
    return CommuneMeant(
        None,
        fault=say("Không có xã, phường nào tên «{typed}» từ 01/07/2025. Hãy xem lại chính tả.", typed=typed),
    )


def commune_label(name: str, province: str) -> str:
    """«Xã La Hiên, Thái Nguyên»: how a chosen commune stands in its field."""
    return f"{name}, {short_province(province)}"


def short_province(province: str) -> str:
    """The province without its type: «Thái Nguyên» for «Tỉnh Thái Nguyên»."""
    for kind in ("Tỉnh ", "Thành phố "):
        province = province.removeprefix(kind)
    return province


def _belongs(unit: Unit, typed: str, asked: str) -> bool:
    shown = (commune_label(unit.name, unit.province), unit.name, unit.short_name, asked)
    return not typed or fold(typed) in {fold(one) for one in shown if one}


def _is_exact(hit: UnitHit, typed: str) -> bool:
    return typed.casefold() in (hit.name.casefold(), commune_label(hit.name, hit.province).casefold())
