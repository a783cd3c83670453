"""The command that rehearses: past comments replayed, against what was decided."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy.orm import sessionmaker

from moderation import identifiers
from moderation.cli import rehearsal_tables
from moderation.cli.history import Day
from moderation.cli.options import site_option
from moderation.database import db
from moderation.insights import usual_pace
from moderation.privacy import mask_emails
from moderation.rehearsal import load, rehearsing, report
from moderation.rehearsal.load import DecisionSeconds
from moderation.rehearsal.rehearsing import USUAL_SAMPLE, Rehearsal, RehearsalOrder
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Comment
from moderation.web.services import services

MAX_SECONDS = 600.0


class _ServiceThreshold(click.ParamType):  # type: ignore[type-arg]  # for mypy only
    """ATTRIBUTE=VALUE."""

    name = "threshold"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> tuple[str, float]:
        attribute, _, number = str(value).partition("=")
        try:
            threshold = float(number)
        except ValueError:
            self.fail(f"{value!r} is not like TOXICITY=0.8")
        if not attribute or not 0 <= threshold <= 1:
            self.fail(f"{value!r}: a threshold is 0 to 1")
        return attribute, threshold


@click.command("rehearse")
@site_option
@click.option("--since", type=Day(), help="Leave out what was written before")
@click.option("--model", "version", help="The model; by default the active one")
@click.option(
    "--sample",
    type=click.IntRange(min=0),
    default=USUAL_SAMPLE,
    show_default=True,
    help="Read about so many comments, chosen by ID; 0: all",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.1, MAX_SECONDS),
    help="For one decision; by default the site's own median, or 10",
)
@click.option(
    "--service-threshold",
    "given_thresholds",
    multiple=True,
    type=_ServiceThreshold(),
    metavar="ATTRIBUTE=VALUE",
    help=f"Of another service's imported scores; by default "
    f"{rehearsing.GIVEN_THRESHOLD}",
)
@click.option("--examples", "has_examples", is_flag=True, help="With IDs to read")
@click.option("--texts", "has_texts", is_flag=True, help="With IDs and texts to read")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of tables")
def rehearse(site: SiteContext, version: str | None, **given: Any) -> None:
    """Replay past comments through rules, policy, and model. Changes nothing.

    Shows what would be approved, held, and rejected against what was decided then, by
    section and month, with the load of the queue and thresholds that keep the load or
    the misses as they were. Comments that the model was trained on are left out.
    """
    order = RehearsalOrder(
        site_id=site.id,
        version=version,
        since=given["since"],
        sample=given["sample"] or None,
        given_thresholds=dict(given["given_thresholds"]),
    )
    rehearsal = _carry_out(order)
    found = report.to_json(rehearsal, _seconds(site.id, given["seconds"]))
    if given["has_texts"]:
        _add_texts(found)
    if given["as_json"]:
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        return
    for line in rehearsal_tables.list_lines(found):
        click.echo(line)
    if given["has_examples"] or given["has_texts"]:
        for line in rehearsal_tables.list_examples(found):
            click.echo(line)


def _carry_out(order: RehearsalOrder) -> Rehearsal:
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    with click.progressbar(
        length=1000,
        label="Rehearsing",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:

        def show(share: float, note: str | None = None, /) -> None:
            bar.update(round(1000 * share) - bar.pos)

        return rehearsing.rehearse(
            sessions, order, services().scoring, services().lineage_key, show
        )


def _seconds(site_id: int, given: float | None) -> DecisionSeconds:
    session = db.session()
    median, timed = usual_pace.measure_pace(session, site_id, datetime.now(UTC))
    return load.choose_seconds(given, median, timed)


def _add_texts(found: Mapping[str, Any]) -> None:
    """Add the texts of examples, without email addresses."""
    session = db.session()
    for example in _examples(found):
        comment = session.get(Comment, identifiers.decode(example["id"]))
        example["text"] = mask_emails(comment.body) if comment else None


def _examples(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for kind in found["examples"]:
        yield from kind["comments"]
