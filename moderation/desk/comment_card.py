"""What a moderator sees of a comment at a glance, to decide it in two seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.serving.scorer import Document, Scorer
from moderation.campaigns import campaigns
from moderation.campaigns.campaigns import CampaignSummary
from moderation.comments.lookup import scores_of
from moderation.desk.context import Context, contexts_of
from moderation.models.serving import Scoring
from moderation.objections import appeals, reports
from moderation.objections.reports import Summary
from moderation.policy import PEOPLE, ReasonCode, Source, Status, Verdict
from moderation.queue import query
from moderation.queue.entries import QueueEntry, entries_of
from moderation.queue.query import Wanted
from moderation.review import escalations, notes, qa_reviews
from moderation.review.escalations import EscalationEntry
from moderation.sites import sites
from moderation.tables.accounts import Staff
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.objections import Appeal
from moderation.tables.review import Look, Note
from moderation.tables.sites import Site

MOST_BESIDE = 3  # near-duplicates that a comment is shown with


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of the comment's text; all of them together are the text."""

    text: str
    share: float  #: its part in what pushed the label up, 0 to 1


@dataclass(kw_only=True)
class Record:
    """What an author has sent to the site so far, this comment included."""

    first_seen: datetime | None = None
    counts: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))


@dataclass(frozen=True, kw_only=True)
class Said:
    """A verdict that somebody gave, without the name."""

    verdict: Verdict
    reasons: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class DeskEntry:
    """A pending comment with all that helps to decide it."""

    queued: QueueEntry
    held_for: list[dict[str, Any]]  #: why it waits, about this text
    label: str | None  #: the label that `pieces` explains
    pieces: list[Piece]
    parent: Comment | None
    author: Record | None  #: None where the author can't be told from others
    decisions: list[tuple[Decision, str | None]]  #: with logins, the oldest first
    context: Context
    notes: list[tuple[Note, str]]  #: with logins, the oldest first
    escalation: EscalationEntry | None  #: the open one
    reports: Summary | None  #: what readers say of it
    appeal: tuple[Appeal, Decision] | None  #: that waits, and what it is against
    dispute: list[Said] | None  #: for the lead who has to decide between two people
    campaign: CampaignSummary | None  #: the near-duplicates that it is one of
    near_duplicates: list[Comment]  #: some of them


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much waits, each counted up to `queue.MOST_COUNTED`."""

    pending: int
    overdue: int
    is_partial: bool  #: not all were asked: there may be more


def lay_out(
    session: Session,
    scoring: Scoring,
    comments: Sequence[Comment],
    now: datetime,
    looked_at: Mapping[int, Look] = MappingProxyType({}),
) -> list[DeskEntry]:
    """Return comments with all that helps to decide them, in the given order.

    Parameters
    ----------
    looked_at
        By comment: where somebody looks again at what was decided. That is not told,
        but to a lead who has to decide between two people.
    """
    blind = {key: each for key, each in looked_at.items() if qa_reviews.is_blind(each)}
    around = _around(session, scoring, comments, blind, now)
    entries = []
    for queued in entries_of(session, around.comments, now):
        key = queued.comment.id
        rows, notes = around.decisions[key], around.notes.get(key, [])
        dispute = None
        if key in blind:
            queued, rows, notes = _unmarked(session, blind[key], queued, rows, notes)
        elif key in looked_at:
            dispute = _dispute(looked_at[key], rows)
        entries.append(_entry(around, queued, rows, notes, dispute))
    return entries


@dataclass(frozen=True, kw_only=True)
class _Around:
    """What is known of a hand's comments, each asked for once for all of them."""

    comments: list[Comment]  #: as they are shown
    decisions: dict[int, list[tuple[Decision, str | None]]]
    notes: dict[int, list[tuple[Note, str]]]
    contexts: Mapping[int, Context]
    parents: dict[int, Comment]
    records: dict[tuple[int, str], Record]
    escalations: dict[int, list[EscalationEntry]]
    reports: dict[int, Summary]
    appeals: dict[int, tuple[Appeal, Decision]]
    campaigns: dict[int, CampaignSummary]
    beside: dict[int, list[Comment]]
    scorers: dict[int, Scorer]


def _around(
    session: Session,
    scoring: Scoring,
    found: Sequence[Comment],
    blind: Mapping[int, Look],
    now: datetime,
) -> _Around:
    """Ask for all that stands around some comments, `blind` ones as if pending."""

    def shown(comment: Comment) -> Comment:
        look = blind.get(comment.id)
        return qa_reviews.shown(comment, look) if look else comment

    comments = [shown(each) for each in found]
    ids = [each.id for each in comments]
    parents = _by_id(session, (each.parent_id for each in comments))
    records = _records(session, comments)
    clusters = campaigns.of_comments(session, comments, now)
    beside = campaigns.beside(session, comments, MOST_BESIDE)
    for real, copy in zip(found, comments, strict=True):
        if real.id in blind:
            record = records.get((real.site_id, real.email_index or ""))
            cluster = clusters.get(real.campaign_id or 0)
            for counted in (record, cluster):  # else the sums would tell
                if counted is not None:
                    counted.counts[Status(real.status)] -= 1
                    counted.counts[Status.PENDING] += 1
            if cluster is not None and cluster.standing is not None:
                copy.campaign_id = None  # nothing of it would wait
    return _Around(
        comments=comments,
        decisions=_decisions(session, ids),
        notes=notes.notes_of(session, ids),
        contexts=contexts_of(session, comments, unmarked=blind.keys()),
        parents={key: shown(each) for key, each in parents.items()},
        records=records,
        escalations=escalations.list_of(session, ids, only_open=True),
        reports=reports.summarise(session, comments),
        appeals=appeals.open_for(session, comments),
        campaigns=clusters,
        beside={key: [shown(each) for each in all_] for key, all_ in beside.items()},
        scorers=_scorers(session, scoring, {each.site_id for each in comments}),
    )


def _entry(
    around: _Around,
    queued: QueueEntry,
    decisions: list[tuple[Decision, str | None]],
    notes: list[tuple[Note, str]],
    dispute: list[Said] | None,
) -> DeskEntry:
    comment = queued.comment
    held_for = _held_for(comment, decisions)
    label = told_label(queued, held_for)
    campaign = around.campaigns.get(comment.campaign_id or 0)
    return DeskEntry(
        queued=queued,
        held_for=held_for,
        label=label,
        pieces=explained(queued, label, around.scorers.get(comment.site_id)),
        parent=around.parents.get(comment.parent_id or 0),
        author=around.records.get((comment.site_id, comment.email_index or "")),
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


def count(session: Session, wanted: Wanted, now: datetime) -> Counts:
    """Count what waits in a part of the queue, and what of it should be looked at."""
    pending = query.count(session, wanted)
    overdue = query.count(session, wanted, due_by=now)
    return Counts(
        pending=pending.number,
        overdue=overdue.number,
        is_partial=not (pending.is_exact and overdue.is_exact),
    )


def told_label(entry: QueueEntry, held_for: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the label that speaks most for holding a comment, if any does.

    The strongest reason by score; without one, the label with the highest score.
    """
    for reason in held_for:
        if reason["code"] == ReasonCode.SCORE:
            return str(reason["label"])
    scores = scores_of(entry.score)
    return max(scores, key=lambda label: scores[label]) if scores else None


def explained(
    entry: QueueEntry, label: str | None, scorer: Scorer | None
) -> list[Piece]:
    """Cut a comment's text into the words that pushed a label up, and the rest.

    Only the very model that scored the text may explain it; without it, the text is
    one piece.
    """
    body, score = entry.comment.body, entry.score
    if (
        label is None
        or score is None
        or scorer is None
        or scorer.version != score.model_version
        or label not in scorer.labels
    ):
        return [Piece(text=body, share=0.0)]
    pieces, end = [], 0
    document = Document(
        text=body,
        author_name=entry.comment.author_name,
        author_url=entry.comment.author_url,
        article_title=entry.article.title,
    )
    for span in scorer.explain(document, label):
        if span.start > end:
            pieces.append(Piece(text=body[end : span.start], share=0.0))
        pieces.append(Piece(text=body[span.start : span.end], share=span.share))
        end = span.end
    if end < len(body):
        pieces.append(Piece(text=body[end:], share=0.0))
    return pieces


def _unmarked(
    session: Session,
    look: Look,
    queued: QueueEntry,
    rows: Sequence[tuple[Decision, str | None]],
    notes: Sequence[tuple[Note, str]],
) -> tuple[QueueEntry, list[tuple[Decision, str | None]], list[tuple[Note, str]]]:
    """Return an entry, decisions and notes that don't tell that it was decided."""
    policy = sites.policy_of(session, look.site_id)
    shown = qa_reviews.shown_decisions(look, [row for row, _ in rows], policy)
    first = next(row for row, _ in rows if row.id == look.decision_id)
    comment = queued.comment  # a copy
    comment.held_reason = shown[-1].reasons[0]["code"]
    if first.batch_id is not None or first.source == Source.CAMPAIGN.value:
        comment.campaign_id = None  # what became of the others would tell
    login = session.get_one(Staff, look.claimed_by).login
    before = [each for each in notes if each[0].created_at < first.created_at]
    queued = replace(queued, decision=shown[-1], claimed_by=login)
    return queued, [(row, None) for row in shown], before


def _dispute(
    look: Look, rows: Sequence[tuple[Decision, str | None]]
) -> list[Said] | None:
    first = next(row for row, _ in rows if row.id == look.decision_id)
    return [
        Said(verdict=Verdict(first.verdict), reasons=first.reasons),
        Said(verdict=Verdict(look.verdict or ""), reasons=look.reasons or []),
    ]


def _held_for(
    comment: Comment, decisions: Sequence[tuple[Decision, str | None]]
) -> list[dict[str, Any]]:
    """Return why a comment waits: what no person has said, the newest of it."""
    for decision, _ in reversed(decisions):
        is_own = Source(decision.source) not in PEOPLE
        if is_own and decision.revision == comment.revision:
            return decision.reasons
    return []


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
    session: Session, comments: Sequence[Comment]
) -> dict[tuple[int, str], Record]:
    """Return what each author has sent, by site and blind index of the address."""
    authors = {(each.site_id, each.email_index) for each in comments}
    records: dict[tuple[int, str], Record] = defaultdict(Record)
    for site_id in {site_id for site_id, _ in authors}:
        indexes = [index for site, index in authors if site == site_id and index]
        rows = session.execute(
            sa.select(
                Comment.email_index,
                Comment.status,
                sa.func.count(),
                sa.func.min(Comment.received_at, type_=Comment.received_at.type),
            )
            .where(Comment.site_id == site_id, Comment.email_index.in_(indexes))
            .group_by(Comment.email_index, Comment.status)
        )
        for index, status, number, first in rows:
            record = records[site_id, index or ""]
            record.counts[Status(status)] = number
            record.first_seen = min(record.first_seen or first, first)
    return dict(records)


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
