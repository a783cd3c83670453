"""Commands about the transparency report, and statements for the European database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import sqlalchemy as sa

from moderation.cli.app import open_app
from moderation.cli.manual import ManualGroup
from moderation.cli.options import SiteName, site_option
from moderation.database import db
from moderation.sites.sites import SiteContext
from moderation.tables.sites import Site
from moderation.transparency import readiness
from moderation.transparency.period import ReportPeriod
from moderation.transparency.report import make_report
from moderation.transparency.rows import ReportHead
from moderation.transparency.statements import REFUSED, collect_statements
from moderation.web.services import services

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("transparency", cls=ManualGroup)
def transparency() -> None:
    """Make a transparency report, or statements."""


@transparency.command("report")
@click.option("--from", "first", type=DAY, required=True, help="First day, UTC")
@click.option("--to", "last", type=DAY, required=True, help="Last day, UTC")
@click.option("--site", type=SiteName(), help="One site; otherwise, each has a folder")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("transparency-report"),
    show_default=True,
    help="Folder for the files",
)
@click.option("--provider", default="", help="Legal name of the publisher")
@click.option("--service", default="", help="Name of the title; else the site's name")
@click.option("--published", type=DAY, help="When the report is published")
@click.option("--previous", type=DAY, help="When the last one was published")
@click.option("--check", is_flag=True, help="Write nothing; list what is missing")
def report(
    first: datetime,
    last: datetime,
    site: SiteContext | None,
    out: Path,
    check: bool,
    **names: str | datetime | None,
) -> None:
    """Write the Commission's eleven templates as CSV."""
    period, head = _period(first, last), _head(names)
    for site_id, name in _sites(site):
        if check:
            _print_gaps(site_id, name, period, head)
            continue
        folder = out if site is not None else out / name
        folder.mkdir(parents=True, exist_ok=True)
        files = make_report(db.session(), site_id, period, head)
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8", newline="")
        click.echo(f"{name}: {len(files)} files in {folder}.")


@transparency.command("statements")
@site_option
@click.option("--from", "first", type=DAY, required=True, help="First day, UTC")
@click.option("--to", "last", type=DAY, required=True, help="Last day, UTC")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("statements.jsonl"),
    show_default=True,
    help="File for the statements",
)
def statements(site: SiteContext, first: datetime, last: datetime, out: Path) -> None:
    """Write statements of reasons as JSON lines.

    Each line is the body of one call of the European database, with up to 100
    statements. Nothing is sent.
    """
    period = _period(first, last)
    settings = services().settings
    hold = timedelta(seconds=settings.undo_seconds, minutes=settings.batch_undo_minutes)
    if period.end + hold > datetime.now(UTC):
        raise click.ClickException(
            "The last day isn't over, or its decisions can still be undone. Statements "
            "can't be withdrawn: choose an earlier day."
        )
    file = collect_statements(db.session(), site.id, period)
    out.write_text("".join(file.lines()), encoding="utf-8", newline="")
    click.echo(f"{len(file.statements)} statements in {out}.")
    for reason, count in sorted(file.left_out.items()):
        click.echo(f"{count} left out: {reason}.")
    for fault in file.faults:
        kinds = ", ".join(fault.kinds) or "limits"
        click.echo(f"{fault.reference}: {kinds} in {', '.join(fault.fields)}", err=True)
    if any(file.left_out[reason] for reason in REFUSED):
        raise click.ClickException("Some statements were refused; see above.")


def _period(first: datetime, last: datetime) -> ReportPeriod:
    if last < first:
        raise click.BadParameter("must not be before --from", param_hint="--to")
    return ReportPeriod(first=first.date(), last=last.date())


def _head(names: dict[str, str | datetime | None]) -> ReportHead:
    days = {
        name: value.date() if isinstance(value := names[name], datetime) else None
        for name in ("published", "previous")
    }
    return ReportHead(
        provider=str(names["provider"] or ""),
        service=str(names["service"] or ""),
        **days,
    )


def _sites(site: SiteContext | None) -> Sequence[tuple[int, str]]:
    """Return the id and name of one site, or of all."""
    if site is not None:
        return [(site.id, site.name)]
    open_app()
    rows = db.session().execute(sa.select(Site.id, Site.name).order_by(Site.name))
    return [(row.id, row.name) for row in rows]


def _print_gaps(
    site_id: int, name: str, period: ReportPeriod, head: ReportHead
) -> None:
    gaps = readiness.find_gaps(db.session(), site_id, period, head, datetime.now(UTC))
    click.echo(f"{name}: {len(gaps)} things to do.")
    for gap in gaps:
        click.echo(f"- {readiness.TEXTS[gap]}")
