"""Count the pending comments that match, up to a limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.database import unindexed
from moderation.queue.estimates import count_up_to, has_at_most
from moderation.queue.filters import (
    FilterCondition,
    list_filter_conditions,
    select_pending_ids,
)
from moderation.queue.orders import get_sorting
from moderation.queue.query import QueueOrder, QueueQuery
from moderation.tables.comments import PENDING, Comment

#: Comments are counted up to here; beyond it, a page says "more than".
MAX_COUNTED = 10_000  # comments
MAX_ASKED = 10_000  # comments that are asked one by one for a count
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class QueueCount:
    """A number of comments, up to `MAX_COUNTED`."""

    number: int
    is_exact: bool  #: else there may be more: not all were asked


def count_comments(
    session: Session, query: QueueQuery, due_by: datetime | None = None
) -> QueueCount:
    """Count the comments of a query, or those due by a time.

    What an index finds is counted up to `MAX_COUNTED`. Where more is asked, up to
    `MAX_ASKED` of what it finds are, lest a rare match means to read the whole queue.
    """
    parts, only = list_filter_conditions(session, query), get_sorting(query).only
    leading = next((part for part in parts if part.ids is not None), None)
    conditions = [
        part.condition for part in parts if part is not leading or part.is_superset
    ]
    if leading is None or leading.ids is None:
        ids = select_pending_ids(query, sa.and_(sa.true(), *only))
        if due_by is None and query.order is QueueOrder.DUE:
            ids = ids.where(Comment.due_at.expression > LONG_AGO)  # its index leads
        leading = FilterCondition(condition=sa.true(), ids=ids)
    else:
        ids, conditions = leading.ids, [*only, *conditions]
    if leading.due_at is None:
        conditions.append(unindexed(Comment.site_id.in_(query.site_ids)))
        if due_by is not None:
            conditions.append(unindexed(Comment.due_at.expression <= due_by))
    elif due_by is not None:
        ids = ids.where(leading.due_at <= due_by)
    if not conditions:
        return QueueCount(number=count_up_to(session, ids, MAX_COUNTED), is_exact=True)
    is_exact = has_at_most(session, ids, MAX_ASKED)
    first = ids.limit(MAX_ASKED).subquery()
    matching = sa.select(Comment.id).join(first, first.c[0] == Comment.id)
    number = count_up_to(session, matching.where(PENDING, *conditions), MAX_COUNTED)
    return QueueCount(number=number, is_exact=is_exact or number >= MAX_COUNTED)
