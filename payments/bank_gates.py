"""Which gate hears a bank notice: the platform's own by the settings, a seller's by the key they gave."""

import httpx2

from kit.settings import Settings
from payments.gates import casso, sepay
from payments.gates.bank_asking import BankGate
from payments.gates.casso import CassoGate
from payments.gates.payos import PayosGate
from payments.gates.payos_links import PayosLinks
from payments.gates.sepay import SepayGate

TWIN_LIST_KEY = "twin"
PROVIDERS = ("sepay", "casso", "payos")


def platform_gate(
    provider: str, settings: Settings, client: httpx2.AsyncClient | None = None
) -> BankGate | None:
    """The gate under the platform's key; None when this installation has none. Without a client it asks for no list."""
    secret = platform_secret(provider, settings)
    list_key = {"sepay": settings.sepay_api_token, "casso": settings.casso_api_key}.get(provider, "")
    if has_twin(settings):
        list_key = list_key or TWIN_LIST_KEY
    return _gate(provider, secret, list_key, settings, client, is_own=False) if secret else None


def platform_secret(provider: str, settings: Settings) -> str:
    """The key that the provider signs the platform's notices with; "" where there is none."""
    secrets = {
        "sepay": settings.sepay_secret,
        "casso": settings.casso_secret,
        "payos": settings.payos_checksum_key,
    }
    return secrets.get(provider, "")


def own_gate(
    provider: str, secret: str, list_key: str, settings: Settings, client: httpx2.AsyncClient | None = None
) -> BankGate:
    """The gate under a seller's own key."""
    return _gate(provider, secret, list_key, settings, client, is_own=True)


def own_links(link_key: str, secret: str, settings: Settings, client: httpx2.AsyncClient) -> PayosLinks:
    """payOS's links under a seller's own keys."""
    client_id, _, api_key = link_key.partition(" ")
    if not has_twin(settings):
        return PayosLinks(client_id, api_key, secret, client)
    twin = f"{settings.base_url}/twins/payos"
    return PayosLinks(client_id, api_key, secret, client, api_url=twin, pay_url=f"{twin}/web/")


def has_twin(settings: Settings) -> bool:
    """Whether the pretend bank answers in the providers' place; never in production."""
    return settings.bank_twin and not settings.is_production


def _gate(
    provider: str,
    secret: str,
    list_key: str,
    settings: Settings,
    client: httpx2.AsyncClient | None,
    *,
    is_own: bool,
) -> BankGate:
    twin = f"{settings.base_url}/twins/bank" if has_twin(settings) else ""
    if provider == "casso":
        url = f"{twin}/casso" if twin else casso.API_URL
        return CassoGate(secret, api_key=list_key, api_url=url, client=client)
    if provider == "payos":
        return PayosGate(secret)
    url = f"{twin}/sepay" if twin else sepay.API_URL
    return SepayGate(secret, api_token=list_key, api_url=url, client=client, allows_api_key=is_own)
