"""Post offices as administrators (and the demo market) enter them."""

from kit.units import Unit
from postal.models import PostalPoint


async def open_point(name: str, commune: Unit, *, line: str = "") -> None:
    """Notes a post office that collects and delivers in a commune; one that stands there already is left alone."""
    await PostalPoint.get_or_create(
        commune_code=commune.code, name=name, defaults={"commune": commune.name, "line": line}
    )
