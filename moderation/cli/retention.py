"""Commands about how long data is kept, and legal holds."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy.orm import sessionmaker

from moderation import identifiers
from moderation.audit import actors
from moderation.audit.actors import Actor, ActorKind
from moderation.cli.manual import ManualGroup
from moderation.cli.options import site_option
from moderation.cli.output import busy
from moderation.comments import holds, lookup
from moderation.comments.articles import find_article
from moderation.comments.erasure import ErasureMode
from moderation.comments.holds import HoldDraft
from moderation.database import db, start_writing
from moderation.errors import NotFound
from moderation.sites.sites import SiteContext
from moderation.subjects import clocks, retention
from moderation.subjects.clocks import DEFAULTS, DataClass
from moderation.tables.comments import Article
from moderation.web.services import services
from moderation.worker.retention import apply_clocks

ERASED = "erased"  # as days: until it is erased
DAY = click.DateTime(["%Y-%m-%d"])


@click.group("retention", cls=ManualGroup)
def retention_commands() -> None:
    """Set how long data is kept, and legal holds."""


@retention_commands.command()
@site_option
def show(site: SiteContext) -> None:
    """Show how long a site keeps each class of data."""
    found = clocks.read_clocks(db.session(), site.id)
    for each in DataClass:
        days = _words(found.days[each])
        default = "" if found.days[each] == DEFAULTS[each] else "  (changed)"
        click.echo(f"{each.value:<12} {days}{default}")
    click.echo(f"Erasures {found.mode.value} comments.")
    if found.starts_at is not None:
        click.echo(f"Nothing is deleted before {found.starts_at:%Y-%m-%d %H:%M} UTC.")


@retention_commands.command("set")
@site_option
@click.argument("clock", nargs=-1, metavar="[CLASS=DAYS]...")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in ErasureMode]),
    help="What an erasure does with comments",
)
def set_clocks(site: SiteContext, clock: tuple[str, ...], mode: str | None) -> None:
    """Set how long a site keeps classes of data, as in `networks=30`.

    `published=erased` keeps a class until it is erased.
    """
    days = dict(_read(each) for each in clock)
    session = db.session()
    start_writing(session)
    clocks.update_clocks(
        session,
        site.id,
        days,
        ErasureMode(mode) if mode else None,
        staff_id=None,
        now=datetime.now(UTC),
    )
    session.commit()
    click.echo("A worker applies this within a day.")


@retention_commands.command()
@site_option
@click.option("--dry-run", is_flag=True, help="Only count what would be deleted")
def apply(site: SiteContext, dry_run: bool) -> None:
    """Delete what is past a site's retention times, without waiting for a worker."""
    counts: dict[DataClass, int]
    if dry_run:
        with busy("Counting"):
            counts = retention.count_due(db.session(), site.id, datetime.now(UTC))
    else:
        actor = Actor(kind=ActorKind.COMMAND_LINE, id=os.getuid())
        info = actors.identify(actor, services().audit_key)
        sessions = sessionmaker(db.engine, expire_on_commit=False, info=info)
        with busy("Deleting"):
            counts = dict(apply_clocks(sessions, site.id))
    verb = "would be deleted" if dry_run else "were deleted"
    for each in DataClass:
        if counts.get(each):
            click.echo(f"{each.value:<12} {counts[each]} {verb}")
    if not any(counts.values()):
        click.echo("Nothing is due.")


@retention_commands.command()
@site_option
@click.argument("what", metavar="COMMENT-ID|ARTICLE")
@click.option("--reason", required=True, help="Why; don't name the author")
@click.option("--until", type=DAY, help="It ends by itself on this day, UTC")
def hold(site: SiteContext, what: str, reason: str, until: datetime | None) -> None:
    """Put a comment or an article under a legal hold."""
    session = db.session()
    start_writing(session)
    draft = HoldDraft(
        **_find(site, what),
        reason=reason,
        until=until and until.replace(tzinfo=UTC),
    )
    placed = holds.place(session, site.id, draft, datetime.now(UTC))
    session.commit()
    click.echo(f"Legal hold {placed.id}: nothing deletes it.")


@retention_commands.command("holds")
@site_option
def list_holds(site: SiteContext) -> None:
    """List a site's legal holds."""
    rows = holds.list_holds(db.session(), site.id, datetime.now(UTC))
    for row in rows:
        what = row.article or identifiers.encode(row.comment_id or 0)
        until = row.hold.until.strftime("until %Y-%m-%d") if row.hold.until else ""
        click.echo(f"{row.hold.id:>6}  {what}  {row.hold.reason}  {until}".rstrip())
    if not rows:
        click.echo("No legal holds.")


@retention_commands.command()
@site_option
@click.argument("hold_id", type=click.IntRange(1), metavar="HOLD")
def lift(site: SiteContext, hold_id: int) -> None:
    """Lift a legal hold."""
    session = db.session()
    start_writing(session)
    holds.lift(session, site.id, hold_id, None, datetime.now(UTC))
    session.commit()
    click.echo("The clocks apply again.")


def _words(days: int | None) -> str:
    return "until it is erased" if days is None else f"{days} days"


def _read(text: str) -> tuple[DataClass, int | None]:
    name, _, days = text.partition("=")
    names = [each.value for each in DataClass]
    if name not in names:
        raise click.UsageError(f"{name}: choose from {', '.join(names)}.")
    if days == ERASED:
        return DataClass(name), None
    if not (days.isascii() and days.isdigit()) or len(days) > 6:
        raise click.UsageError(f"{name}: give days, or `{ERASED}`.")
    return DataClass(name), int(days)


def _find(site: SiteContext, what: str) -> dict[str, Any]:
    session = db.session()
    try:
        number = identifiers.decode(what)
    except ValueError:
        found = find_article(session, site, what)
        article = None if found is None else session.get(Article, found)
        if article is None:
            raise NotFound("There is no such article.") from None
        return {"article": article}
    return {"comment": lookup.find(session, [site.id], number)}
