"""Background work of a site: how far it is, and how it is ended. For admins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation import jobs
from moderation.accounts import staff
from moderation.accounts.staff import Role
from moderation.api.job_bodies import JobList, JobOut, JobWithLog
from moderation.database import db, start_writing
from moderation.jobs import JobKind, JobState
from moderation.tables.jobs import Job
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint("jobs", __name__, url_prefix="/api/v1", description="For admins")


@bp.route("/sites/<site>/jobs", methods=["GET"])
@needs_staff
@bp.response(200, JobList)
@answers(404)
def list_jobs(site: str) -> ResponseReturnValue:
    """List a site's queued, running, and finished jobs, the newest first."""
    found = jobs.list_newest(db.session(), site_for(Role.ADMIN, site))
    return {"jobs": [without_report(shown(job)) for job in found]}


@bp.route("/jobs/<int(max=2147483647):job_id>", methods=["GET"])
@needs_staff
@bp.response(200, JobWithLog)
@answers(404)
def read_job(job_id: int) -> ResponseReturnValue:
    """Get a job with its progress and log."""
    session = db.session()
    job = jobs.find(session, job_id, current_person().site_ids(Role.ADMIN))
    log = [
        {"at": each.at, "text": each.text} for each in jobs.lines_of(session, job_id)
    ]
    return {**shown(job), "log": log}


@bp.route("/jobs/<int(max=2147483647):job_id>/cancellation", methods=["POST"])
@needs_staff
@bp.response(202, JobOut, description="It has ended, or its worker will end it")
@answers(404, 409)
def cancel_job(job_id: int) -> ResponseReturnValue:
    """Cancel a job; comments that an import has added stay.

    One that waits ends at once. What a worker is doing ends in a second or so.
    """
    session, site_ids = db.session(), current_person().site_ids(Role.ADMIN)
    start_writing(session)
    job = jobs.cancel(session, job_id, site_ids, datetime.now(UTC))
    session.commit()
    return shown(job)


@bp.route("/jobs/<int(max=2147483647):job_id>/retry", methods=["POST"])
@needs_staff
@bp.response(202, JobOut, description="A worker takes it up again")
@answers(404, 409)
def retry_job(job_id: int) -> ResponseReturnValue:
    """Retry a failed job.

    A job stores what it made only at its end, or goes on where it stopped: nothing is
    done twice. Not a bulk decision, see `POST /batches/{batch_id}/retry`.
    """
    session, site_ids = db.session(), current_person().site_ids(Role.ADMIN)
    start_writing(session)
    job = jobs.retry(session, job_id, site_ids, datetime.now(UTC))
    session.commit()
    return shown(job)


def without_report(told: dict[str, Any]) -> dict[str, Any]:
    """Return a job as a list has it: what it made may be long."""
    result = told["result"] or {}
    short = {name: each for name, each in result.items() if name != "report"}
    return {**told, "result": short or None}


def shown(job: Job) -> dict[str, Any]:
    """Return a job as it is answered."""
    session = db.session()
    return {
        "id": job.id,
        "site": current_person().sites[job.site_id],
        "kind": JobKind(job.kind),
        "state": JobState(job.state),
        "progress": job.progress,
        "attempts": job.attempts,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "cancel_asked_at": job.cancel_asked_at,
        "asked_by": staff.find_login(session, job.staff_id),
        "ahead": jobs.count_ahead(session, job),
        "arguments": job.arguments,
        "fault": job.fault,
        "result": job.result or None,
    }
