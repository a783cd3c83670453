"""Commands about training: a candidate, its examples, what a model has read."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import click
import sqlalchemy as sa

from classifiers.text.labels import HARMS
from moderation import identifiers
from moderation.cli.jobs import run_here
from moderation.cli.options import site_option
from moderation.database import db, start_writing
from moderation.errors import NotFound
from moderation.jobs import JobKind, JobState
from moderation.learning import examples, lineage, provenance, retraining
from moderation.learning.training_set import TrainingSet
from moderation.sites.sites import SiteContext
from moderation.tables.jobs import Job
from moderation.tables.models import Model
from moderation.web.services import services


@click.command()
@site_option
def retrain(site: SiteContext) -> None:
    """Train a candidate from a site's decisions; compare it with the active model."""
    retraining.refuse_unready(db.session(), site.id)
    job = run_here(site.id, JobKind.RETRAINING, {}, label="Training")
    _print_result(job)


@click.command("export-examples")
@site_option
def export_examples(site: SiteContext) -> None:
    """Write training examples as JSON lines, without names, addresses, or IDs.

    `python -m classifiers train` reads them. Email addresses in texts are masked.
    """
    session = db.session()
    lessons = TrainingSet(examples.read_training_examples(session, site.id, HARMS))
    lessons.weigh()
    start_writing(session)
    provenance.record_export(session, site.id, len(lessons))
    session.commit()
    for line in provenance.to_plain_rows(lessons):
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


@click.command("lineage")
@site_option
@click.argument("comment_id")
def read_lineage(site: SiteContext, comment_id: str) -> None:
    """List the models that were trained on a comment, even if it was deleted."""
    session = db.session()
    try:
        number = identifiers.decode(comment_id)
    except ValueError:
        raise NotFound("There is no such comment.") from None
    key = services().lineage_key
    found = lineage.list_trained_models(session, site.id, number, key)
    start_writing(session)
    lineage.record_read(session, site.id, number)
    session.commit()
    for each in found:
        mark = "*" if each.is_active else " "
        click.echo(f"{mark} {each.version}  {each.created_at:%Y-%m-%d}")
    if not found:
        click.echo("No model was trained on it.")


def _print_result(job: Job) -> None:
    """Print what a training has brought."""
    session = db.session()
    if job.state != JobState.SUCCEEDED.value:
        raise click.ClickException(job.fault or "Another worker has taken it up.")
    model = session.scalars(
        sa.select(Model).where(
            Model.site_id == job.site_id, Model.version == job.result["version"]
        )
    ).one()
    for line in table(model.report):
        click.echo(line)
    click.echo()
    gate = model.report["gate"]
    if gate["allowed"]:
        click.echo(f"The gate lets {model.version} be promoted.")
    else:
        click.echo(f"The gate refuses {model.version}:")
        for reason in gate["reasons"]:
            click.echo(f"  - {reason}")


def table(report: Mapping[str, Any]) -> list[str]:
    """Return a report's comparison as lines to read."""
    lines = [
        f"{report['examples']} decisions: trained on the earlier "
        f"{report['trained_on']}, measured on the later {report['held_out']}.",
        f"active {report['active']['version']}, "
        f"candidate {report['candidate']['version']}",
        "",
        f"{'':<30}   {'AUC: more is better':^38}   {'Brier: less is better':^20}",
        f"{'label':<18}{'n':>6}{'harm':>6}   {'active':<7} {'candidate':<9} "
        f"{'gain (95% interval)':<20}   {'active':<9} candidate",
    ]
    compared = report["comparison"]
    for label, figures in report["candidate"]["labels"].items():
        start = f"{label:<18}{figures['n']:>6}{figures['positives']:>6}   "
        if label not in compared["auc"]:
            lines.append(f"{start}not to be measured: one side is missing")
            continue
        area, brier = compared["auc"][label], compared["brier"][label]
        gain = area["gain"]
        lines.append(
            f"{start}{area['active']:<7.3f} {area['candidate']:<9.3f} "
            f"{gain['value']:+.3f} ({gain['low']:+.3f}, {gain['high']:+.3f})   "
            f"{brier['active']:<9.3f} {brier['candidate']:.3f}"
        )
    held = report["under_policy"]
    lines.append("")
    lines.append("With the current thresholds, these would be held or rejected:")
    for kind in ("harmful", "harmless"):
        lines.append(
            f"  of {held['active'][kind]} {kind} comments: "
            f"{held['active'][f'{kind}_held']} by the active model, "
            f"{held['candidate'][f'{kind}_held']} by the candidate"
        )
    return lines
