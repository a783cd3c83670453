"""The command that counts a site's figures again."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from sqlalchemy.orm import sessionmaker

from moderation.audit import actors
from moderation.cli.options import site_option
from moderation.database import db, start_writing
from moderation.insights import upkeep
from moderation.sites.sites import SiteContext
from moderation.web.services import services


@click.command("count-figures")
@site_option
def count_figures(site: SiteContext) -> None:
    """Count a site's overview and insights again.

    A worker does so by itself after an upgrade, and each day for the last weeks. Run
    this after articles were merged, or moved to other sections, longer ago.
    """
    from moderation.worker import figures  # imports Huey: not for servers

    session, now = db.session(), datetime.now(UTC)
    info = actors.identify(actors.get_actor(session), services().audit_key)
    start_writing(session)
    count = upkeep.start_over(session, site.id, now)
    session.commit()
    sessions = sessionmaker(db.engine, expire_on_commit=False, info=info)
    with click.progressbar(length=count, label="Counting") as bar:
        while figures.count_day(sessions, site.id, now):
            bar.update(1)
    click.echo(f"{count} days were counted.")
