"""Counts of comments, decisions, and reports, as the overview and insights have."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from moderation.insights.figures import COUNTS, Figures


def _count(description: str) -> ma.fields.Integer:
    return ma.fields.Integer(required=True, metadata={"description": description})


class FigurePaceOut(ma.Schema):
    """A duration in seconds; null if nothing was timed."""

    median = ma.fields.Float(required=True, allow_none=True)
    p90 = ma.fields.Float(required=True, allow_none=True)


class PeriodFiguresOut(ma.Schema):
    """Counts of one time, or of one part of it.

    Comments are counted when they came, decisions and reports when they were made.
    """

    comments = _count("Comments that came, those erased since included")
    approved = _count("Of `comments`, approved now")
    rejected = _count("Of `comments`, rejected now")
    pending = _count("Of `comments`, pending now")
    automatic = _count("Of `approved` and `rejected`, decided automatically")
    decisions = _count("Verdicts of staff that were not undone")
    rejections = _count("Of `decisions`, rejections")
    overturned = _count(
        "Of `decisions`, replaced by another person's different verdict"
    )
    timed = _count("Of `decisions`, one by one about pending comments")
    overdue = _count("Of `timed`, after the comment was due")
    compared = _count("Of `decisions`, about a text that was decided automatically")
    agreed = _count("Of `compared`, with the same verdict")
    reports = _count("Readers' reports")
    waits = ma.fields.Nested(
        FigurePaceOut,
        required=True,
        metadata={"description": "From arrival to decision, of `timed`, in seconds"},
    )


def dump_figures(figures: Figures) -> dict[str, Any]:
    """Return figures as an answer has them."""
    counts = {name: getattr(figures, name) for name in COUNTS}
    return {**counts, "pending": figures.pending, "waits": vars(figures.pace)}
