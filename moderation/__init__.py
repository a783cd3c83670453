"""The comment moderation service; `create_app` puts its rooms together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from classifiers.serving.combined import Reads
from moderation import config, installation, logs
from moderation.api.metrics import bp as metrics_page
from moderation.api.registration import init_api
from moderation.audit.chain import derive_audit_key
from moderation.author_pages.notices import bp as notices
from moderation.author_pages.person import bp as person
from moderation.author_pages.views import bp as authors
from moderation.comments.status_links import NOTICE_PATH, StatusLinks
from moderation.compat.registration import init_compat
from moderation.config import Settings
from moderation.console.entrance import bp as entrance
from moderation.console.registration import bp as console
from moderation.database import db, engine_apart
from moderation.embed.views import bp as embed_pages
from moderation.importing.uploads import MEGABYTE, UploadFolder
from moderation.keyed_hashes import HashKeys
from moderation.models.serving import Scoring
from moderation.privacy import Privacy, derive_key
from moderation.rekeying.installed import InstallationKeys
from moderation.rules.compiled import RuleSets
from moderation.web.limiter import open_limiter
from moderation.web.metrics import init_metrics
from moderation.web.openid import OpenIdProvider
from moderation.web.request_ids import init_request_ids
from moderation.web.services import Services, attach
from moderation.web.tracing import init_tracing

LARGEST_REQUEST = 1024 * 1024  # bytes: a comment of 64 KiB, each letter escaped


def create_app(
    environment: Mapping[str, str] | None = None, *, instance: Path | None = None
) -> Flask:
    """Return the service, ready to serve.

    Parameters
    ----------
    environment
        Where the settings are read; if left out, the process environment, completed
        by the settings file.
    instance
        Folder of the embedded database; `instance/` under the current one.

    Raises
    ------
    moderation.errors.ConfigurationError
        Naming every setting that is missing or wrong.
    """
    if environment is None:
        environment = installation.environment(instance or config.INSTANCE)
    settings = config.load(environment)
    logs.configure(settings.log_level, settings.log_format)
    folder = (instance or config.INSTANCE).absolute()
    installation.close_folder(folder, settings.database_url)
    app = Flask(__name__, instance_path=str(folder), static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_keys_accepted),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        # A bound value in an error message could be someone's text or address.
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True, "pool_pre_ping": True},
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        HEAD_SECONDS=settings.head_seconds,  # these three for `server.worker`
        BODY_SECONDS=settings.body_seconds,
        WAITING_REQUESTS=settings.waiting_requests,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider
    app.url_map.merge_slashes = False  # an article's address has two in a row
    _attach(app, settings)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # as Flask advises
            app.wsgi_app,
            x_for=settings.trusted_proxies,
            x_proto=settings.trusted_proxies,
            x_host=settings.trusted_proxies,
        )
    return app


def _attach(app: Flask, settings: Settings) -> None:
    """Give the app its database, its keys, its model and its pages."""
    db.init_app(app)
    secrets = (settings.secret_key, *settings.secret_keys_accepted)
    secret_keys = HashKeys.of([secret.encode() for secret in secrets])
    privacy = Privacy(
        email_keys=settings.email_keys,
        index_keys=[settings.email_index_key, *settings.email_index_keys_accepted],
        ip_keys=secret_keys.derive("ip"),
    )
    attach(
        app,
        Services(
            settings=settings,
            keys=InstallationKeys(privacy=privacy, secrets=secret_keys),
            token_key=secret_keys.derive("tokens"),
            lineage_key=secret_keys.derive("lineage"),
            audit_key=derive_audit_key(settings.secret_key),
            privacy=privacy,
            status_links=StatusLinks(
                [key.secret for key in secret_keys.derive("status links").keys],
                settings.public_url,
            ),
            notice_links=StatusLinks(
                [key.secret for key in secret_keys.derive("notice links").keys],
                settings.public_url,
                NOTICE_PATH,
            ),
            scoring=Scoring(settings.model_path, reads=Reads(settings.encoder)),
            rulesets=RuleSets(),
            limiter=open_limiter(
                settings.rate_limit_storage,
                derive_key(settings.secret_key, "limits"),
                engine_apart,
            ),
            uploads=UploadFolder(
                path=Path(settings.import_folder or Path(app.instance_path, "imports")),
                max_bytes=settings.import_megabytes * MEGABYTE,
            ),
            provider=OpenIdProvider(settings) if settings.oidc_issuer else None,
        ),
    )
    init_request_ids(app, is_logged=settings.log_format == "json")
    init_metrics(app)
    if settings.traces_url:
        init_tracing(app, settings.traces_url)
    init_api(app)
    app.register_blueprint(metrics_page)
    init_compat(app)
    app.register_blueprint(console)
    app.register_blueprint(entrance)
    app.register_blueprint(authors)
    app.register_blueprint(notices)
    app.register_blueprint(person)
    app.register_blueprint(embed_pages)
    if settings.demo:
        from moderation.demo.views import bp  # the demo costs nothing where it is off

        app.register_blueprint(bp)
