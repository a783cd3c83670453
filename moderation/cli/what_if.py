"""The command that replays past comments under other thresholds."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from classifiers.text.labels import LABELS
from moderation.cli.options import site_option
from moderation.database import db
from moderation.errors import NotFound
from moderation.models import registry
from moderation.monitoring import what_if as analysis
from moderation.monitoring.what_if import ReplayOutcome
from moderation.policy.thresholds import Threshold
from moderation.sites.sites import SiteContext
from moderation.web.services import services


class _Cut(click.ParamType):  # type: ignore[type-arg]  # generic for mypy only
    """LABEL=REVIEW or LABEL=REVIEW,REJECT."""

    name = "cut"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> tuple[str, Threshold]:
        label, _, cuts = str(value).partition("=")
        if label not in LABELS:
            self.fail(f"{label!r} is no label; there are {', '.join(LABELS)}")
        try:
            review, _, reject = cuts.partition(",")
            return label, Threshold(
                review_at=float(review), reject_at=float(reject) if reject else None
            )
        except ValueError as error:
            self.fail(f"{value!r}: {error}")


@click.command("what-if")
@site_option
@click.option("--model", "version", help="The model; the one that decides, if left out")
@click.option(
    "--days",
    default=28,
    show_default=True,
    type=click.IntRange(1, 365),
    help="How far back",
)
@click.option(
    "--cut",
    "cuts",
    multiple=True,
    type=_Cut(),
    metavar="LABEL=REVIEW[,REJECT]",
    help="Another threshold of a label; may be given several times",
)
@click.option("--seconds", default=10.0, show_default=True, help="A look at a comment")
def what_if(
    site: SiteContext,
    version: str | None,
    days: int,
    cuts: tuple[tuple[str, Threshold], ...],
    seconds: float,
) -> None:
    """Replay the last days under other thresholds or another model."""
    session = db.session()
    shipped = services().scoring.default
    in_force = registry.get_version(session, site.model_id, shipped)
    wanted = version or in_force
    if wanted is None or in_force is None:
        raise NotFound("No model is active, so there are no scores to replay.")
    registry.find_model(session, site.id, wanted, shipped)
    thresholds = {**site.policy.thresholds, **dict(cuts)}
    asked = dataclasses.replace(site.policy, thresholds=thresholds)
    since = datetime.now(UTC) - timedelta(days=days)
    rows = []
    for name, policy, model in (
        ("current", site.policy, in_force),
        ("asked for", asked, wanted),
    ):
        (found,) = analysis.replay(
            session, site.id, [policy], model, since=since, seconds_per_look=seconds
        )
        rows.append((name, found.total))
        rows += [
            (f"  {section or '(no section)'}", outcome)
            for section, outcome in found.sections.items()
            if len(found.sections) > 1
        ]
    click.echo(f"The last {days} days, with {in_force} and with {wanted}:")
    for line in outcome_table(rows):
        click.echo(line)
    if found.unscored:
        click.echo(
            f"{found.unscored} comments have no scores of {wanted}; "
            f"`moderation rescore --model {wanted} --days {days}` gives them some."
        )


def outcome_table(rows: list[tuple[str, ReplayOutcome]]) -> list[str]:
    """Return outcomes as lines to read."""
    heads = ("comments", "approved", "held", "rejected", "missed")
    more = ("wrongly held", "wrongly rejected", "minutes")
    lines = [" " * 22 + "".join(f"{each:>{len(each) + 2}}" for each in (*heads, *more))]
    for name, outcome in rows:
        values = vars(outcome)
        cells = [values[each.replace(" ", "_")] for each in (*heads, *more)]
        lines.append(
            f"{name:<22}"
            + "".join(
                f"{cell:>{len(head) + 2}}"
                for head, cell in zip((*heads, *more), cells, strict=True)
            )
        )
    return lines
