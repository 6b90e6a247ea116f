"""What the pretend providers and their gates share: keys that open nothing real."""

from payments.gates.momo import MomoKeys
from payments.gates.signers import HmacSha1
from payments.gates.vnpay import VnpayKeys
from payments.gates.zalopay import ZalopayKeys

MOMO = MomoKeys("CHOTHU", "khoa-vao-thu", "khoa-bi-mat-thu-momo")
ZALOPAY = ZalopayKeys("4000", "khoa-mot-thu-zalopay", "khoa-hai-thu-zalopay")
VNPAY = VnpayKeys("CHOTHU01", "khoa-bi-mat-thu-vnpay")
MOBILE_MONEY_MERCHANT = "CHO40"
STRIPE_KEY = "sk_test_twin"
STRIPE_WEBHOOK_SECRET = "whsec_khoa_thu_stripe"


def mobile_money_signer() -> HmacSha1:
    """How the pretend operator and its gate sign."""
    return HmacSha1("ma-vao-thu", "khoa-bi-mat-thu-mobile-money")
