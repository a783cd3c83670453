"""Decisions about many comments at once, as batches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.api.bulk_bodies import (
    BatchListQuery,
    BulkDecisionOut,
    BulkDecisionPage,
    NewBulkDecision,
    dump_batch,
)
from moderation.api.legal_bodies import read_basis
from moderation.api.queue_bodies import ListFilters
from moderation.api.queue_query import list_of
from moderation.api.score_histogram import range_of, slice_of
from moderation.database import db, start_writing
from moderation.policy.status_changes import STATUS_AFTER
from moderation.review import batches, bulk, bulk_selection
from moderation.review.bulk_selection import BulkSelection
from moderation.review.verdicts import GivenVerdict
from moderation.tables.review import DecisionBatch
from moderation.web.auth import asked_sites, current_person, needs_staff, site_for
from moderation.web.cursors import read_number, write_cursor
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint("batches", __name__, url_prefix="/api/v1", description="For staff")
BATCH = "/batches/<int(max=2147483647):batch_id>"


@bp.route("/batches", methods=["POST"])
@needs_staff
@bp.arguments(NewBulkDecision)
@bp.response(201, BulkDecisionOut)
@answers(400, 404, 409, 413, 415, 422)
def decide_range(fields: dict[str, Any]) -> ResponseReturnValue:
    """Decide many comments of any status as one batch.

    Comments that another moderator has claimed are skipped, and comments that came or
    changed after you looked are left. Up to 200 are decided in the answer; more, by a
    worker: follow the batch.
    """
    session = db.session()
    selection = _select(session, fields)
    start_writing(session)
    batch = bulk.decide(session, selection, bulk_verdict(fields))
    session.commit()
    return dump_batches([batch])[0]


def _select(session: Session, fields: dict[str, Any]) -> BulkSelection:
    """Return the comments that a body names."""
    if "comments" in fields:
        return bulk_selection.select_listed(
            session,
            site_for(Role.MODERATOR, fields["site"]),
            {comment["id"]: comment["version"] for comment in fields["comments"]},
            after=STATUS_AFTER[fields["verdict"]],
        )
    if "filter" in fields:
        requested: Any = ListFilters().dump(fields["filter"])
        return bulk_selection.select_matching(
            session,
            list_of({**fields["filter"], "site": fields["site"]}),
            requested=requested,
            staff_id=current_person().id,
            after=STATUS_AFTER[fields["verdict"]],
            excluded=fields["excluded"],
            as_of=fields["as_of"],
        )
    part, scores = slice_of(fields), range_of(fields)
    return bulk_selection.select_range(session, part, scores, fields["as_of"])


def bulk_verdict(fields: dict[str, Any]) -> bulk.BulkRequest:
    """Return the verdict in the body of a bulk decision."""
    now = datetime.now(UTC)
    return bulk.BulkRequest(
        given=GivenVerdict(
            verdict=fields["verdict"],
            reasons=fields["reasons"],
            basis=read_basis(fields["basis"]),
        ),
        staff_id=current_person().id,
        as_of=fields.get("as_of", now),
        now=now,
    )


@bp.route("/batches", methods=["GET"])
@needs_staff
@bp.arguments(BatchListQuery, location="query")
@bp.response(200, BulkDecisionPage)
@answers(403, 404, 422)
def list_batches(query: dict[str, Any]) -> ResponseReturnValue:
    """List bulk decisions, the newest first."""
    limit = query["limit"]
    found = batches.list_batches(
        db.session(),
        asked_sites(query),
        before=read_number(query.get("cursor")),
        limit=limit + 1,
    )
    page = found[:limit]
    return {
        "batches": dump_batches(page),
        "next": write_cursor([str(page[-1].id)]) if len(found) > limit else None,
    }


@bp.route(BATCH, methods=["GET"])
@needs_staff
@bp.response(200, BulkDecisionOut)
@answers(404)
def read_batch(batch_id: int) -> ResponseReturnValue:
    """Get a batch with its progress."""
    person, session = current_person(), db.session()
    batch = batches.find(session, batch_id, person.site_ids(Role.MODERATOR))
    return dump_batches([batch])[0]


@bp.route(f"{BATCH}/undo", methods=["POST"])
@needs_staff
@bp.response(200, BulkDecisionOut)
@answers(404, 409)
def undo_batch(batch_id: int) -> ResponseReturnValue:
    """Undo a whole batch while it runs, and for some minutes after its end.

    Each comment gets the status that it had before. Comments that changed since are
    left and counted. A standing decision ends.
    """
    person, session = current_person(), db.session()
    start_writing(session)
    batch = bulk.undo(
        session,
        batch_id,
        staff_id=person.id,
        site_ids=person.site_ids(Role.MODERATOR),
        led_site_ids=person.whole_site_ids(Role.LEAD),
        now=datetime.now(UTC),
        grace=grace(),
    )
    session.commit()
    return dump_batches([batch])[0]


@bp.route(f"{BATCH}/retry", methods=["POST"])
@needs_staff
@bp.response(200, BulkDecisionOut)
@answers(403, 404, 409)
def retry_batch(batch_id: int) -> ResponseReturnValue:
    """Continue a bulk decision, or its undo, that a fault stopped.

    It continues after the last comment that it decided: none is decided twice.
    """
    person, session = current_person(), db.session()
    start_writing(session)
    batch = bulk.retry(
        session,
        batch_id,
        staff_id=person.id,
        site_ids=person.site_ids(Role.MODERATOR),
        led_site_ids=person.whole_site_ids(Role.LEAD),
        now=datetime.now(UTC),
    )
    session.commit()
    return dump_batches([batch])[0]


def grace() -> timedelta:
    """Return how long a batch can be undone after its end."""
    return timedelta(minutes=services().settings.batch_undo_minutes)


def dump_batches(rows: Sequence[DecisionBatch]) -> list[dict[str, Any]]:
    """Return batches as the caller sees them."""
    person, session, now = current_person(), db.session(), datetime.now(UTC)
    logins = batches.logins(session, rows)
    stopped = batches.list_stopped(session, rows)
    return [
        {
            **dump_batch(row, logins, person, now=now, grace=grace()),
            "is_stopped": row.id in stopped,
        }
        for row in rows
    ]
