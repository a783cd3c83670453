"""The comments of a bulk decision, as the moderator saw them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.campaigns.brake_summaries import got_through
from moderation.comments.claims import Condition
from moderation.errors import Conflict
from moderation.policy.verdicts import Status
from moderation.queue import score_histogram
from moderation.queue.query import QueueQuery
from moderation.queue.score_histogram import QueueSlice, ScoreRange
from moderation.queue.streams import (
    Stream,
    choose_rarest,
    fetch,
    in_chunks,
    stream_of_tab,
    streams_of_filters,
)
from moderation.queue.tabs import get_range, get_tab, list_conditions
from moderation.queue.time_slices import TimeRange
from moderation.review.batches import BatchKind
from moderation.tables.authors import Author
from moderation.tables.campaigns import Brake, Campaign
from moderation.tables.comments import PENDING, Comment
from moderation.tables.decisions import Decision

MAX_COMMENTS = 100_000  # of a batch: more is a slip, or needs a narrower filter
MAX_EXAMINED = 500_000  # comments: about two seconds of a request
EXAMINED_AT_ONCE = 5_000  # comments


@dataclass(frozen=True, kw_only=True)
class BulkSelection:
    """The comments that a bulk decision is to change, chosen before it is written."""

    kind: BatchKind
    site_id: int
    #: comment to the version that the moderator saw
    versions: Mapping[int, int]
    filter: Mapping[str, Any] = field(default_factory=dict)  #: as requested
    campaign_id: int | None = None
    already: int = 0  #: comments that have the resulting status, up to `MAX_COMMENTS`
    changed: int = 0  #: comments that changed since the moderator saw them


def select_range(
    session: Session, part: QueueSlice, scores: ScoreRange, as_of: datetime
) -> BulkSelection:
    """Select the pending comments of a part of the queue with scores in a range."""
    requested = {
        "label": part.label,
        "low": scores.low,
        "high": scores.high,
        "section": part.section,
        "language": part.language,
    }
    conditions: list[Condition] = [
        *score_histogram.slice_conditions(part),
        score_histogram.is_in_range(part.label, scores),
        PENDING,
    ]
    return BulkSelection(
        kind=BatchKind.RANGE,
        site_id=part.site_id,
        versions=_load(session, as_of, *conditions),
        filter={key: value for key, value in requested.items() if value is not None},
    )


def select_campaign(
    session: Session,
    campaign: Campaign,
    statuses: Collection[Status],
    *,
    after: Status,
    excluded: Collection[int] = (),
    spared: Condition | None = None,
    as_of: datetime,
) -> BulkSelection:
    """Select the comments of a campaign that have one of some statuses.

    Parameters
    ----------
    after
        The status that the decision leads to: such comments are counted only.
    excluded
        Ids of comments to leave out.
    spared
        The condition of comments to leave out.
    """
    names = sorted(status.value for status in statuses)
    kept = () if spared is None else (~spared,)
    of_campaign = (
        Comment.site_id == campaign.site_id,
        Comment.campaign_id == campaign.id,
        Comment.status.in_(names),
        *kept,
    )
    versions = _load(session, as_of, *of_campaign, Comment.status != after.value)
    return BulkSelection(
        kind=BatchKind.CAMPAIGN,
        site_id=campaign.site_id,
        campaign_id=campaign.id,
        versions=_without(versions, excluded),
        filter={"statuses": names, **({} if spared is None else {"trusted": False})},
        already=_count(session, *of_campaign, Comment.status == after.value)
        if after in statuses
        else 0,
    )


def select_author(
    session: Session, author: Author, statuses: Collection[Status], as_of: datetime
) -> BulkSelection:
    """Select the comments of an author that have one of some statuses."""
    names = sorted(status.value for status in statuses)
    of_author = Comment.author_record_id == author.id
    return BulkSelection(
        kind=BatchKind.FILTER,
        site_id=author.site_id,
        versions=_load(session, as_of, of_author, Comment.status.in_(names)),
        filter={"author_record": author.id, "statuses": names},
    )


def select_listed(
    session: Session, site_id: int, versions: Mapping[int, int], *, after: Status
) -> BulkSelection:
    """Select comments by id, as far as they have the versions that were seen.

    Comments of other sites, erased ones, and those in sections that the person doesn't
    have count as changed.
    """
    rows = session.execute(
        sa.select(Comment.id, Comment.version, Comment.status).where(
            Comment.id.in_(versions),
            Comment.site_id == site_id,
            Comment.deleted_at.is_(None),
        )
    ).all()
    others = [row for row in rows if row.status != after.value]
    unchanged = {
        row.id: row.version for row in others if row.version == versions[row.id]
    }
    already = len(rows) - len(others)
    return BulkSelection(
        kind=BatchKind.COMMENTS,
        site_id=site_id,
        versions=unchanged,
        already=already,
        changed=len(versions) - already - len(unchanged),
    )


def select_matching(
    session: Session,
    query: QueueQuery,
    *,
    requested: Mapping[str, Any],
    staff_id: int,
    after: Status,
    excluded: Collection[int] = (),
    as_of: datetime,
) -> BulkSelection:
    """Select all comments that match the filters of a list of one site.

    Parameters
    ----------
    requested
        The filters as the request wrote them, for the record.
    after, excluded
        As for `select_campaign`.

    Raises
    ------
    Conflict
        If more than `MAX_COMMENTS` match, or more than `MAX_EXAMINED` would have to be
        looked at.
    """
    conditions = list_conditions(session, query, staff_id)
    within = get_range(query)
    streams = streams_of_filters(session, query)
    tab = stream_of_tab(query.site_ids, get_tab(query))
    stream = choose_rarest(session, [tab, *streams], within).stream
    versions: dict[int, int] = {}
    already = 0
    for ids in _ids_of(session, stream, within):
        rows = session.execute(
            sa.select(Comment.id, Comment.version, Comment.status).where(
                Comment.id.in_(ids),
                *conditions,
                Comment.received_at <= as_of,
                ~_is_decided_after(as_of),
            )
        ).all()
        already += sum(row.status == after.value for row in rows)
        versions |= {row.id: row.version for row in rows if row.status != after.value}
        _refuse_many(versions)
    return BulkSelection(
        kind=BatchKind.FILTER,
        site_id=query.site_ids[0],
        versions=_without(versions, excluded),
        filter=requested,
        already=already,
    )


def _ids_of(
    session: Session, stream: Stream, within: TimeRange
) -> Iterator[Sequence[int]]:
    """Yield the ids of a stream in parts that a statement takes.

    Raises
    ------
    Conflict
        If there are more than `MAX_EXAMINED`.
    """
    examined, is_last = 0, False
    while not is_last:
        if examined >= MAX_EXAMINED:
            raise Conflict(
                "There are too many comments to search. Add a narrower filter."
            )
        page = fetch(session, stream, within, EXAMINED_AT_ONCE)
        yield from in_chunks(page.ids)
        examined, is_last = examined + len(page.ids), page.is_last
        if not is_last:
            within = within.after(page.ids[-1])


def select_braked(session: Session, brake: Brake, as_of: datetime) -> BulkSelection:
    """Select what of a brake's comments is published, and decided by no person."""
    return BulkSelection(
        kind=BatchKind.COMMENTS,
        site_id=brake.site_id,
        campaign_id=brake.campaign_id,
        versions=_load(session, as_of, Comment.id.in_(got_through(brake))),
        filter={"brake": brake.id},
    )


def _load(session: Session, as_of: datetime, *conditions: Condition) -> dict[int, int]:
    """Return the matching comments as they were at a moment, with their versions.

    Raises
    ------
    Conflict
        If there are more than `MAX_COMMENTS`.
    """
    rows: Sequence[Any] = session.execute(
        sa.select(Comment.id, Comment.version)
        .where(
            *conditions,
            Comment.deleted_at.is_(None),
            Comment.received_at <= as_of,
            ~_is_decided_after(as_of),
        )
        .limit(MAX_COMMENTS + 1)
    ).all()
    _refuse_many(rows)
    return {row.id: row.version for row in rows}


def _is_decided_after(moment: datetime) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Decision.comment_id == Comment.id, Decision.created_at > moment
    )


def _refuse_many(comments: Sized) -> None:
    if len(comments) > MAX_COMMENTS:
        raise Conflict(
            f"More than {MAX_COMMENTS:,} comments match; decide fewer at a time."
        )


def _count(session: Session, *conditions: Condition) -> int:
    matching = (
        sa.select(Comment.id)
        .where(*conditions, Comment.deleted_at.is_(None))
        .limit(MAX_COMMENTS)
        .subquery()
    )
    return session.scalar(sa.select(sa.func.count()).select_from(matching)) or 0


def _without(versions: Mapping[int, int], excluded: Collection[int]) -> dict[int, int]:
    return {key: value for key, value in versions.items() if key not in excluded}
