"""Settings: the pages where admins set the service up, one tab each."""

from __future__ import annotations

from typing import Any, cast
from zoneinfo import available_timezones

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from moderation.accounts import memberships
from moderation.accounts.staff import Person, Role
from moderation.api.sites import may_add_sites
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.actors import ActorKind
from moderation.comments.erasure import ErasureMode
from moderation.console import retention
from moderation.console.blueprint import bp, shown_to, visitor
from moderation.console.navigation import SETTINGS_PARTS
from moderation.console.places import Place, find_place
from moderation.database import db
from moderation.importing.formats import AUTO, FORMATS
from moderation.policy.thresholds import Moderation
from moderation.sites.keys import BROWSER_SCOPES, KeyScope
from moderation.sites.protocols import MAX_ORIGINS, Protocol
from moderation.subjects.clocks import LONGEST, MAX_DAYS, DataClass
from moderation.text.addresses import Folding
from moderation.web.services import services
from moderation.webhooks.outbox import CHOSEN

#: Names of products, the same in each language.
PROTOCOL_NAMES = {
    Protocol.AKISMET: "Akismet",
    Protocol.PERSPECTIVE: "Perspective",
    Protocol.CORAL: "Coral",
    Protocol.OPENAI: "OpenAI moderations",
    Protocol.AZURE: "Azure Content Moderator",
}


def settings_page(name: str, place: Place, **values: Any) -> str:
    """Return a page of Settings: the template `name/name.html`, about a site."""
    return render_template(
        f"console/{name}/{name}.html",
        place=place,
        parts_of_settings=SETTINGS_PARTS,
        **values,
    )


@bp.get("/settings")
@shown_to(Role.ADMIN)
def read_settings() -> ResponseReturnValue:
    """Lead to the first page of Settings."""
    return redirect(
        url_for(f".{SETTINGS_PARTS[0].endpoint}", site=request.args.get("site"))
    )


@bp.get("/settings/connections")
@shown_to(Role.ADMIN)
def read_connections() -> ResponseReturnValue:
    """Show a site's keys, compatibility APIs, and webhooks."""
    person = cast(Person, visitor())
    return settings_page(
        "connections",
        find_place(),
        scopes=list(KeyScope),
        browser_scopes=BROWSER_SCOPES,
        protocols=PROTOCOL_NAMES,
        max_origins=MAX_ORIGINS,
        base=services().settings.public_url,
        may_add_sites=may_add_sites(db.session(), person),
        starts=list(Moderation),
        foldings=list(Folding),
    )


@bp.get("/settings/import")
@shown_to(Role.ADMIN)
def read_imports() -> ResponseReturnValue:
    """Upload a history of another system, look at what it holds, and import it."""
    return settings_page(
        "imports",
        find_place(),
        formats=[AUTO, *FORMATS],
        zones=sorted(zone for zone in available_timezones() if "/" in zone),
    )


@bp.get("/settings/privacy")
@shown_to(Role.ADMIN)
def read_privacy() -> ResponseReturnValue:
    """Show what a site holds of a person, how long it keeps data, and legal holds."""
    return settings_page(
        "privacy",
        find_place(),
        author=request.args.get("author", type=int),
        classes=list(DataClass),
        longest={each.value: days for each, days in LONGEST.items()},
        max_days=MAX_DAYS,
        modes=list(ErasureMode),
        kept=retention.list_kept(),
    )


@bp.get("/settings/people")
@shown_to(Role.ADMIN)
def read_people() -> ResponseReturnValue:
    """Show who works at a site, with which roles."""
    has_sign_on = bool(services().settings.oidc_issuer)
    return settings_page("people", find_place(), has_sign_on=has_sign_on)


@bp.get("/settings/audit-log")
@shown_to(Role.ADMIN)
def read_audit_log() -> ResponseReturnValue:
    """Show the entries of the audit log of a person's sites."""
    site_ids = cast(Person, visitor()).whole_site_ids(Role.ADMIN)
    return settings_page(
        "audit_log",
        find_place(),
        logins=memberships.list_logins(db.session(), site_ids),
        actor_kinds=list(ActorKind),
        target_kinds=list(TargetKind),
        actions=list(AuditAction),
    )


@bp.get("/settings/jobs")
@shown_to(Role.ADMIN)
def read_jobs() -> ResponseReturnValue:
    """Show jobs: running, queued, and ended ones."""
    return settings_page("jobs", find_place())


@bp.get("/settings/alerts")
@shown_to(Role.ADMIN)
def read_alarms() -> ResponseReturnValue:
    """Show drift alerts."""
    return settings_page("alarms", find_place())


@bp.get("/settings/webhooks")
@shown_to(Role.ADMIN)
def read_webhooks() -> ResponseReturnValue:
    """Show the webhooks of a site, and their deliveries."""
    return settings_page("webhooks", find_place(), types=CHOSEN)


#: Pages that were parts of Models, by the last word of their address then.
MOVED = {
    "jobs": "read_jobs",
    "alarms": "read_alarms",
    "webhooks": "read_webhooks",
    "thresholds": "read_policy_settings",
}


@bp.get("/models/<any(jobs, alarms, webhooks, thresholds):name>")
@shown_to(Role.ADMIN)
def read_moved(name: str) -> ResponseReturnValue:
    """Lead from where a page was to where it is."""
    site, version = request.args.get("site"), request.args.get("version")
    return redirect(url_for(f".{MOVED[name]}", site=site, version=version))
