"""Commands about models: retrain, promote, roll back, and the worker."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import click
import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from moderation import jobs
from moderation.api.model_bodies import NewPromotion
from moderation.cli.app import opened
from moderation.database import db, start_writing
from moderation.errors import NotFound
from moderation.jobs import JobKind, JobState, Progress, Task
from moderation.learning import retraining
from moderation.models import registry
from moderation.models.serving import Scoring
from moderation.privacy import derive_key
from moderation.sites import sites
from moderation.tables.jobs import Job
from moderation.tables.models import Model, Promotion
from moderation.web.services import services

if TYPE_CHECKING:
    from moderation.worker.worker import Sessions, Store, Work

# `moderation.worker` imports Huey, 16 MB: in the commands that need it, as this module
# is also loaded by the process that becomes the web server.

DELIVERING = 3  # threads: a slow receiver holds one of them up
NICENESS = 10  # of the worker beside a server: requests come first

site_option = click.option("--site", "site_name", required=True, help="Name of a site")


@click.command()
@site_option
def retrain(site_name: str) -> None:
    """Train a candidate from a site's decisions and show it beside the active model."""
    from moderation.worker import worker

    with opened():
        scoring, sessions = _scoring(), _sessions()
        task = _begin(_site_id(site_name))
        duties = worker.duties(sessions, scoring, _lineage_key())
        with click.progressbar(length=100, label="Training") as bar:
            shown = {JobKind.RETRAINING: _shown(duties[JobKind.RETRAINING], bar)}
            try:
                worker.perform(sessions, shown, task)
            except KeyboardInterrupt:
                worker.break_off(sessions, task, "Broken off by hand.")
                raise
        _tell(task.job_id)


@click.command()
@site_option
@click.argument("version")
@click.option("--despite-gate", help="Why, in writing, though the gate refused it")
def promote(site_name: str, version: str, despite_gate: str | None) -> None:
    """Let a model decide at a site, from the next request on."""
    try:
        fields = NewPromotion().load({"despite_gate": despite_gate})
    except ma.ValidationError as error:
        complaint = " ".join(error.messages_dict["despite_gate"])
        raise click.BadParameter(complaint, param_hint="--despite-gate") from None
    with opened():
        session, site_id = db.session(), _site_id(site_name)
        registry.refuse_unservable(session, site_id, version)
        start_writing(session)
        promotion = registry.promote(
            session,
            site_id,
            version,
            shipped=_scoring().default,
            staff_id=None,
            now=datetime.now(UTC),
            **fields,
        )
        session.commit()
        _tell_promotion(site_name, promotion)


@click.command()
@site_option
def rollback(site_name: str) -> None:
    """Let decide again what decided before the last promotion."""
    with opened():
        session, site_id = db.session(), _site_id(site_name)
        start_writing(session)
        promotion = registry.roll_back(
            session, site_id, staff_id=None, now=datetime.now(UTC)
        )
        session.commit()
        _tell_promotion(site_name, promotion)


@click.command("models")
@site_option
def list_models(site_name: str) -> None:
    """List a site's models; the one that decides is marked."""
    with opened():
        entries = registry.list_models(
            db.session(), _site_id(site_name), _scoring().default
        )
        for entry in entries:
            mark = "*" if entry.is_active else " "
            gate = entry.report["gate"]["allowed"] if entry.report else None
            words = {None: "ships", True: "may be promoted", False: "refused"}
            click.echo(f"{mark} {entry.version}  {words[gate]}")


@click.command("worker")
@click.option(
    "--beside",
    type=int,
    metavar="PID",
    help="End with this parent process, and be nice",
)
def run_worker(beside: int | None) -> None:
    """Do the background work, until a signal comes."""
    from moderation.worker import worker

    with opened():
        sessions = _sessions()
        _start_messenger(sessions)
        _start_sampler(sessions)
        _start_observer(sessions)
        duties = worker.duties(sessions, _scoring(), _lineage_key())
        threading.Thread(
            target=worker.run_beside,
            args=(sessions, duties, threading.Event()),
            daemon=True,
        ).start()
        worker.run(sessions, duties, beside=beside)


def _start_messenger(sessions: Sessions) -> None:
    """Tell sites what they wait for, in threads that end with this process."""

    from moderation.webhooks import sender

    settings = services().settings
    post = sender.Post(
        sessions=sessions,
        privacy=services().privacy,
        networks=settings.callback_networks,
        grace=timedelta(seconds=settings.undo_seconds),
    )
    stopped = threading.Event()
    steps = [sender.call_back_next] + [sender.deliver_next] * DELIVERING
    for step in steps:
        threading.Thread(
            target=sender.run, args=(step, post, stopped), daemon=True
        ).start()
    threading.Thread(target=sender.keep, args=(post, stopped), daemon=True).start()


def _start_sampler(sessions: Sessions) -> None:
    """Draw the decisions that somebody looks at again, in a thread likewise."""

    from moderation.worker import sampler

    settings = services().settings
    threading.Thread(
        target=sampler.run,
        args=(sessions, threading.Event()),
        kwargs={
            "key": derive_key(settings.secret_key, "looks"),
            "grace": timedelta(seconds=settings.undo_seconds),
        },
        daemon=True,
    ).start()


def _start_observer(sessions: Sessions) -> None:
    """Let silent models score and drift be found, in a thread that ends with this."""
    from moderation.worker import observer

    threading.Thread(
        target=observer.run, args=(sessions, threading.Event(), _scoring()), daemon=True
    ).start()


def start_worker_beside() -> subprocess.Popen[bytes]:
    """Start a worker as a child of this process, with which it ends."""
    command = [sys.executable, "-m", "moderation", "worker", "--beside"]
    return subprocess.Popen(  # noqa: S603 - our own command
        [*command, str(os.getpid())], preexec_fn=partial(os.nice, NICENESS)
    )


COMMANDS = (retrain, promote, rollback, list_models, run_worker)


def _scoring() -> Scoring:

    return services().scoring


def _lineage_key() -> bytes:

    return services().lineage_key


def _sessions() -> Sessions:
    return sessionmaker(db.engine, expire_on_commit=False)


def _site_id(name: str) -> int:
    site = sites.find_by_name(db.session(), name)
    if site is None:
        raise NotFound(f"There is no site {name!r}.")
    return site.id


def _begin(site_id: int) -> Task:
    """Enqueue a training and take it up in one commit: no worker comes between."""
    session, now = db.session(), datetime.now(UTC)
    retraining.refuse_unready(session, site_id)
    start_writing(session)
    job = jobs.enqueue(session, site_id, JobKind.RETRAINING, staff_id=None, now=now)
    task = jobs.take(session, job.id, now)
    session.commit()
    assert task is not None  # noqa: S101 - nobody else has seen it
    return task


def _shown(work: Work, bar: Any) -> Work:
    """Return the work with its progress on the bar, too."""

    def shown(task: Task, progress: Progress) -> Store:
        def tell(share: float, note: str | None = None, /) -> None:
            progress(share, note)
            bar.update(round(100 * share) - bar.pos)

        return work(task, tell)

    return shown


def _tell(job_id: int) -> None:
    """Print what a training has brought."""
    session = db.session()
    job = session.get_one(Job, job_id, populate_existing=True)
    if job.state != JobState.SUCCEEDED.value:
        raise click.ClickException(job.fault or "Another worker has taken it up.")
    model = session.scalars(
        sa.select(Model).where(Model.version == job.result["version"])
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
        f"{report['examples']} decisions: learnt from the earlier "
        f"{report['trained_on']}, measured on the later {report['held_out']}.",
        f"active {report['active']['version']}, "
        f"candidate {report['candidate']['version']}",
        "",
        f"{'':<30}   {'AUC: more is better':^38}   {'Brier: less is better':^20}",
        f"{'label':<18}{'n':>6}{'harm':>6}   {'active':<7} {'candidate':<9} "
        f"{'gain (95 % interval)':<20}   {'active':<9} candidate",
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
    lines.append("With the thresholds in force, these would be held or rejected:")
    for kind in ("harmful", "harmless"):
        lines.append(
            f"  of {held['active'][kind]} {kind} comments: "
            f"{held['active'][f'{kind}_held']} by the active model, "
            f"{held['candidate'][f'{kind}_held']} by the candidate"
        )
    return lines


def _tell_promotion(site_name: str, promotion: Promotion) -> None:
    session: Session = db.session()
    shipped = _scoring().default
    now = registry.version_of(session, promotion.model_id, shipped)
    before = registry.version_of(session, promotion.previous_id, shipped)
    click.echo(f"At {site_name}, {now} decides from now on; before, it was {before}.")
