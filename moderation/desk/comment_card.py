"""A comment's card: all that a moderator needs to decide it in two seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.serving.scorer import Scorer
from moderation.authors.identity import FoundBy
from moderation.authors.standings import standing_at
from moderation.campaigns import campaigns
from moderation.campaigns.campaigns import CampaignSummary
from moderation.comments.display import ShownComment, ShownDecision
from moderation.desk.context import CommentContext, contexts_of
from moderation.desk.held_for import CareText, find_held_for, read_care_texts
from moderation.desk.marking import Marked, find_label, mark_by_leaving_out, mark_words
from moderation.models.serving import Scoring
from moderation.objections import appeals, reports
from moderation.objections.reports import ReportSummary
from moderation.policy.standings import Standing
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.queue import counting
from moderation.queue.entries import QueueEntry, entries_of
from moderation.queue.query import QueueQuery
from moderation.review import escalations, notes
from moderation.review.blindness import is_blind, pending_state, shown_decisions
from moderation.review.escalations import EscalationEntry
from moderation.sites import policies
from moderation.tables.accounts import Staff
from moderation.tables.authors import Author
from moderation.tables.comments import Comment, shown_status
from moderation.tables.decisions import Decision
from moderation.tables.objections import Appeal
from moderation.tables.review import Note, QaReview
from moderation.tables.sites import Site

MOST_BESIDE = 3  # near-duplicates that a comment is shown with


@dataclass(kw_only=True)
class AuthorRecord:
    """An author's comments at the site so far, this one included."""

    id: int
    found_by: FoundBy
    standing: Standing | None
    first_seen: datetime | None = None
    counts: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))


@dataclass(frozen=True, kw_only=True)
class DisputedVerdict:
    """A verdict that someone gave, without the name."""

    verdict: Verdict
    reasons: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class DeskEntry:
    """A pending comment with all that helps to decide it."""

    queued: QueueEntry
    held_for: Sequence[Mapping[str, Any]]  #: why it waits, about this text
    care: CareText | None  #: None: it doesn't call for care
    label: str | None  #: the label that `marked` explains
    marked: Marked
    parent: ShownComment | None
    author: AuthorRecord | None  #: None where the author is unknown
    decisions: list[tuple[ShownDecision, str | None]]  #: with logins, oldest first
    context: CommentContext
    notes: list[tuple[Note, str]]  #: with logins, the oldest first
    escalation: EscalationEntry | None  #: the open one
    reports: ReportSummary | None  #: what readers say of it
    appeal: tuple[Appeal, Decision] | None  #: that waits, and what it is against
    dispute: (
        list[DisputedVerdict] | None
    )  #: for the lead who has to decide between two people
    campaign: CampaignSummary | None  #: the near-duplicates that it is one of
    near_duplicates: list[ShownComment]  #: some of them


@dataclass(frozen=True, kw_only=True)
class QueueTotals:
    """Counts of pending comments, each up to `counting.MAX_COUNTED`."""

    pending: int
    overdue: int
    is_partial: bool  #: not all were asked: there may be more


def lay_out(
    session: Session,
    scoring: Scoring,
    comments: Sequence[Comment],
    now: datetime,
    looked_at: Mapping[int, QaReview] = MappingProxyType({}),
) -> list[DeskEntry]:
    """Return comments with all that helps to decide them, in the given order.

    Parameters
    ----------
    looked_at
        By comment: the QA samples among them. They are shown as pending comments, but
        to a lead who has to decide between two people.
    """
    blind = {key: look for key, look in looked_at.items() if is_blind(look)}
    around = _around(session, scoring, comments, blind, now)
    entries = []
    for queued in entries_of(session, comments, now):
        key = queued.comment.id
        rows, notes = around.decisions[key], around.notes.get(key, [])
        shown = [(ShownDecision.of(row), login) for row, login in rows]
        dispute = None
        if key in blind:
            queued, shown, notes = _disguised(session, blind[key], queued, rows, notes)
        elif key in looked_at:
            dispute = _dispute(looked_at[key], rows)
        entries.append(_entry(around, queued, shown, notes, dispute))
    return entries


@dataclass(frozen=True, kw_only=True)
class _Around:
    """Known facts about some comments, each read once for all of them."""

    decisions: dict[int, list[tuple[Decision, str | None]]]
    notes: dict[int, list[tuple[Note, str]]]
    contexts: Mapping[int, CommentContext]
    parents: dict[int, ShownComment]
    records: dict[int, AuthorRecord]  #: by the author's id
    escalations: dict[int, list[EscalationEntry]]
    reports: dict[int, ReportSummary]
    appeals: dict[int, tuple[Appeal, Decision]]
    campaigns: dict[int, CampaignSummary]
    beside: dict[int, list[ShownComment]]
    scorers: dict[int, Scorer]
    care: dict[int, CareText]  #: by site, of those with a comment that calls for care


def _around(
    session: Session,
    scoring: Scoring,
    comments: Sequence[Comment],
    blind: Mapping[int, QaReview],
    now: datetime,
) -> _Around:
    """Read what surrounds some comments, `blind` ones as if pending everywhere."""

    def shown(comment: Comment) -> ShownComment:
        look = blind.get(comment.id)
        if look is None:
            return ShownComment.of(comment)
        return ShownComment(comment=comment, state=pending_state(comment, look))

    ids = [comment.id for comment in comments]
    parents = _by_id(session, (comment.parent_id for comment in comments))
    beside = campaigns.list_near_duplicates(session, comments, MOST_BESIDE)
    return _Around(
        decisions=_decisions(session, ids),
        notes=notes.notes_of(session, ids),
        contexts=contexts_of(session, comments, unmarked=blind.keys()),
        parents={key: shown(parent) for key, parent in parents.items()},
        records=_records(session, comments, blind.keys(), now),
        escalations=escalations.list_of(session, ids, only_open=True),
        reports=reports.summarise(session, comments),
        appeals=appeals.open_for(session, comments),
        campaigns=campaigns.find_by_comments(session, comments, now, blind.keys()),
        beside={key: [shown(row) for row in rows] for key, rows in beside.items()},
        scorers=_scorers(session, scoring, {row.site_id for row in comments}),
        care=read_care_texts(session, comments),
    )


def _entry(
    around: _Around,
    queued: QueueEntry,
    decisions: list[tuple[ShownDecision, str | None]],
    notes: list[tuple[Note, str]],
    dispute: list[DisputedVerdict] | None,
) -> DeskEntry:
    comment = queued.comment
    held_for = find_held_for(comment, [decision for decision, _ in decisions])
    label = find_label(queued, held_for)
    campaign = around.campaigns.get(queued.state.campaign_id or 0)
    if campaign is not None and campaign.standing is not None and queued.is_blind:
        campaign = None  # nothing of it would be pending
    return DeskEntry(
        queued=queued,
        held_for=held_for,
        care=around.care[comment.site_id] if comment.calls_for_care else None,
        label=label,
        marked=mark_words(queued, label, around.scorers.get(comment.site_id)),
        parent=around.parents.get(comment.parent_id or 0),
        author=around.records.get(comment.author_record_id or 0),
        decisions=decisions,
        context=around.contexts[comment.id],
        notes=notes,
        escalation=next(iter(around.escalations.get(comment.id, [])), None),
        reports=around.reports.get(comment.id),
        appeal=around.appeals.get(comment.id),
        dispute=dispute,
        campaign=campaign,
        near_duplicates=around.beside.get(comment.id, []) if campaign else [],
    )


def with_marks(session: Session, scoring: Scoring, entry: DeskEntry) -> DeskEntry:
    """Return a comment with the words marked that the deep scorer goes by. Slow."""
    site_id = entry.queued.comment.site_id
    scorer = _scorers(session, scoring, [site_id]).get(site_id)
    pieces = mark_by_leaving_out(entry.queued, entry.label, scorer)
    return replace(entry, marked=replace(entry.marked, pieces=pieces))


def count(session: Session, wanted: QueueQuery, now: datetime) -> QueueTotals:
    """Count the pending and overdue comments in a part of the queue."""
    pending = counting.count_comments(session, wanted)
    overdue = counting.count_comments(session, wanted, due_by=now)
    return QueueTotals(
        pending=pending.number,
        overdue=overdue.number,
        is_partial=not (pending.is_exact and overdue.is_exact),
    )


def _disguised(
    session: Session,
    look: QaReview,
    queued: QueueEntry,
    rows: Sequence[tuple[Decision, str | None]],
    notes: Sequence[tuple[Note, str]],
) -> tuple[QueueEntry, list[tuple[ShownDecision, str | None]], list[tuple[Note, str]]]:
    """Return an entry, decisions, and notes that don't reveal an earlier decision."""
    policy = policies.load_policy(session, look.site_id)
    shown = shown_decisions(look, [row for row, _ in rows], policy)
    first = next(row for row, _ in rows if row.id == look.decision_id)
    state = replace(
        pending_state(queued.comment, look), held_reason=shown[-1].reasons[0]["code"]
    )
    if first.batch_id is not None or first.source == Source.CAMPAIGN.value:
        state = replace(state, campaign_id=None)  # the others' status would tell
    login = session.get_one(Staff, look.claimed_by).login
    before = [row for row in notes if row[0].created_at < first.created_at]
    queued = replace(
        queued, state=state, decision=shown[-1], claimed_by=login, is_blind=True
    )
    return queued, [(row, None) for row in shown], before


def _dispute(
    look: QaReview, rows: Sequence[tuple[Decision, str | None]]
) -> list[DisputedVerdict] | None:
    first = next(row for row, _ in rows if row.id == look.decision_id)
    return [
        DisputedVerdict(verdict=Verdict(first.verdict), reasons=first.reasons),
        DisputedVerdict(
            verdict=Verdict(look.verdict or ""), reasons=look.reasons or []
        ),
    ]


def _scorers(
    session: Session, scoring: Scoring, site_ids: Iterable[int]
) -> dict[int, Scorer]:
    rows = session.execute(
        sa.select(Site.id, Site.model_id).where(Site.id.in_(list(site_ids)))
    ).all()
    found = {site_id: scoring.scorer_of(session, model) for site_id, model in rows}
    return {site_id: scorer for site_id, scorer in found.items() if scorer}


def _by_id(session: Session, ids: Iterable[int | None]) -> dict[int, Comment]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    rows = session.scalars(
        sa.select(Comment).where(Comment.id.in_(wanted), Comment.deleted_at.is_(None))
    )
    return {row.id: row for row in rows}


def _records(
    session: Session,
    comments: Sequence[Comment],
    as_pending: Collection[int],
    now: datetime,
) -> dict[int, AuthorRecord]:
    """Return what each author has sent, by the author's id.

    Some comments count as pending, or the sums would reveal that they were decided.
    """
    author_ids = {each.author_record_id for each in comments} - {None}
    authors = session.scalars(sa.select(Author).where(Author.id.in_(author_ids)))
    records = {
        author.id: AuthorRecord(
            id=author.id,
            found_by=FoundBy(author.found_by),
            standing=standing_at(author, now),
        )
        for author in authors
    }
    status_column = shown_status(as_pending)
    rows = session.execute(
        sa.select(
            Comment.author_record_id,
            status_column,
            sa.func.count(),
            sa.func.min(Comment.received_at, type_=Comment.received_at.type),
        )
        .where(Comment.author_record_id.in_(author_ids))
        .group_by(Comment.author_record_id, status_column)
    )
    for author_id, status, number, first in rows:
        record = records[author_id or 0]
        record.counts[Status(status)] = number
        record.first_seen = min(record.first_seen or first, first)
    return records


def _decisions(
    session: Session, comment_ids: Sequence[int]
) -> dict[int, list[tuple[Decision, str | None]]]:
    rows = session.execute(
        sa.select(Decision, Staff.login)
        .outerjoin(Staff, Staff.id == Decision.staff_id)
        .where(Decision.comment_id.in_(comment_ids))
        .order_by(Decision.id)
    )
    found: dict[int, list[tuple[Decision, str | None]]] = defaultdict(list)
    for decision, login in rows:
        found[decision.comment_id].append((decision, login))
    return found
