"""Commands that bring a site's history in, and write it out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import click

from moderation.cli.options import site_option
from moderation.database import db, start_writing
from moderation.importing import export, formats
from moderation.importing.drafts import ReadOptions, UnreadableTime, read_time
from moderation.importing.dry_run import read_once, read_resolved
from moderation.importing.files import ByteCounter, counted, size_of
from moderation.importing.findings import FileFindings
from moderation.importing.formats import AUTO, FORMATS, ImportFormat
from moderation.importing.ingestion import Ingestion
from moderation.importing.live_site import LiveSite
from moderation.importing.mapping import read_mapping
from moderation.importing.readers.wordpress_rest import WordPressSite
from moderation.importing.records import (
    ImportItem,
    ImportRecord,
    SkippedRow,
    to_json,
)
from moderation.importing.report import ImportReport
from moderation.importing.request import is_source
from moderation.importing.runs import ImportTarget
from moderation.insights import upkeep
from moderation.sites.sites import SiteContext
from moderation.text.plain import is_web_address
from moderation.web.services import services

LIVE = "wordpress-rest"
PASSWORD_VARIABLE = "MODERATION_WORDPRESS_PASSWORD"  # noqa: S105 - a name
INCOMPLETE = 3  # exit status: a file ended too early


class Zone(click.ParamType):  # type: ignore[type-arg]  # generic for mypy only
    """The name of a time zone."""

    name = "zone"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> ZoneInfo:
        """Return the zone of that name."""
        if isinstance(value, ZoneInfo):
            return value
        if value not in available_timezones():
            self.fail(f"{value} is no time zone, such as Europe/Vienna.")
        return ZoneInfo(value)


class Day(click.ParamType):  # type: ignore[type-arg]  # generic for mypy only
    """A date or time in ISO 8601, in UTC."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> datetime:
        """Return the moment."""
        if isinstance(value, datetime):
            return value
        try:
            return read_time(str(value))
        except UnreadableTime:
            self.fail(f"{value} is no date, such as 2020-01-31.")


@click.command("import")
@click.argument("name", metavar="FORMAT", type=click.Choice([AUTO, *FORMATS, LIVE]))
@click.argument("places", metavar="FILE…", nargs=-1, required=True)
@site_option
@click.option("--source", help="Begins the ids of comments; by default, the format")
@click.option("--timezone", "zone", type=Zone(), help="Of times that name no zone")
@click.option("--base-url", help="Of articles whose source knows paths only")
@click.option("--since", type=Day(), help="Leave out what was written before")
@click.option(
    "--mapping", "mapping_file", type=click.Path(path_type=Path), help="JSON file"
)
@click.option(
    "--pending",
    type=click.Choice(["queue", "archive"]),
    default="archive",
    show_default=True,
    help="Where comments without a decision go",
)
@click.option("--user", help=f"Of {LIVE}: an editor, with an application password")
@click.option("--resume", is_flag=True, help="Skip what an import that ended has done")
@click.option("--dry-run", is_flag=True, help="Only report what would be imported")
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of a table")
def import_history(site: SiteContext, places: tuple[str, ...], **given: Any) -> None:
    """Import the comments and decisions of another system.

    Authors and sites are notified of nothing. The same files again change nothing, and
    newer ones add what is new. FORMAT `auto` tells it by the first file. FORMAT
    `wordpress-rest` reads a live WordPress at a URL; the application password of --user
    is in MODERATION_WORDPRESS_PASSWORD, or asked for.
    """
    format_, paths = _format_of(given, places)
    is_live = format_.name == LIVE
    mapping_file = given["mapping_file"]
    options = ReadOptions(
        source=_source(given["source"] or format_.source),
        now=datetime.now(UTC),
        zone=given["zone"],
        base_url=places[0] if is_live else given["base_url"],
        since=given["since"],
        mapping=read_mapping(mapping_file) if mapping_file else {},
    )
    report, findings = ImportReport(), FileFindings()
    as_json: bool = given["as_json"]
    if given["dry_run"]:
        reader = format_.reader
        rows = (
            read_resolved(reader, paths, options, findings)
            if paths
            else read_once(reader, options, findings)
        )
        for item in rows:
            report.add(item)
            if as_json:
                _print_json(_item_json(item))
    else:
        target = ImportTarget(
            site=site,
            privacy=services().privacy,
            source=options.source,
            format=format_.name,
            now=options.now,
            is_queued=given["pending"] == "queue",
        )
        ingestion = Ingestion(target=target, report=report, findings=findings)
        _ingest(ingestion, format_, paths, options, is_resumed=given["resume"])
    _print_report(report, findings, as_json=as_json)
    if findings.fault:
        raise SystemExit(INCOMPLETE)


def _format_of(
    given: Mapping[str, Any], places: Sequence[str]
) -> tuple[ImportFormat, list[Path]]:
    """Return the format, and the files; a live site has none."""
    name = given["name"]
    if name != LIVE and given["user"]:
        raise click.UsageError(f"--user is for {LIVE}.")
    if name != LIVE:
        paths = [Path(place) for place in places]
        return formats.detect(paths[0]) if name == AUTO else FORMATS[name], paths
    if len(places) > 1 or not is_web_address(places[0]):
        raise click.UsageError(f"{LIVE} needs one URL, such as https://blog.example/.")
    user, password = given["user"], None
    if user:
        password = os.environ.get(PASSWORD_VARIABLE) or click.prompt(
            "Application password", hide_input=True, err=True
        )
    site = LiveSite(
        url=places[0],
        networks=services().settings.callback_networks,
        user=user,
        password=password,
    )
    reader = WordPressSite(site).read
    # Its ids are those of an export of the same blog.
    live = ImportFormat(name=LIVE, reader=reader, title="", source="wordpress")
    return live, []


def _source(name: str) -> str:
    if not is_source(name):
        raise click.BadParameter("A source is of letters, digits, `-`, and `_`.")
    return name


def _ingest(
    ingestion: Ingestion,
    format_: ImportFormat,
    paths: Sequence[Path],
    options: ReadOptions,
    *,
    is_resumed: bool,
) -> None:
    """Store the comments of files, each batch in a transaction."""
    session = db.session()
    is_shown = sys.stderr.isatty()
    steps = ingestion.run(
        session, format_.reader, paths, options, is_resumed=is_resumed
    )
    counter = ByteCounter(total=size_of(paths))
    with (
        counted(counter),
        click.progressbar(
            length=counter.total,
            label="Importing",
            file=sys.stderr,
            hidden=not is_shown,
        ) as bar,
    ):
        for _ in steps:
            bar.update(counter.count - bar.pos)
    start_writing(session)
    upkeep.start_over(session, ingestion.target.site.id, ingestion.target.now)
    session.commit()


def _item_json(item: ImportItem) -> dict[str, Any]:
    if isinstance(item, ImportRecord):
        return to_json(item)
    if isinstance(item, SkippedRow):
        return {"skipped": {"id": item.id, "why": item.why}}
    return {"refused": {"id": item.id, "says": item.says, "line": item.line}}


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def _print_report(
    report: ImportReport, findings: FileFindings, *, as_json: bool
) -> None:
    if as_json:
        _print_json({"report": report.as_json(findings)})
        return
    for line in report.lines(findings):
        click.echo(line)


@click.command("export")
@site_option
@click.option(
    "--with-addresses",
    is_flag=True,
    help="With email addresses in clear, for another installation",
)
def export_history(site: SiteContext, with_addresses: bool) -> None:
    """Write all comments of a site as JSON lines, which `import jsonl` reads again."""
    session = db.session()
    start_writing(session)
    export.record_export(session, site.id, with_addresses=with_addresses)
    session.commit()
    for line in _records(site, with_addresses):
        _print_json(line)


def _records(site: SiteContext, with_addresses: bool) -> Iterator[dict[str, Any]]:
    privacy = services().privacy
    rows = export.read_records(
        db.session(), site.id, privacy, with_addresses=with_addresses
    )
    for row in rows:
        yield to_json(row)
