"""Commands about the law: which duties are on at a site."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from moderation.cli.options import site_option
from moderation.database import db, start_writing
from moderation.policy.duties import Duty, HostingKind
from moderation.sites import legal_settings
from moderation.sites.sites import SiteContext

NOTHING = "none"


@click.command("law")
@site_option
@click.option(
    "--kind",
    type=click.Choice([NOTHING, *(kind.value for kind in HostingKind)]),
    help="What the comment section is; none switches all duties off",
)
@click.option(
    "--small/--not-small",
    "is_small",
    default=None,
    help="Under 50 people, and up to 10 million euros a year",
)
@click.option(
    "--also",
    "voluntary",
    type=click.Choice([duty.value for duty in Duty]),
    metavar="DUTY",
    multiple=True,
    help="What the site does though it need not; replaces the former ones",
)
def law(site: SiteContext, **given: Any) -> None:
    """Set which duties of the law are on at a site; without options, show them.

    Records are kept either way. This is no legal advice: see docs/law.md.
    """
    session = db.session()
    settings = legal_settings.read_legal_settings(session, site.id)
    kind, is_small, voluntary = given["kind"], given["is_small"], given["voluntary"]
    if kind is not None:
        settings = replace(
            settings, kind=None if kind == NOTHING else HostingKind(kind)
        )
    if is_small is not None:
        settings = replace(settings, is_small=is_small)
    if voluntary:
        settings = replace(settings, voluntary=frozenset(map(Duty, voluntary)))
    if kind is not None or is_small is not None or voluntary:
        start_writing(session)
        legal_settings.update_legal_settings(session, site.id, settings)
        session.commit()
    click.echo(f"{'service':<12} {settings.kind or NOTHING}")
    click.echo(f"{'small':<12} {'yes' if settings.is_small else 'no'}")
    for duty in Duty:
        click.echo(f"{duty.value:<12} {'on' if settings.is_on(duty) else 'off'}")
