"""An export of listed comments, written in parts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moderation.database import Sessions, start_writing
from moderation.desk import export
from moderation.jobs import JobProgress, Task
from moderation.queue.orders import Position
from moderation.queue.query import QueueQuery


def carry_out(
    sessions: Sessions, task: Task, query: QueueQuery, progress: JobProgress
) -> dict[str, Any]:
    """Write the parts of an export, each in a transaction; return the job's result."""
    with sessions() as session:
        start_writing(session)
        export.delete_parts(session, task)
        session.commit()
    after: Position | None = None
    count = number = 0
    while True:
        now = datetime.now(UTC)
        size = min(export.PART_SIZE, export.MAX_EXPORTED - count)
        with sessions() as session:
            page = export.read_page(
                session, task, query, after=after, size=size, now=now
            )
        if page.rows or number == 0:
            with sessions() as session:
                start_writing(session)
                export.store_part(session, task, number, page.rows, now)
                session.commit()
            number += 1
        count, after = count + len(page.rows), page.next
        if after is None or count >= export.MAX_EXPORTED:
            return {"count": count, "is_complete": after is None}
        progress(count / export.MAX_EXPORTED)
