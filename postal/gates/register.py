"""The carriers of one process: own staff, and those that are switched on, to the real ones or to their twins."""

from collections.abc import Callable, Mapping
from datetime import datetime

import httpx2

from kit.settings import Settings
from postal.carrier import Capability, Carrier
from postal.gates.asking import Line
from postal.gates.by_file import ByFile
from postal.gates.ghn import Ghn, GhnKeys
from postal.gates.ghtk import Ghtk, GhtkKeys
from postal.gates.names import BY_FILE, GHN, GHTK, VIETTEL_POST, VNPOST
from postal.gates.viettel_post import ViettelKeys, ViettelPost
from postal.gates.vnpost import Vnpost, VnpostKeys
from postal.staff_carrier import CODE as STAFF
from postal.staff_carrier import StaffCarrier
from postal.twins import keys

Now = Callable[[], datetime]


class Carriers:
    """Carriers by their code, in the order they are offered; own staff first."""

    def __init__(self, now: Now, outside: Mapping[str, Carrier] | None = None) -> None:
        self.by_code: dict[str, Carrier] = {STAFF: StaffCarrier(now), **(outside or {})}

    def get(self, code: str) -> Carrier | None:
        """The carrier of this code, if it is switched on."""
        return self.by_code.get(code)

    def that_can(self, capability: Capability) -> list[Carrier]:
        """Those with a capability."""
        return [one for one in self.by_code.values() if capability in one.capabilities()]


def open_carriers(settings: Settings, client: httpx2.AsyncClient, now: Now) -> Carriers:
    """The carriers that the settings switch on."""
    makers = _twins(settings, client, now) if settings.carrier_twins else _real(settings, client, now)
    return Carriers(now, {name: makers[name]() for name in settings.carrier_names})


def _real(settings: Settings, client: httpx2.AsyncClient, now: Now) -> dict[str, Callable[[], Carrier]]:
    one = settings
    return {
        VIETTEL_POST: lambda: ViettelPost(
            ViettelKeys(one.viettel_post_user, one.viettel_post_password, one.viettel_post_hook_secret),
            Line(one.viettel_post_url, client, now, one.viettel_post_label_url),
        ),
        VNPOST: lambda: Vnpost(
            VnpostKeys(
                one.vnpost_user,
                one.vnpost_password,
                one.vnpost_customer,
                one.vnpost_contract,
                one.vnpost_public_key,
            ),
            Line(one.vnpost_url, client, now),
        ),
        GHN: lambda: Ghn(
            GhnKeys(one.ghn_token, one.ghn_shop_id, one.ghn_hook_key),
            Line(one.ghn_url, client, now, one.ghn_label_url),
        ),
        GHTK: lambda: Ghtk(
            GhtkKeys(one.ghtk_token, one.ghtk_client_source, one.ghtk_hook_hash),
            Line(one.ghtk_url, client, now),
        ),
        BY_FILE: lambda: ByFile(now),
    }


def _twins(settings: Settings, client: httpx2.AsyncClient, now: Now) -> dict[str, Callable[[], Carrier]]:
    def line(name: str) -> Line:
        at = f"{settings.base_url}/twins/{name}"
        return Line(at, client, now, f"{at}/label", is_twin=True)

    return {
        VIETTEL_POST: lambda: ViettelPost(keys.VIETTEL_POST, line(VIETTEL_POST)),
        VNPOST: lambda: Vnpost(keys.vnpost(), line(VNPOST)),
        GHN: lambda: Ghn(keys.GHN, line(GHN)),
        GHTK: lambda: Ghtk(keys.GHTK, line(GHTK)),
        BY_FILE: lambda: ByFile(now),
    }
