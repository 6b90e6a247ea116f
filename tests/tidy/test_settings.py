"""Every setting is documented, and production refuses what is not safe."""

import sys
from pathlib import Path

import pytest

from kit.settings import BadSettings, settings_from

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin"))

from settings_page import page  # noqa: E402

SAFE = {
    "MODE": "production",
    "SECRET_KEY": "k" * 40,
    "BASE_URL": "https://cho.example.vn",
    "DATABASE_URL": "postgres://cho@db/cho",
    "REDIS_URL": "redis://queue",
    "SMS_GATE": "webhook",
    "SMS_WEBHOOK_URL": "https://sms.example.vn",
    "SMS_WEBHOOK_KEY": "key",
    "NOTICE_TWINS": "0",
    "WEBHOOK_TWIN": "0",
    "BANK_TWIN": "0",
    "DATA_KEY": "d" * 40,
    "VNEID_GATE": "off",
    "SEPAY_SECRET": "a secret of our own",
    "CASSO_SECRET": "",
    "PAYOS_CHECKSUM_KEY": "",
    "PAY_TWINS": "0",
    "CARRIERS": "",
    "CARRIER_TWINS": "0",
    "PAY_GATES": "",
}


def test_the_settings_page_says_what_the_settings_are() -> None:
    """`python bin/settings_page.py` writes it."""
    assert (ROOT / "docs" / "settings.md").read_text() == page()


def test_production_starts_with_safe_settings() -> None:
    """The whole list, and nothing more, is enough."""
    assert settings_from(SAFE).is_production


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("SECRET_KEY", "demo-secret-change-me", "SECRET_KEY"),
        ("SECRET_KEY", "short", "SECRET_KEY"),
        ("DEBUG", "1", "DEBUG"),
        ("DATA_KEY", "demo-data-key-change-me", "DATA_KEY"),
        ("DATA_KEY", "short", "DATA_KEY"),
        ("VNEID_GATE", "twin", "VNEID_GATE"),
        ("SMS_GATE", "twin", "SMS_GATE"),
        ("SMS_WEBHOOK_KEY", "", "SMS_WEBHOOK"),
        ("NOTICE_TWINS", "1", "NOTICE_TWINS"),
        ("WEBHOOK_TWIN", "1", "WEBHOOK_TWIN"),
        ("ZALO_APP_ID", "4711", "ZALO_REFRESH_TOKEN"),
        ("SMTP_URL", "smtp://mail.example.vn", "MAIL_FROM"),
        ("BANK_TWIN", "1", "BANK_TWIN"),
        ("SEPAY_SECRET", "demo-sepay-secret", "SEPAY_SECRET"),
        ("PAY_TWINS", "1", "PAY_TWINS"),
        ("CARRIER_TWINS", "1", "CARRIER_TWINS"),
        ("CARRIERS", "ghn", "GHN_TOKEN"),
        ("CARRIERS", "ems", "CARRIERS"),
        ("PAY_GATES", "momo", "MOMO_PARTNER_CODE"),
        ("PAY_GATES", "vnpay", "VNPAY_API_URL"),
        ("PAY_GATES", "bitcoin", "PAY_GATES"),
        ("PAY_TAX", "sometimes", "PAY_TAX"),
        ("MOBILE_MONEY_SIGNER", "none", "MOBILE_MONEY_SIGNER"),
        ("DATABASE_URL", "", "DATABASE_URL"),
        ("REDIS_URL", "", "REDIS_URL"),
        ("BASE_URL", "http://cho.example.vn", "BASE_URL"),
    ],
)
def test_production_refuses_what_is_unsafe_and_says_which(name: str, value: str, word: str) -> None:
    """One unsafe setting is enough to stay down."""
    with pytest.raises(BadSettings, match=word):
        settings_from({**SAFE, name: value})


@pytest.mark.parametrize(("name", "value"), [("PORT", "eighty"), ("DEBUG", "maybe"), ("MODE", "test")])
def test_settings_that_make_no_sense_are_refused(name: str, value: str) -> None:
    """A typing mistake is said at the start, not found out later."""
    with pytest.raises(BadSettings, match=name):
        settings_from({name: value})
