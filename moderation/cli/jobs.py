"""Commands about background work: what there is, ended, or done at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy.orm import sessionmaker

from moderation import jobs
from moderation.audit import actors
from moderation.cli.options import site_option
from moderation.cli.output import json_option, print_json
from moderation.database import db, start_writing
from moderation.jobs import JobKind, JobProgress, Task
from moderation.sites.sites import SiteContext
from moderation.tables.jobs import Job
from moderation.web.services import services

COLUMNS = (  # of a job, as JSON has them
    *("id", "kind", "state", "progress", "attempts", "fault"),
    *("created_at", "started_at", "finished_at"),
)


@click.command("jobs")
@site_option
@json_option
def list_jobs(site: SiteContext, as_json: bool) -> None:
    """List a site's jobs, newest first."""
    newest = jobs.list_newest(db.session(), site.id)
    if as_json:
        print_json([{name: getattr(job, name) for name in COLUMNS} for job in newest])
        return
    for job in newest:
        done = f"{job.progress:4.0%}"
        click.echo(
            f"{job.id:>6}  {job.kind:<12}{job.state:<11}{done}  {job.fault or ''}"
        )


@click.command("cancel-job")
@site_option
@click.argument("job_id", type=int)
def cancel_job(site: SiteContext, job_id: int) -> None:
    """Cancel a job before it is done; its results are discarded."""
    session = db.session()
    start_writing(session)
    job = jobs.cancel(session, job_id, [site.id], datetime.now(UTC))
    session.commit()
    click.echo(f"Job {job.id} is {job.state}; its worker ends it if it runs.")


@click.command()
@site_option
@click.option("--model", "version", help="Score the last days silently by this model")
@click.option("--days", type=click.IntRange(1, 365), help="With --model: how far back")
def rescore(site: SiteContext, version: str | None, days: int | None) -> None:
    """Score pending comments again with the active model, in this process."""
    if (version is None) != (days is None):
        raise click.UsageError("--model and --days go together.")
    arguments = {} if version is None else {"version": version, "days": days}
    job = run_here(site.id, JobKind.RESCORING, arguments, label="Scoring")
    if job.fault:
        raise click.ClickException(job.fault)
    click.echo(f"{job.result.get('scored', 0)} texts were scored.")


def run_here(
    site_id: int, kind: JobKind, arguments: Mapping[str, Any], *, label: str
) -> Job:
    """Do a job in this process, with its progress on a bar; return how it ended."""
    from moderation.worker import duties, job_attempts  # imports Huey: not for servers

    task = _begin(site_id, kind, arguments)
    info = actors.identify(actors.get_actor(db.session()), services().audit_key)
    sessions = sessionmaker(db.engine, expire_on_commit=False, info=info)
    every = duties.build(
        sessions,
        services().scoring,
        services().lineage_key,
        scheduler=services().settings.dask_scheduler,
    )
    with click.progressbar(length=100, label=label) as bar:

        def work(task: Task, progress: JobProgress) -> job_attempts.Store:
            def show(share: float, note: str | None = None, /) -> None:
                progress(share, note)
                bar.update(round(100 * share) - bar.pos)

            return every[kind](task, show)

        try:
            job_attempts.run_job(sessions, {kind: work}, task)
        except KeyboardInterrupt:
            job_attempts.break_off(sessions, task, "Broken off by hand.")
            raise
    return db.session().get_one(Job, task.job_id, populate_existing=True)


def _begin(site_id: int, kind: JobKind, arguments: Mapping[str, Any]) -> Task:
    """Enqueue a job and take it up in one commit: no worker comes between."""
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    job = jobs.enqueue(
        session, site_id, kind, staff_id=None, now=now, arguments=arguments
    )
    task = jobs.take(session, job.id, now)
    session.commit()
    assert task is not None  # noqa: S101 - no one else has seen it
    return task
