"""The score histogram, and samples of a range of scores."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.queue_bodies import dump_queued
from moderation.api.score_histogram_bodies import (
    HistogramOut,
    SampleOut,
    SampleQuery,
    SliceQuery,
    dump_evidence,
)
from moderation.database import db
from moderation.queue import score_histogram
from moderation.queue.entries import entries_of
from moderation.queue.score_histogram import QueueSlice, ScoreRange
from moderation.web.auth import (
    current_person,
    needs_staff,
    site_for,
)
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint("triage", __name__, url_prefix="/api/v1", description="For staff")


@bp.route("/triage/histogram", methods=["GET"])
@needs_staff
@bp.arguments(SliceQuery, location="query")
@bp.response(200, HistogramOut)
@answers(404, 422)
def read_score_histogram(query: dict[str, Any]) -> ResponseReturnValue:
    """Count pending comments by a label's score."""
    now, part = datetime.now(UTC), slice_of(query)
    found = score_histogram.count_by_score(db.session(), part)
    return {
        "label": part.label,
        "counts": found.counts,
        "total": found.total,
        "unscored": found.unscored,
        "as_of": now,
    }


@bp.route("/triage/sample", methods=["GET"])
@needs_staff
@bp.arguments(SampleQuery, location="query")
@bp.response(200, SampleOut)
@answers(404, 422)
def sample_scores(query: dict[str, Any]) -> ResponseReturnValue:
    """Get sample comments of a score range, and earlier decisions about such scores."""
    person, session, now = current_person(), db.session(), datetime.now(UTC)
    part, found = slice_of(query), range_of(query)
    drawn = score_histogram.draw_sample(session, part, found, query["size"])
    entries = entries_of(session, drawn, now)
    return {
        "count": score_histogram.count_in_range(session, part, found),
        "comments": [dump_queued(entry, person.sites) for entry in entries],
        "evidence": dump_evidence(score_histogram.load_evidence(session, part, found)),
        "as_of": now,
    }


def slice_of(fields: dict[str, Any]) -> QueueSlice:
    """Return the part of a queue that a request names."""
    return QueueSlice(
        site_id=site_for(Role.MODERATOR, fields["site"]),
        label=fields["label"],
        section=fields.get("section"),
        language=fields.get("language"),
    )


def range_of(fields: dict[str, Any]) -> ScoreRange:
    """Return the scores that a request names."""
    return ScoreRange(low=fields["low"], high=fields["high"])
