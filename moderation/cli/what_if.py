"""Commands about what is learnt: what-if, jobs, files of models and of examples."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from classifiers.text.labels import LABELS
from moderation import identifiers, jobs
from moderation.cli.app import opened
from moderation.database import db, start_writing
from moderation.errors import NotFound
from moderation.jobs import JobKind
from moderation.learning import examples, lineage, provenance
from moderation.learning.training_set import Shelf
from moderation.models import registry
from moderation.models.model_card import card
from moderation.monitoring import what_if as whatif
from moderation.monitoring.what_if import Outcome
from moderation.policy import Threshold
from moderation.sites import sites
from moderation.sites.sites import SiteContext
from moderation.web.services import services_of

site_option = click.option("--site", "site_name", required=True, help="Name of a site")


def _site(name: str) -> SiteContext:
    site = sites.find_by_name(db.session(), name)
    context = None if site is None else sites.find_by_id(db.session(), site.id)
    if context is None:
        raise NotFound(f"There is no site {name!r}.")
    return context


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
@click.option("--days", default=28, show_default=True, type=click.IntRange(1, 365))
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
    site_name: str,
    version: str | None,
    days: int,
    cuts: tuple[tuple[str, Threshold], ...],
    seconds: float,
) -> None:
    """Replay the last days under other thresholds or another model."""
    import dataclasses

    with opened() as app:
        session, site = db.session(), _site(site_name)
        shipped = services_of(app).scoring.default
        in_force = registry.version_of(session, site.model_id, shipped)
        wanted = version or in_force
        if wanted is None or in_force is None:
            raise NotFound("No model decides now: there are no scores to replay.")
        registry.find_model(session, site.id, wanted, shipped)
        thresholds = {**site.policy.thresholds, **dict(cuts)}
        asked = dataclasses.replace(site.policy, thresholds=thresholds)
        since = datetime.now(UTC) - timedelta(days=days)
        rows = []
        for name, policy, model in (
            ("in force", site.policy, in_force),
            ("asked for", asked, wanted),
        ):
            (found,) = whatif.replay(
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


def outcome_table(rows: list[tuple[str, Outcome]]) -> list[str]:
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


@click.command()
@site_option
@click.option("--model", "version", help="Score the last days silently by this model")
@click.option("--days", type=click.IntRange(1, 365), help="With --model: how far back")
def rescore(site_name: str, version: str | None, days: int | None) -> None:
    """Score anew what waits, by the model that decides; in this command itself."""
    if (version is None) != (days is None):
        raise click.UsageError("--model and --days go together.")
    from sqlalchemy.orm import sessionmaker

    from moderation.worker import worker

    with opened() as app:
        session, site, now = db.session(), _site(site_name), datetime.now(UTC)
        arguments = {} if version is None else {"version": version, "days": days}
        start_writing(session)
        kind = JobKind.RESCORING
        job = jobs.enqueue(
            session, site.id, kind, staff_id=None, now=now, arguments=arguments
        )
        task = jobs.take(session, job.id, now)
        session.commit()
        assert task is not None  # noqa: S101 - nobody else has seen it
        sessions = sessionmaker(db.engine, expire_on_commit=False)
        duties = worker.duties(
            sessions, services_of(app).scoring, services_of(app).lineage_key
        )
        with click.progressbar(length=100, label="Scoring") as bar:

            def work(task: jobs.Task, progress: jobs.Progress) -> worker.Store:
                def tell(share: float, note: str | None = None, /) -> None:
                    progress(share, note)
                    bar.update(round(100 * share) - bar.pos)

                return duties[kind](task, tell)

            worker.perform(sessions, {kind: work}, task)
        done = jobs.find(session, job.id, [site.id])
        session.refresh(done)
        if done.fault:
            raise click.ClickException(done.fault)
        click.echo(f"{done.result.get('scored', 0)} texts were scored.")


@click.command("jobs")
@site_option
def list_jobs(site_name: str) -> None:
    """List what a worker does, will do and has done, the newest first."""
    with opened():
        for job in jobs.list_newest(db.session(), _site(site_name).id):
            done = f"{job.progress:4.0%}"
            click.echo(
                f"{job.id:>6}  {job.kind:<12}{job.state:<11}{done}  {job.fault or ''}"
            )


@click.command("cancel-job")
@site_option
@click.argument("job_id", type=int)
def cancel_job(site_name: str, job_id: int) -> None:
    """End a job before it is done; nothing of what it made is kept."""
    with opened():
        session, site = db.session(), _site(site_name)
        start_writing(session)
        job = jobs.cancel(session, job_id, [site.id], datetime.now(UTC))
        session.commit()
        click.echo(f"Job {job.id} is {job.state}; its worker ends it if it runs.")


@click.command("export-model")
@site_option
@click.argument("version")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def export_model(site_name: str, version: str, path: Path) -> None:
    """Write a model into a file, and its card beside it."""
    with opened() as app:
        session, site = db.session(), _site(site_name)
        shipped = services_of(app).scoring.default
        entry = registry.find_model(session, site.id, version, shipped)
        path.write_bytes(registry.read_artifact(session, site.id, version, shipped))
        path.with_suffix(".md").write_text(card(entry, site.name), encoding="utf-8")
        click.echo(f"{version} is in {path}, its card in {path.with_suffix('.md')}.")


@click.command("import-model")
@site_option
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_model(site_name: str, path: Path) -> None:
    """Take a model from a file into the registry; it is checked, never executed."""
    with opened():
        session, site, data = db.session(), _site(site_name), path.read_bytes()
        scorer = registry.check(data)
        start_writing(session)
        registry.add_imported(
            session, site.id, scorer, data, staff_id=None, now=datetime.now(UTC)
        )
        session.commit()
        click.echo(f"{scorer.version} is in the registry; it decides nothing yet.")


@click.command("export-examples")
@site_option
def export_examples(site_name: str) -> None:
    """Write what people taught as JSON lines, without names, addresses or ids.

    `python -m classifiers train` reads them. E-mail addresses in texts are masked.
    """
    with opened():
        site = _site(site_name)
        lessons = Shelf(examples.read_lessons(db.session(), site.id, LABELS))
        lessons.weigh()
        for line in provenance.plain(lessons):
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


@click.command("lineage")
@site_option
@click.argument("comment_id")
def read_lineage(site_name: str, comment_id: str) -> None:
    """Tell which models have learnt from a comment, also from a deleted one."""
    with opened() as app:
        session, site = db.session(), _site(site_name)
        try:
            number = identifiers.decode(comment_id)
        except ValueError:
            raise NotFound("There is no such comment.") from None
        key = services_of(app).lineage_key
        found = lineage.models_that_read(session, site.id, number, key)
        for each in found:
            mark = "*" if each.is_active else " "
            click.echo(f"{mark} {each.version}  {each.created_at:%Y-%m-%d}")
        if not found:
            click.echo("No model has learnt from it.")


COMMANDS = (
    what_if,
    rescore,
    list_jobs,
    cancel_job,
    export_model,
    import_model,
    export_examples,
    read_lineage,
)
