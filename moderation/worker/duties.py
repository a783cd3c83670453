"""The work of each kind of job."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from moderation.api.queue_query import stored_list
from moderation.cluster.scoring import BulkScoring
from moderation.comments import rescoring
from moderation.database import Sessions, start_writing
from moderation.jobs import JobKind, JobProgress, Task
from moderation.keyed_hashes import HashKeys
from moderation.learning import comparison, retraining, vectors
from moderation.models.serving import Scoring
from moderation.review import bulk_steps
from moderation.transparency import files
from moderation.worker import article_merger, exporter, rehearser, rescorer
from moderation.worker.history_importer import HistoryImporter
from moderation.worker.job_attempts import Store, Work


def build(
    sessions: Sessions,
    scoring: Scoring,
    lineage_key: HashKeys,
    history: HistoryImporter | None = None,
    scheduler: str = "",
) -> dict[JobKind, Work]:
    """Return how each kind of job is done.

    Parameters
    ----------
    history
        Reads uploaded files; None: they are not imported.
    scheduler
        Of the Dask cluster that scores many texts; empty: they are scored here.
    """
    bulk = BulkScoring(scoring=scoring, scheduler=scheduler)

    def retrain(task: Task, progress: JobProgress) -> Store:
        with sessions() as session:
            found = retraining.snapshot(session, scoring, task)
        trial = retraining.train(found, progress)
        if found.kept is not None:
            vectors.store(sessions, found.lessons, found.kept)
        return lambda session: retraining.create_candidate(
            session, task, trial, lineage_key, datetime.now(UTC)
        )

    def rescore(task: Task, progress: JobProgress) -> Store:
        now = datetime.now(UTC)
        with sessions() as session:
            order, scorer = rescoring.order(session, scoring, task, now)
        count = rescorer.carry_out(sessions, bulk, order, scorer, progress, now)
        return lambda session: {"version": scorer.version, "scored": count}

    def compare(task: Task, progress: JobProgress) -> Store:
        with sessions() as session:
            pair = comparison.snapshot(session, scoring, task, lineage_key)
        report = comparison.measure(pair, progress)
        return lambda session: {"report": report}

    def rehearse(task: Task, progress: JobProgress) -> Store:
        result = rehearser.carry_out(sessions, scoring, lineage_key, task, progress)
        return lambda session: result

    return {
        JobKind.RETRAINING: retrain,
        JobKind.RESCORING: rescore,
        JobKind.COMPARISON: compare,
        JobKind.BULK: partial(_decide_in_bulk, sessions),
        JobKind.EXPORT: partial(_write_export, sessions),
        JobKind.TRANSPARENCY: partial(_write_transparency_file, sessions),
        JobKind.REHEARSAL: rehearse,
        JobKind.MERGING: partial(article_merger.carry_out, sessions),
        **({JobKind.IMPORT: history.carry_out} if history else {}),
    }


def _decide_in_bulk(sessions: Sessions, task: Task, progress: JobProgress) -> Store:
    with sessions() as session:
        batch_id = bulk_steps.of_job(session, task.job_id)
    more = True
    while more:
        with sessions() as session:
            start_writing(session)
            more, share = bulk_steps.run_step(session, batch_id, datetime.now(UTC))
            session.commit()
        progress(share)
    return lambda session: {}


def _write_export(sessions: Sessions, task: Task, progress: JobProgress) -> Store:
    arguments = task.arguments
    query = stored_list(task.site_id, arguments["filters"], arguments["order"])
    result = exporter.carry_out(sessions, task, query, progress)
    return lambda session: result


def _write_transparency_file(
    sessions: Sessions, task: Task, progress: JobProgress
) -> Store:
    with sessions() as session:
        made = files.make_file(session, task, datetime.now(UTC))
    return lambda session: files.store_file(session, task, made, datetime.now(UTC))
