"""The settings of one process: read once from the environment, typed, each with a sentence of help."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")
DEFAULT_SECRET = "demo-secret-change-me"
DEFAULT_DATA_KEY = "demo-data-key-change-me"


class BadSettings(Exception):
    """The process must not start like this; the text says what to change."""


def setting(default: T, note: str) -> T:
    """A settings field with its default and the sentence that documents it."""
    return field(default=default, metadata={"note": note})


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another. Names in the environment are upper case."""

    mode: str = setting("demo", "demo: embedded parts and pretend providers; production: neither is allowed.")
    debug: bool = setting(False, "Show tracebacks in error pages. Refused in production.")
    secret_key: str = setting(
        DEFAULT_SECRET, "Signs form tokens and scrambles parcel codes; 32 characters or more."
    )
    data_key: str = setting(
        DEFAULT_DATA_KEY,
        "Seals personal numbers and papers in the database and the store; 32 characters or more, kept safe.",
    )
    data_keys_old: str = setting("", "Comma list of earlier DATA_KEYs, until everything is sealed anew.")
    vneid_gate: str = setting("twin", "Who confirms sellers' identities: twin (pretend VNeID) or off.")
    base_url: str = setting(
        "http://127.0.0.1:8000", "The address people reach the market at, without a last slash."
    )
    database_url: str = setting(
        "", "postgres://user:password@host:port/name; empty: PostgreSQL is started from var/."
    )
    redis_url: str = setting("", "redis://… or unix:///…; empty: Redis is started from var/.")
    meili_url: str = setting("", "http://host:7700 of Meilisearch; empty: tantivy searches in process.")
    meili_key: str = setting("", "Meilisearch's key for indexing and search.")
    media_url: str = setting("", "s3://bucket/… or file:///…; empty: photos are kept in var/media.")
    var: str = setting(str(ROOT / "var"), "Folder of embedded data, logs and sockets.")
    host: str = setting("127.0.0.1", "Address the web process listens on.")
    port: int = setting(8000, "Port the web process listens on.")
    database_pool_max: int = setting(10, "Connections one process may hold to PostgreSQL.")
    sms_gate: str = setting("twin", "Who sends one-time codes: twin (console and developer page) or webhook.")
    sms_webhook_url: str = setting("", "Where the webhook SMS gate posts {phone, text}.")
    sms_webhook_key: str = setting("", "Bearer key for the SMS webhook.")
    bank_twin: bool = setting(True, "Offer the pretend bank under /twins/bank. Refused in production.")
    sepay_secret: str = setting("demo-sepay-secret", "Secret that SePay signs its notices with.")
    sepay_api_token: str = setting("", "Opens SePay's list of transactions, for reconciliation; empty: none.")
    casso_secret: str = setting(
        "demo-casso-secret", "Key that Casso signs its notices with; empty: none are taken."
    )
    casso_api_key: str = setting("", "Opens Casso's list of transactions, for reconciliation; empty: none.")
    payos_checksum_key: str = setting(
        "demo-payos-key", "Key that payOS signs its notices with; empty: none are taken."
    )
    trusted_proxies: str = setting("", "Comma list of addresses whose X-Forwarded-For is believed.")
    payment_minutes: int = setting(15, "Minutes an unpaid order keeps its goods reserved.")

    @property
    def is_production(self) -> bool:
        """Whether real people's money is at stake."""
        return self.mode == "production"

    @property
    def var_path(self) -> Path:
        """The folder of embedded data as a path."""
        return Path(self.var)


def settings_from(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment (by default the process's own). Raises BadSettings."""
    source = os.environ if environment is None else environment
    values = {
        one.name: _read(one.name, one.type, source[one.name.upper()])
        for one in fields(Settings)
        if one.name.upper() in source
    }
    settings = Settings(**values)  # type: ignore[arg-type]
    _refuse_unsafe(settings)
    return settings


def _read(name: str, kind: object, text: str) -> object:
    if kind is bool:
        if text.lower() not in ("0", "1", "true", "false", "yes", "no", ""):
            raise BadSettings(f"{name.upper()} is yes or no, not {text!r}.")
        return text.lower() in ("1", "true", "yes")
    if kind is int:
        if not text.isdecimal():
            raise BadSettings(f"{name.upper()} is a whole number, not {text!r}.")
        return int(text)
    return text


def _refuse_unsafe(settings: Settings) -> None:
    if settings.mode not in ("demo", "production"):
        raise BadSettings("MODE is demo or production.")
    if not settings.is_production:
        return
    unsafe = {
        "SECRET_KEY must be a secret of your own, 32 characters or more.": settings.secret_key
        == DEFAULT_SECRET
        or len(settings.secret_key) < 32,
        "DEBUG must be off.": settings.debug,
        "SMS_GATE must be webhook: the twin shows codes to everybody.": settings.sms_gate != "webhook",
        "SMS_WEBHOOK_URL and SMS_WEBHOOK_KEY must be set.": not (
            settings.sms_webhook_url and settings.sms_webhook_key
        ),
        "DATA_KEY must be a key of your own, 32 characters or more.": settings.data_key == DEFAULT_DATA_KEY
        or len(settings.data_key) < 32,
        "VNEID_GATE must be off: the twin believes nearly everybody.": settings.vneid_gate == "twin",
        "BANK_TWIN must be off.": settings.bank_twin,
        "SEPAY_SECRET must be a secret of your own.": settings.sepay_secret == "demo-sepay-secret",
        "CASSO_SECRET must be a key of your own, or empty.": settings.casso_secret == "demo-casso-secret",
        "PAYOS_CHECKSUM_KEY must be a key of your own, or empty.": settings.payos_checksum_key
        == "demo-payos-key",
        "DATABASE_URL must name a PostgreSQL server.": not settings.database_url,
        "REDIS_URL must name a Redis or Valkey server.": not settings.redis_url,
        "BASE_URL must begin with https://.": not settings.base_url.startswith("https://"),
    }
    wrong = [sentence for sentence, is_wrong in unsafe.items() if is_wrong]
    if wrong:
        raise BadSettings("Production mode refuses to start:\n- " + "\n- ".join(wrong))
