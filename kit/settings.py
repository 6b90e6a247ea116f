"""The settings of one process: read once from the environment, typed, each with a sentence of help."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar

from kit.roles import Role

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")
DEFAULT_SECRET = "demo-secret-change-me"
DEFAULT_DATA_KEY = "demo-data-key-change-me"
METRICS_TOKEN_LEAST = 16


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
    meili_key: str = setting("", "Meilisearch's key that writes the index; `search-keys` makes it.")
    meili_search_key: str = setting(
        "", "Meilisearch's key that only searches, all that web processes need; empty: MEILI_KEY."
    )
    meili_master_key: str = setting(
        "", "Meilisearch's master key: for the command `search-keys` alone, refused by web and worker."
    )
    media_url: str = setting("", "s3://bucket/… or file:///…; empty: photos are kept in var/media.")
    var: str = setting(str(ROOT / "var"), "Folder of embedded data, logs and sockets.")
    host: str = setting("127.0.0.1", "Address the web process listens on.")
    port: int = setting(8000, "Port the web process listens on.")
    database_pool_max: int = setting(10, "Connections one process may hold to PostgreSQL.")
    database_replica_url: str = setting(
        "",
        "A streaming replica for public lists and figures that may lag; empty: all is read from DATABASE_URL.",
    )
    replica_lag_seconds: int = setting(10, "A replica further behind than this is not read from.")
    migrate_lock_ms: int = setting(4000, "How long a revision waits for a table that people use.")
    migrate_statement_ms: int = setting(900_000, "How long one statement of a revision may take.")
    log_format: str = setting("line", "How log lines look: line (for people) or json (for machines).")
    side_host: str = setting("127.0.0.1", "Address of the port for machines.")
    side_port: int = setting(
        0, "A port of each process for machines: /live, /ready and /metrics, never for the public; 0: none."
    )
    metrics_token: str = setting(
        "", "Bearer token that opens /metrics on the port for machines, 16 characters or more; empty: closed."
    )
    otel_endpoint: str = setting(
        "", "http://collector:4318 of an OpenTelemetry collector (OTLP over HTTP); empty: no traces."
    )
    otel_percent: int = setting(100, "How many of a hundred requests are traced.")
    drain_seconds: int = setting(
        0, "How long a web process that was told to end says so by /ready and still serves; for balancers."
    )
    sms_gate: str = setting("twin", "Who sends one-time codes: twin (console and developer page) or webhook.")
    sms_webhook_url: str = setting("", "Where the webhook SMS gate posts {phone, text}.")
    sms_webhook_key: str = setting("", "Bearer key for the SMS webhook.")
    factor_required: str = setting(
        "auto",
        "Comma list of roles that work only with a second factor, or none; auto: admin,board in production.",
    )
    factor_asked: str = setting(
        "admin,board,clerk", "Comma list of roles that are asked at sign-in to add a second factor, or none."
    )
    notice_twins: bool = setting(
        True, "Keep push messages, Zalo and mail under /twins instead of sending. Refused in production."
    )
    push_contact: str = setting("", "mailto:… or https://… that push services may reach; empty: no push.")
    push_private_key: str = setting(
        "", "The market's VAPID key, 32 bytes as base64url; empty: grown from SECRET_KEY."
    )
    zalo_app_id: str = setting("", "The app of the Zalo Official Account; empty: no Zalo.")
    zalo_secret: str = setting("", "The app's secret key.")
    zalo_refresh_token: str = setting(
        "", "A fresh refresh token of the account; kept and renewed from then on."
    )
    zalo_templates: str = setting(
        "", "Registered ZNS templates by kind of notice, order=12345,sale=12346; other kinds go another way."
    )
    smtp_url: str = setting("", "smtp://user:password@host:587 or smtps://…:465; empty: no mail.")
    mail_from: str = setting("", "The sender of mail, Chợ 4.0 <cho@example.vn>.")
    webhook_twin: bool = setting(
        True, "A pretend receiver under /twins/webhooks, for trying webhooks out. Refused in production."
    )
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
    pay_gates: str = setting(
        "momo,zalopay,vnpay,mobile_money",
        "Comma list of the providers that buyers may pay through beside VietQR; also stripe, for cards.",
    )
    pay_twins: bool = setting(
        True, "Talk to pretend providers under /twins instead of the real ones. Refused in production."
    )
    pay_tax: str = setting(
        "none",
        "Tax on what providers collect: none, report or withhold; or for each, momo=withhold,stripe=report.",
    )
    momo_url: str = setting("https://payment.momo.vn", "MoMo's host; its test host is test-payment.momo.vn.")
    momo_partner_code: str = setting("", "MoMo's partner code.")
    momo_access_key: str = setting("", "MoMo's access key.")
    momo_secret_key: str = setting("", "MoMo's secret key.")
    zalopay_url: str = setting("https://openapi.zalopay.vn", "ZaloPay's host; its sandbox is sb-openapi.")
    zalopay_app_id: str = setting("", "ZaloPay's app id.")
    zalopay_key1: str = setting("", "ZaloPay's key1, which signs what we ask.")
    zalopay_key2: str = setting("", "ZaloPay's key2, which signs what ZaloPay tells.")
    vnpay_pay_url: str = setting("https://pay.vnpay.vn/vpcpay.html", "The address of VNPAY's pay page.")
    vnpay_api_url: str = setting("", "The host of VNPAY's merchant API, as the contract names it.")
    vnpay_tmn_code: str = setting("", "VNPAY's terminal code.")
    vnpay_secret: str = setting("", "VNPAY's hash secret.")
    mobile_money_url: str = setting("", "The host of the operator's Mobile Money gateway.")
    mobile_money_merchant: str = setting("", "Our merchant code with the operator.")
    mobile_money_signer: str = setting("hmac_sha1", "How the operator signs: hmac_sha1 or ecdsa.")
    mobile_money_access_code: str = setting("", "Access code that hmac_sha1 puts before the values.")
    mobile_money_secret: str = setting("", "Secret of hmac_sha1, or our private key as PEM for ecdsa.")
    mobile_money_public_key: str = setting("", "The operator's public key as PEM, for ecdsa.")
    stripe_url: str = setting("https://api.stripe.com", "Stripe's API.")
    stripe_key: str = setting("", "Stripe's secret key.")
    stripe_webhook_secret: str = setting("", "Secret of Stripe's webhook endpoint, whsec_….")
    carriers: str = setting(
        "viettel_post,vnpost,ghn,ghtk,file",
        "Comma list of the carriers beside the market's own staff that sellers may choose.",
    )
    carrier_twins: bool = setting(
        True, "Talk to pretend carriers under /twins instead of the real ones. Refused in production."
    )
    viettel_post_url: str = setting("https://partner.viettelpost.vn", "Viettel Post's partner host.")
    viettel_post_label_url: str = setting(
        "https://digitalize.viettelpost.vn/DigitalizePrint/report.do", "Where Viettel Post shows labels."
    )
    viettel_post_user: str = setting("", "Viettel Post's user name.")
    viettel_post_password: str = setting("", "Viettel Post's password.")
    viettel_post_hook_secret: str = setting(
        "", "What Viettel Post sends in Authorization, as typed into its portal."
    )
    vnpost_url: str = setting("https://connect-my.vnpost.vn", "The host of My Vietnam Post.")
    vnpost_user: str = setting("", "VNPost's user name.")
    vnpost_password: str = setting("", "VNPost's password.")
    vnpost_customer: str = setting("", "VNPost's customer code (CMS).")
    vnpost_contract: str = setting("", "VNPost's contract number.")
    vnpost_public_key: str = setting("", "VNPost's public key as PEM, which its webhooks are checked with.")
    ghn_url: str = setting("https://online-gateway.ghn.vn/shiip/public-api", "GHN's API.")
    ghn_label_url: str = setting("https://online-gateway.ghn.vn/a5/public-api", "Where GHN shows labels.")
    ghn_token: str = setting("", "GHN's token.")
    ghn_shop_id: str = setting("", "GHN's shop number.")
    ghn_hook_key: str = setting("", "The secret in the address that GHN calls (…?key=).")
    ghtk_url: str = setting("https://services.giaohangtietkiem.vn", "GHTK's API.")
    ghtk_token: str = setting("", "GHTK's token.")
    ghtk_client_source: str = setting("", "GHTK's partner code (X-Client-Source).")
    ghtk_hook_hash: str = setting("", "The secret in the address that GHTK calls (…?hash=).")
    clamd_url: str = setting(
        "", "tcp://host:3310 or unix:///…/clamd.ctl of ClamAV, for documents and sheets; empty: none."
    )
    scan_fails: str = setting(
        "closed", "When clamd does not answer: closed (such files are refused) or open (let through)."
    )
    trusted_proxies: str = setting(
        "", "Comma list of addresses and networks (10.42.0.0/16) whose X-Forwarded-For is believed."
    )
    payment_minutes: int = setting(15, "Minutes an unpaid order keeps its goods reserved.")

    @property
    def is_production(self) -> bool:
        """Whether real people's money is at stake."""
        return self.mode == "production"

    @property
    def pay_gate_names(self) -> list[str]:
        """The providers that are switched on, in the order they are offered."""
        return [name for one in self.pay_gates.split(",") if (name := one.strip())]

    @property
    def carrier_names(self) -> list[str]:
        """The carriers outside the house that are switched on, in the order they are offered."""
        return [name for one in self.carriers.split(",") if (name := one.strip())]

    @property
    def var_path(self) -> Path:
        """The folder of embedded data as a path."""
        return Path(self.var)


def settings_from(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment (by default the process's own). Raises BadSettings.

    NAME_FILE names a file that holds NAME's value, as secrets are handed to containers.
    """
    source = _with_files(os.environ if environment is None else environment)
    values = {
        one.name: _read(one.name, one.type, source[one.name.upper()])
        for one in fields(Settings)
        if one.name.upper() in source
    }
    settings = Settings(**values)  # type: ignore[arg-type]
    _refuse_impossible(settings)
    _refuse_half(settings)
    _refuse_unsafe(settings)
    return settings


def _with_files(source: Mapping[str, str]) -> Mapping[str, str]:
    named = {one.name.upper(): source.get(f"{one.name.upper()}_FILE", "") for one in fields(Settings)}
    found = {}
    for name, path in named.items():
        if not path:
            continue
        if source.get(name):
            raise BadSettings(f"Set {name} or {name}_FILE, not both.")
        try:
            found[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise BadSettings(f"{name}_FILE cannot be read: {fault}") from fault
    return {**source, **found} if found else source


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


PAY_NEEDS: Mapping[str, tuple[str, ...]] = {
    "momo": ("momo_url", "momo_partner_code", "momo_access_key", "momo_secret_key"),
    "zalopay": ("zalopay_url", "zalopay_app_id", "zalopay_key1", "zalopay_key2"),
    "vnpay": ("vnpay_pay_url", "vnpay_api_url", "vnpay_tmn_code", "vnpay_secret"),
    "mobile_money": ("mobile_money_url", "mobile_money_merchant", "mobile_money_secret"),
    "stripe": ("stripe_url", "stripe_key", "stripe_webhook_secret"),
}
CARRIER_NEEDS: Mapping[str, tuple[str, ...]] = {
    "viettel_post": (
        "viettel_post_url",
        "viettel_post_user",
        "viettel_post_password",
        "viettel_post_hook_secret",
    ),
    "vnpost": ("vnpost_url", "vnpost_user", "vnpost_password", "vnpost_customer", "vnpost_public_key"),
    "ghn": ("ghn_url", "ghn_token", "ghn_shop_id", "ghn_hook_key"),
    "ghtk": ("ghtk_url", "ghtk_token", "ghtk_hook_hash"),
    "file": (),  # handed over and heard of by files
}
TAX_MODES = ("none", "report", "withhold")


def tax_mode_of(settings: Settings, gate: str) -> str:
    """What is done about tax on money that this provider collects. Raises BadSettings."""
    mode = "none"
    for one in filter(None, settings.pay_tax.replace(" ", "").split(",")):
        name, _, said = one.rpartition("=")
        if said not in TAX_MODES or (name and name not in PAY_NEEDS):
            raise BadSettings(
                f"PAY_TAX is none, report or withhold, or momo=withhold and so on, not {one!r}."
            )
        if name in ("", gate):
            mode = said
    return mode


def _refuse_impossible(settings: Settings) -> None:
    """A gate that is switched on has everything it needs, unless twins stand in for it."""
    tax_mode_of(settings, "")
    _refuse_unwatchable(settings)
    _refuse_impossible_carriers(settings)
    for name in f"{settings.factor_required},{settings.factor_asked}".replace(" ", "").split(","):
        if name not in {"", "auto", "none", *Role}:
            raise BadSettings(f"FACTOR_REQUIRED and FACTOR_ASKED know {', '.join(Role)}, not {name!r}.")
    if settings.mobile_money_signer not in ("hmac_sha1", "ecdsa"):
        raise BadSettings("MOBILE_MONEY_SIGNER is hmac_sha1 or ecdsa.")
    for name in settings.pay_gate_names:
        if name not in PAY_NEEDS:
            raise BadSettings(f"PAY_GATES knows {', '.join(PAY_NEEDS)}, not {name!r}.")
        missing = [one.upper() for one in PAY_NEEDS[name] if not getattr(settings, one)]
        if missing and not settings.pay_twins:
            raise BadSettings(f"{', '.join(missing)} must be set, or {name} left out of PAY_GATES.")


def _refuse_unwatchable(settings: Settings) -> None:
    if settings.log_format not in ("line", "json"):
        raise BadSettings("LOG_FORMAT is line or json.")
    if settings.metrics_token and len(settings.metrics_token) < METRICS_TOKEN_LEAST:
        raise BadSettings(f"METRICS_TOKEN has {METRICS_TOKEN_LEAST} characters or more, or is empty.")
    if settings.otel_endpoint and not settings.otel_endpoint.startswith(("http://", "https://")):
        raise BadSettings("OTEL_ENDPOINT begins with http:// or https://.")
    for proxy in filter(None, settings.trusted_proxies.replace(" ", "").split(",")):
        _refuse_no_network(proxy)
    if settings.clamd_url and not settings.clamd_url.startswith(("tcp://", "unix:///")):
        raise BadSettings("CLAMD_URL begins with tcp:// or unix:///.")
    if settings.scan_fails not in ("open", "closed"):
        raise BadSettings("SCAN_FAILS is open or closed.")
    if settings.otel_percent > 100:
        raise BadSettings("OTEL_PERCENT is from 0 to 100.")


def _refuse_no_network(proxy: str) -> None:
    try:
        ip_network(proxy)
    except ValueError:
        raise BadSettings(f"TRUSTED_PROXIES: {proxy!r} is no address and no network.") from None


def _refuse_impossible_carriers(settings: Settings) -> None:
    for name in settings.carrier_names:
        if name not in CARRIER_NEEDS:
            raise BadSettings(f"CARRIERS knows {', '.join(CARRIER_NEEDS)}, not {name!r}.")
        missing = [one.upper() for one in CARRIER_NEEDS[name] if not getattr(settings, one)]
        if missing and not settings.carrier_twins:
            raise BadSettings(f"{', '.join(missing)} must be set, or {name} left out of CARRIERS.")


def _refuse_half(settings: Settings) -> None:
    """Channels of notices have all they need, or nothing of it."""
    zalo = (settings.zalo_app_id, settings.zalo_secret, settings.zalo_refresh_token, settings.zalo_templates)
    if any(zalo) and not all(zalo):
        raise BadSettings("ZALO_APP_ID, ZALO_SECRET, ZALO_REFRESH_TOKEN and ZALO_TEMPLATES go together.")
    if bool(settings.smtp_url) != bool(settings.mail_from):
        raise BadSettings("SMTP_URL and MAIL_FROM go together.")
    if settings.smtp_url and not settings.smtp_url.startswith(("smtp://", "smtps://")):
        raise BadSettings("SMTP_URL begins with smtp:// or smtps://.")


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
        "NOTICE_TWINS must be off: they show notices to everybody.": settings.notice_twins,
        "WEBHOOK_TWIN must be off.": settings.webhook_twin,
        "BANK_TWIN must be off.": settings.bank_twin,
        "PAY_TWINS must be off.": settings.pay_twins,
        "CARRIER_TWINS must be off.": settings.carrier_twins,
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
