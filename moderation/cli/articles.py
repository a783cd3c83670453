"""Commands about the articles of a site: which addresses are one, and their merge."""

from __future__ import annotations

import click
import sqlalchemy as sa

from moderation.cli.app import open_app
from moderation.cli.jobs import run_here
from moderation.cli.manual import ManualGroup
from moderation.cli.options import site_option
from moderation.cli.output import json_option, print_json
from moderation.database import db, start_writing
from moderation.jobs import JobKind
from moderation.sites.sites import SiteContext, update_article_folding
from moderation.tables.sites import Site
from moderation.text.addresses import Folding


@click.group("sites", cls=ManualGroup)
def sites_commands() -> None:
    """List sites, and set which addresses are one article."""


@sites_commands.command("list")
@json_option
def list_sites(as_json: bool) -> None:
    """List all sites by name."""
    open_app()
    rows = db.session().scalars(sa.select(Site).order_by(Site.name)).all()
    if as_json:
        names = ("id", "name", "created_at")
        print_json([{name: getattr(row, name) for name in names} for row in rows])
        return
    for row in rows:
        click.echo(row.name)


@sites_commands.command("fold-addresses")
@site_option
@click.option("--trailing-slash/--no-trailing-slash", default=None, help="/a/ is /a")
@click.option("--double-slashes/--no-double-slashes", default=None, help="//a is /a")
@click.option("--www/--no-www", default=None, help="www.news.example is news.example")
@click.option("--path-case/--no-path-case", default=None, help="/A is /a")
@click.option("--parameters/--no-parameters", default=None, help="?page=2 is nothing")
def fold_addresses(site: SiteContext, **given: bool | None) -> None:
    """Set which addresses of a site are one article; without options, show it.

    Scheme, case of the host, default port, fragment, and tracking parameters never
    count. What is left out stays as it is.
    """
    on = {Folding(name) for name, value in given.items() if value}
    off = {Folding(name) for name, value in given.items() if value is False}
    folding = (site.article_folding | on) - off
    if folding != site.article_folding:
        session = db.session()
        start_writing(session)
        update_article_folding(session, site.id, folding)
        session.commit()
        click.echo(
            "New comments follow this at once. Merge stored articles with "
            f"`moderation sites merge-articles --site {site.name}`.",
            err=True,
        )
    for each in Folding:
        click.echo(f"{each.value:<15} {'yes' if each in folding else 'no'}")


@sites_commands.command("merge-articles")
@site_option
@click.option("--dry-run", is_flag=True, help="Only count what would be merged")
def merge_articles(site: SiteContext, dry_run: bool) -> None:
    """Merge articles that are stored under several spellings of one address.

    The service can run meanwhile. Stopped, the command continues where it was when it
    is run again.
    """
    arguments = {"dry_run": dry_run}
    job = run_here(site.id, JobKind.MERGING, arguments, label="Merging")
    if job.fault:
        raise click.ClickException(job.fault)
    counts = job.result
    verb = "would be merged" if dry_run else "were merged"
    click.echo(
        f"{counts['articles']} articles {verb} into {counts['groups']} others, with "
        f"{counts['comments']} comments."
    )
    if counts["sections"]:
        click.echo(
            f"{counts['sections']} of them had several sections: the newest one "
            "applies.",
            err=True,
        )
