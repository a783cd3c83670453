"""The settings: read once from the environment, typed, each with its meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from moderation.environment import (
    KEY_BYTES,
    GroupRole,
    list_mail_faults,
    list_missing_extras,
    read_count,
    read_counters,
    read_database_url,
    read_encoder,
    read_flag,
    read_group_roles,
    read_host_and_port,
    read_issuer,
    read_key,
    read_key_list,
    read_keys,
    read_level,
    read_log_format,
    read_mail_security,
    read_mailbox,
    read_metrics_token,
    read_networks,
    read_origin,
    read_percent,
    read_port,
    read_rate,
    read_required_of,
    read_scheduler,
    read_seconds,
    read_secrets,
    read_text,
    read_url,
)
from moderation.errors import ConfigurationError

INSTANCE = Path("instance")  # next to where the service is started
#: Given together, or not at all.
SIGN_ON = ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_roles")


def _setting(
    meaning: str, read: Callable[[str], Any] = read_text, default: str | None = None
) -> Any:
    """Describe one setting; without a default it must be given."""
    return field(metadata={"meaning": meaning, "read": read, "default": default})


@dataclass(frozen=True, kw_only=True, repr=False)  # no repr: it holds secrets
class Settings:
    """Everything that an installation can set. Secrets have no default."""

    secret_key: str = _setting(
        "Keys the hashes of site keys, staff tokens and IP addresses; 32 characters "
        "or more"
    )
    email_keys: dict[str, bytes] = _setting(
        "Keys that encrypt email addresses, `id:base64` of 32 bytes, the first one "
        "in use, older ones behind it after commas",
        read_keys,
    )
    email_index_key: bytes = _setting(
        "Key of the blind index over email addresses, base64 of 32 bytes", read_key
    )
    secret_keys_accepted: tuple[str, ...] = _setting(
        "Other secret keys that are accepted while one is replaced, with commas "
        "between: see docs/keys.md",
        read_secrets,
        "",
    )
    email_index_keys_accepted: tuple[bytes, ...] = _setting(
        "Other keys of the blind index that are accepted while one is replaced, with "
        "commas between",
        read_key_list,
        "",
    )
    database_url: str = _setting(
        "SQLAlchemy address of the database: SQLite or PostgreSQL "
        "(`postgresql+psycopg://…`)",
        read_database_url,
        "sqlite:///moderation.sqlite",
    )
    model_path: str = _setting(
        "Classifier to serve where a site has promoted none; empty for the one that "
        "ships",
        default="",
    )
    encoder: str = _setting(
        "Which comments the deep scorer reads, a transformer for all languages: "
        "`always`, `uncertain` (those that the fast scorer isn't sure of, and other "
        "languages), or `never`",
        read_encoder,
        "always",
    )
    claim_minutes: int = _setting(
        "How long a moderator's claim lasts, minutes", read_count, "15"
    )
    looks_percent: int = _setting(
        "Maximum share of a moderator's reserved comments that second reviews and "
        "audits may take, in percent",
        read_percent,
        "20",
    )
    undo_seconds: int = _setting(
        "How long a moderator can undo a decision, seconds", read_count, "30"
    )
    batch_undo_minutes: int = _setting(
        "How long a bulk decision can be undone after its end, minutes",
        read_count,
        "30",
    )
    suspension_days: int = _setting(
        "How long a moderator can suspend an author at most, days; leads suspend for "
        "longer",
        read_count,
        "7",
    )
    double_seconds: int = _setting(
        "How long the same text of the same author under an article is one comment, "
        "seconds; 0: it never is",
        read_count,
        "60",
    )
    session_hours: int = _setting("How long a log-in lasts, hours", read_count, "12")
    session_idle_minutes: int = _setting(
        "How long a log-in may go unused, minutes; 0: until it ends", read_count, "120"
    )
    invitation_hours: int = _setting(
        "How long a link to set a password works, hours", read_count, "72"
    )
    login_limit: str = _setting(
        "Failed log-ins per network and per username, after which the next one from "
        "an unknown device waits",
        read_rate,
        "10 per minute",
    )
    login_over_http: bool = _setting(
        "Let staff log in over plain http from other machines. "
        "Anyone on the network path can read the passwords",
        read_flag,
        "false",
    )
    require_totp: str = _setting(
        "Who must log in with a second factor: `none`, `admins`, `leads` (and admins), "
        "`all`",
        read_required_of,
        "none",
    )
    local_login: bool = _setting(
        "Let staff log in with a username and password; `false` leaves only the "
        "OpenID Connect provider",
        read_flag,
        "true",
    )
    oidc_issuer: str = _setting(
        "Issuer of the OpenID Connect provider with which staff log in, as "
        "`https://login.example`; needs the extra `moderation[oidc]`, a client ID "
        "and secret, and roles",
        read_issuer,
        "",
    )
    oidc_client_id: str = _setting("Client ID at the provider", default="")
    oidc_client_secret: str = _setting("Client secret at the provider", default="")
    oidc_groups_claim: str = _setting(
        "Claim that lists a person's groups", default="groups"
    )
    oidc_roles: tuple[GroupRole, ...] = _setting(
        "Roles of the provider's groups, `group=site:role` or "
        "`group=site:role:section`, separated by semicolons",
        read_group_roles,
        "",
    )
    form_limit: str = _setting(
        "Comments from one address through the demo form", read_rate, "20 per minute"
    )
    compat_limit: str = _setting(
        "Requests with one site key over each compatibility API",
        read_rate,
        "6000 per minute",
    )
    report_limit: str = _setting(
        "Readers' reports with one site key", read_rate, "600 per minute"
    )
    reporter_limit: str = _setting(
        "Reports by one reader at a site", read_rate, "30 per hour"
    )
    read_limit: str = _setting(
        "Reads of threads and of counts with a browser key, each from one network",
        read_rate,
        "600 per minute",
    )
    nudge_limit: str = _setting(
        "Texts scored, and effects of nudges counted, with a browser key, each from "
        "one network",
        read_rate,
        "60 per minute",
    )
    reveal_limit: str = _setting(
        "Reveals of an author's email address by one person", read_rate, "20 per day"
    )
    appeal_limit: str = _setting(
        "Appeals from one address through the status page", read_rate, "10 per hour"
    )
    notice_limit: str = _setting("Notices from one network", read_rate, "20 per hour")
    public_url: str = _setting(
        "Where authors reach this service, as `https://comments.example`; it begins "
        "the status links that are given to them, which else are paths alone",
        read_origin,
        "",
    )
    callback_networks: tuple[str, ...] = _setting(
        "Private networks that callbacks and webhooks may reach, as `10.0.0.0/8` with "
        "commas between; otherwise none. Webhooks take `http` there alone",
        read_networks,
        "",
    )
    smtp_host: str = _setting(
        "Mail server that notifications to staff are sent through; empty: no email",
        default="",
    )
    smtp_port: int = _setting("Port of the mail server", read_port, "587")
    smtp_security: str = _setting(
        "How the connection to the mail server is encrypted: `starttls`, `tls` (from "
        "the first byte, often port 465), or `none`, which only a server on this "
        "machine may have",
        read_mail_security,
        "starttls",
    )
    smtp_in_clear: bool = _setting(
        "Allow `none` for a mail server on another machine. Anyone on the network path "
        "can read the messages and the password",
        read_flag,
        "false",
    )
    smtp_user: str = _setting(
        "Username at the mail server, if it needs one", default=""
    )
    smtp_password: str = _setting("Password at the mail server", default="")
    smtp_sender: str = _setting(
        "Address that notifications are sent from; needed with a mail server",
        read_mailbox,
        "",
    )
    notification_minutes: int = _setting(
        "Least time between two messages of one kind to one person or chat, minutes",
        read_count,
        "15",
    )
    audit_head_file: str = _setting(
        "File to which a worker appends the head of the audit log, best on a medium "
        "that admins can only add to",
        default="",
    )
    audit_head_url: str = _setting(
        "URL to which a worker posts the head of the audit log, signed with the secret "
        "that `moderation audit secret` prints",
        read_url,
        "",
    )
    rate_limit_storage: str = _setting(
        "Where rate limits are counted: `database://` (shared by all processes), "
        "`memory://` (each process by itself), or `redis://…`",
        read_counters,
        "database://",
    )
    trusted_proxies: int = _setting(
        "Reverse proxies in front whose X-Forwarded headers are believed",
        read_count,
        "0",
    )
    head_seconds: int = _setting(
        "How long a request's head may take to arrive, seconds", read_seconds, "15"
    )
    body_seconds: int = _setting(
        "How long a body of up to 1 MiB may take to arrive, seconds", read_seconds, "25"
    )
    waiting_requests: int = _setting(
        "How many complete requests may wait for a thread of a web process, and as "
        "many of the desk's; further ones get 503; 0: any number",
        read_count,
        "64",
    )
    import_folder: str = _setting(
        "Folder of uploaded history until it is imported, the same for servers and "
        "workers; empty: `imports` next to the embedded database",
        default="",
    )
    import_megabytes: int = _setting(
        "Size of the files of one uploaded history at most, MB; 0: none is taken",
        read_count,
        "4000",
    )
    dask_scheduler: str = _setting(
        "Scheduler of a Dask cluster that rescores comments, as "
        "`tls://scheduler.example:8786`; needs the extra `moderation[scale]`; empty: a "
        "worker rescores alone",
        read_scheduler,
        "",
    )
    demo: bool = _setting(
        "Serve the demo article page under /demo/", read_flag, "false"
    )
    metrics_token: str = _setting(
        "Token with which Prometheus reads `/metrics`, 16 characters or more; empty: "
        "there are no metrics",
        read_metrics_token,
        "",
    )
    worker_metrics: tuple[str, int] | None = _setting(
        "Host and port where a worker of its own shows what it counts, as "
        "`127.0.0.1:9465`; empty: nowhere. It asks for no token",
        read_host_and_port,
        "",
    )
    traces_url: str = _setting(
        "Where an OpenTelemetry collector takes traces over OTLP and HTTP, as "
        "`http://127.0.0.1:4318/v1/traces`; needs the extra `moderation[otel]`; empty: "
        "there are none",
        read_url,
        "",
    )
    log_format: str = _setting(
        "How log lines are written: `text`, or `json`, one object a line",
        read_log_format,
        "text",
    )
    log_level: str = _setting("Least severe log line written", read_level, "INFO")


def variable(name: str) -> str:
    """Return the environment variable of a setting.

    `DATABASE_URL` keeps the name that hosting platforms give it.
    """
    return "DATABASE_URL" if name == "database_url" else f"MODERATION_{name.upper()}"


def load(environment: Mapping[str, str]) -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    ConfigurationError
        Naming every variable that is missing or that can't be read; no value is
        repeated in the message.
    """
    values: dict[str, Any] = {}
    faults = []
    for each in fields(Settings):
        name = variable(each.name)
        raw = environment.get(name) or each.metadata["default"]
        if raw is None:
            faults.append(f"{name} is missing")
            continue
        try:
            values[each.name] = each.metadata["read"](raw)
        except ValueError as error:
            reason = (
                "not a whole number" if each.metadata["read"] is read_count else error
            )
            faults.append(f"{name} can't be read: {reason}")
    if len(values.get("secret_key", "x" * KEY_BYTES)) < KEY_BYTES:
        faults.append(f"MODERATION_SECRET_KEY needs {KEY_BYTES} characters or more")
    if not faults:
        faults = _missing_for_login(values) + list_mail_faults(values)
        faults += list_missing_extras(values)
    if faults:
        hint = "docs/settings.md lists all settings"
        if "secret_key" not in values:
            hint += "; `moderation init` writes a first settings file"
        raise ConfigurationError(f"{'; '.join(faults)}. {hint}.")
    return Settings(**values)


def _missing_for_login(values: Mapping[str, Any]) -> list[str]:
    """Return the faults of settings that need each other."""
    absent = [name for name in SIGN_ON if not values[name]]
    if absent == list(SIGN_ON):
        is_closed = not values["local_login"]
        return ["MODERATION_LOCAL_LOGIN=false needs MODERATION_OIDC_ISSUER"] * is_closed
    together = ", ".join(variable(name) for name in SIGN_ON)
    return [f"{variable(name)} is missing ({together} go together)" for name in absent]
