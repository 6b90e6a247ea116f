"""The post's rounds. `follow_parcel` is left for the package that owns orders."""

from kit.clock import Clock
from kit.media import Media
from kit.outbox import Every, Task, every
from kit.parts import Parts
from postal.services.proofs import drop_old_proofs


async def drop_proofs(parts: Parts) -> None:
    """Every hour: pictures from doors whose time has come."""
    await drop_old_proofs(parts[Media], now=parts[Clock].now())


TASKS: list[Task] = []
CRONS: list[Every] = [every(3600, drop_proofs)]
