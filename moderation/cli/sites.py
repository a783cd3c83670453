"""Commands about sites: keys, compatibility APIs, signing secrets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from moderation.cli.app import open_app
from moderation.cli.options import site_argument
from moderation.database import db, start_writing
from moderation.policy.thresholds import Moderation
from moderation.sites import integrations, keys, policies, sites
from moderation.sites.protocols import Integrations, Protocol, is_in_clear
from moderation.sites.sites import SiteContext
from moderation.web.services import services

OVERLAP_HOURS = 72  # a long week-end: time to change the key wherever it stands

overlap_option = click.option(
    "--overlap-hours",
    type=click.IntRange(0, 24 * 366),
    default=OVERLAP_HOURS,
    show_default=True,
    help="How long the older ones stay valid",
)


@click.command("add-site")
@click.argument("name")
@click.option(
    "--default",
    type=click.Choice([each.value for each in Moderation]),
    default=Moderation.PRE.value,
    show_default=True,
    help="pre: a person looks first; post: what nothing speaks against is shown",
)
def add_site(name: str, default: str) -> None:
    """Add a site and print its key, which can't be shown again."""
    services = open_app()
    scoring = services.scoring
    proposed = scoring.default.manifest["thresholds"] if scoring.default else {}
    policy = policies.default_policy(proposed, Moderation(default))
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    site = sites.create_site(session, name, policy, now)
    key = keys.issue_key(session, site.id, services.token_key, now)
    session.commit()
    click.echo(key)


@click.command("add-key")
@site_argument
def add_key(site: SiteContext) -> None:
    """Create a key with all scopes and print it (shown once).

    Create keys with fewer scopes with `moderation keys create`.
    """
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    key = keys.issue_key(session, site.id, services().token_key, now)
    session.commit()
    click.echo(key)


@click.command("rotate-key")
@site_argument
@overlap_option
def rotate_key(site: SiteContext, overlap_hours: int) -> None:
    """Replace all keys of a site by one with all scopes, and print it (shown once).

    The older keys expire after the overlap. Replace one key, with its scopes, with
    `moderation keys rotate`.
    """
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    key = keys.rotate_key(
        session,
        site.id,
        services().token_key,
        now,
        timedelta(hours=overlap_hours),
    )
    session.commit()
    click.echo(key)


@click.command("coral-secret")
@site_argument
@click.option(
    "--secret", prompt=True, hide_input=True, help="As Coral shows it: empsec_…"
)
@overlap_option
def coral_secret(site: SiteContext, secret: str, overlap_hours: int) -> None:
    """Store the secret with which Coral signs a site's comments; older ones expire."""
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    integrations.create_secret(
        session,
        site.id,
        Protocol.CORAL,
        secret.strip(),
        privacy=services().privacy,
        now=now,
        overlap=timedelta(hours=overlap_hours),
    )
    session.commit()
    click.echo(f"Coral's comments for {site.name}: POST /coral/{site.name}/comments")


def _names(_: click.Context, __: click.Parameter, text: str | None) -> Any:
    if text is None:
        return None
    try:
        return frozenset(Protocol(each) for each in text.split(",") if each)
    except ValueError:
        known = ", ".join(Protocol)
        raise click.BadParameter(f"some of {known}, with commas between") from None


@click.command("integrate")
@site_argument
@click.option("--protocols", callback=_names, help="All that are on: akismet,coral,…")
@click.option("--home", help="The site's own address; callbacks go to its host only")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    help="Older way to let pages call Perspective; prefer keys create --origin",
)
@click.option("--discard/--keep", default=None, help="Let WordPress drop blatant spam")
@click.option(
    "--review-as-spam/--review-as-ham",
    default=None,
    help="What Akismet answers for held comments",
)
@click.option("--model-version", help="Pin Perspective's answers; empty to unpin")
@click.option(
    "--unscored-as-highest/--unscored-as-error",
    default=None,
    help="What Perspective answers where scoring failed",
)
@click.option(
    "--strict-attributes/--lenient-attributes",
    default=None,
    help="Whether Perspective refuses attributes without a score or leaves them out",
)
def integrate(site: SiteContext, **given: Any) -> None:
    """Switch compatibility APIs on or off; options that you leave out don't change."""
    changes = {name: value for name, value in given.items() if value not in (None, ())}
    if given["model_version"] == "":
        changes["model_version"] = None
    session = db.session()
    wanted = replace(site.integrations, **changes)
    start_writing(session)
    integrations.update_integrations(session, site.id, wanted)
    session.commit()
    for name, value in wanted.as_json().items():
        told = ", ".join(value) if isinstance(value, list) else value
        click.echo(f"{name:<20} {told}")
    _warn(site.name, wanted)


def _warn(site_name: str, wanted: Integrations) -> None:
    """Print what of a site's settings should be changed."""
    if wanted.origins:
        click.echo(
            "Keys with all scopes are safer on your server: give pages a browser key, "
            f"with moderation keys create {site_name} --scope score --origin …",
            err=True,
        )
    if wanted.home is not None and is_in_clear(wanted.home):
        click.echo(
            "home is plain http: callbacks to it are not sent, as they carry the "
            "site's key. Set --home to an https address.",
            err=True,
        )
