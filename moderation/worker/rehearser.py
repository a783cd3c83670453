"""Carries a rehearsal out, and reports on it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moderation.database import Sessions
from moderation.insights import usual_pace
from moderation.jobs import JobProgress, Task
from moderation.keyed_hashes import HashKeys
from moderation.models.serving import Scoring
from moderation.rehearsal import load, rehearsing, report, stored

REPLAY_SHARE = 0.95  # of the work; the rest is threshold proposals


def carry_out(
    sessions: Sessions,
    scoring: Scoring,
    lineage_key: HashKeys,
    task: Task,
    progress: JobProgress,
) -> dict[str, Any]:
    """Rehearse as a job asks for, and return its result."""
    with sessions() as session:
        now = datetime.now(UTC)
        median, timed = usual_pace.measure_pace(session, task.site_id, now)

    def advance(share: float, note: str | None = None, /) -> None:
        progress(share * REPLAY_SHARE, note)

    rehearsal = rehearsing.rehearse(
        sessions, stored.read_order(task), scoring, lineage_key, advance
    )
    seconds = load.choose_seconds(task.arguments.get("seconds"), median, timed)
    found = report.to_json(rehearsal, seconds)
    return {"version": found["version"], "report": found}
