"""The gates of one process: those that are switched on, to the real providers or to their twins."""

from collections.abc import Callable, Mapping

import httpx2

from kit.settings import Settings, tax_mode_of
from payments.gate import Gate
from payments.gates.mobile_money import MobileMoney
from payments.gates.momo import Momo, MomoKeys
from payments.gates.names import MOBILE_MONEY, MOMO, STRIPE, VNPAY, ZALOPAY
from payments.gates.signers import EcdsaSha256, HmacSha1, Signer
from payments.gates.stripe_gate import StripeGate
from payments.gates.vnpay import Vnpay, VnpayKeys
from payments.gates.zalopay import Zalopay, ZalopayKeys
from payments.tax import TaxMode
from payments.twins import keys


class Gates:
    """The gates that collect, by name, in the order they are offered."""

    def __init__(self, gates: Mapping[str, Gate], tax_modes: Mapping[str, TaxMode] | None = None) -> None:
        self.by_name = dict(gates)
        self._tax_modes = dict(tax_modes or {})

    def get(self, name: str) -> Gate | None:
        """The gate of this name, if it is switched on."""
        return self.by_name.get(name)

    def tax_mode(self, name: str) -> TaxMode:
        """What is done about tax on what this gate collects."""
        return self._tax_modes.get(name, TaxMode.NONE)

    def for_sum(self, amount_dong: int) -> list[Gate]:
        """The gates that take a payment of this sum in đồng."""
        return [
            gate
            for gate in self.by_name.values()
            if gate.caps.amount_min_dong <= amount_dong <= gate.caps.amount_max_dong
        ]


def open_gates(settings: Settings, client: httpx2.AsyncClient) -> Gates:
    """The gates that the settings switch on."""
    makers = _twins if settings.pay_twins else _real
    made = {name: makers(settings, client)[name]() for name in settings.pay_gate_names}
    return Gates(made, {name: TaxMode(tax_mode_of(settings, name)) for name in made})


def _real(settings: Settings, client: httpx2.AsyncClient) -> dict[str, Callable[[], Gate]]:
    one = settings
    return {
        MOMO: lambda: Momo(
            MomoKeys(one.momo_partner_code, one.momo_access_key, one.momo_secret_key), one.momo_url, client
        ),
        ZALOPAY: lambda: Zalopay(
            ZalopayKeys(one.zalopay_app_id, one.zalopay_key1, one.zalopay_key2), one.zalopay_url, client
        ),
        VNPAY: lambda: Vnpay(
            VnpayKeys(one.vnpay_tmn_code, one.vnpay_secret), one.vnpay_pay_url, one.vnpay_api_url, client
        ),
        MOBILE_MONEY: lambda: MobileMoney(
            one.mobile_money_merchant, _signer(one), one.mobile_money_url, client
        ),
        STRIPE: lambda: StripeGate(one.stripe_key, one.stripe_webhook_secret, one.stripe_url, client),
    }


def _signer(settings: Settings) -> Signer:
    if settings.mobile_money_signer == "ecdsa":
        return EcdsaSha256(settings.mobile_money_secret, settings.mobile_money_public_key)
    return HmacSha1(settings.mobile_money_access_code, settings.mobile_money_secret)


def _twins(settings: Settings, client: httpx2.AsyncClient) -> dict[str, Callable[[], Gate]]:
    def at(name: str) -> str:
        return f"{settings.base_url}/twins/{name}"

    pay_page = f"{at(VNPAY)}/paymentv2/vpcpay.html"
    return {
        MOMO: lambda: Momo(keys.MOMO, at(MOMO), client, is_twin=True),
        ZALOPAY: lambda: Zalopay(keys.ZALOPAY, at(ZALOPAY), client, is_twin=True),
        VNPAY: lambda: Vnpay(keys.VNPAY, pay_page, at(VNPAY), client, is_twin=True),
        MOBILE_MONEY: lambda: MobileMoney(
            keys.MOBILE_MONEY_MERCHANT, keys.mobile_money_signer(), at(MOBILE_MONEY), client, is_twin=True
        ),
        STRIPE: lambda: StripeGate(
            keys.STRIPE_KEY, keys.STRIPE_WEBHOOK_SECRET, at(STRIPE), client, is_twin=True
        ),
    }
