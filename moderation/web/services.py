"""The collaborators of a running service, typed, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Flask, current_app

from moderation.comments.intake import Intake
from moderation.comments.status_links import StatusLinks
from moderation.config import Settings
from moderation.importing.uploads import UploadFolder
from moderation.keyed_hashes import HashKeys
from moderation.models.serving import Scoring
from moderation.monitoring.exposition import GaugeCache
from moderation.privacy import Privacy
from moderation.rekeying.installed import InstallationKeys
from moderation.rules.compiled import RuleSets
from moderation.sites.key_uses import KeyUses
from moderation.web.limiter import Limiter

if TYPE_CHECKING:
    from moderation.web.openid import OpenIdProvider

_KEY = "moderation"  # in `Flask.extensions`


@dataclass(kw_only=True)
class Services:
    """The parts of an app; tests replace some."""

    settings: Settings
    keys: InstallationKeys  #: all of them, also those that are only still accepted
    token_key: HashKeys  #: for the hashes of tokens and site keys
    lineage_key: HashKeys  #: for the marks of what a model has read
    audit_key: bytes  #: chains the entries of the audit log
    privacy: Privacy
    status_links: StatusLinks
    notice_links: StatusLinks  #: of the notifiers' page
    scoring: Scoring
    rulesets: RuleSets
    limiter: Limiter
    uploads: UploadFolder
    gauges: GaugeCache = field(default_factory=GaugeCache)
    key_uses: KeyUses = field(default_factory=KeyUses)
    provider: OpenIdProvider | None = None  #: with which staff log in

    @property
    def intake(self) -> Intake:
        """How comments are taken in."""
        return Intake(
            scoring=self.scoring,
            rulesets=self.rulesets,
            privacy=self.privacy,
            double_window=timedelta(seconds=self.settings.double_seconds),
        )


def attach(app: Flask, services: Services) -> None:
    """Give an app its services."""
    app.extensions[_KEY] = services


def services_of(app: Flask) -> Services:
    """Return the services of an app."""
    services: Services = app.extensions[_KEY]
    return services


def services() -> Services:
    """Return the services of the app that handles the current request."""
    return services_of(current_app)
