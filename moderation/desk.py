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

from classifiers.scorer import Document, Scorer
from moderation import (
    appeals,
    campaigns,
    escalations,
    looks,
    queue,
    remarks,
    reports,
    sites,
)
from moderation.campaigns import CampaignSummary
from moderation.context import Context, contexts_of
from moderation.escalations import EscalationEntry
from moderation.policy import PEOPLE, ReasonCode, Source, Status, Verdict
from moderation.queue import Wanted
from moderation.reports import Summary
from moderation.review import QueueEntry, entries_of
from moderation.scoring import Scoring
from moderation.submissions import scores_of
from moderation.tables import Appeal, Comment, Decision, Look, Note, Site, Staff

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
    blind = {key: each for key, each in looked_at.items() if looks.is_blind(each)}
    stands = [each for each in comments if each.id in blind]
    comments = [
        looks.shown(comment, blind[comment.id]) if comment.id in blind else comment
        for comment in comments
    ]
    queued = entries_of(session, comments, now)
    parents = {
        key: looks.shown(parent, blind[key]) if key in blind else parent
        for key, parent in _by_id(
            session, (each.parent_id for each in comments)
        ).items()
    }
    records = _records(session, comments)
    _count_as_pending(records, stands)
    comment_ids = [comment.id for comment in comments]
    decisions = _decisions(session, comment_ids)
    contexts = contexts_of(session, comments, unmarked=blind.keys())
    notes = remarks.notes_of(session, comment_ids)
    escalated = escalations.list_of(session, comment_ids, only_open=True)
    summaries = reports.summarise(session, comments)
    appealed = appeals.open_for(session, comments)
    clusters = campaigns.of_comments(session, comments, now)
    _count_as_pending_in_campaigns(clusters, stands)
    scorers = _scorers(session, scoring, {comment.site_id for comment in comments})
    laid_out = []
    for entry in queued:
        comment = entry.comment
        rows, said = decisions[comment.id], notes.get(comment.id, [])
        record = records.get((comment.site_id, comment.email_index or ""))
        look = looked_at.get(comment.id)
        dispute = None
        if look is not None and comment.id in blind:
            rows, said = _unmarked(session, look, rows, said)
            login = session.get_one(Staff, look.claimed_by).login
            entry = replace(entry, decision=rows[-1][0], claimed_by=login)
            comment.held_reason = rows[-1][0].reasons[0]["code"]  # of the copy
            cluster = clusters.get(comment.campaign_id or 0)
            if cluster is not None and cluster.standing is not None:
                comment.campaign_id = None  # nothing of it would wait
        elif look is not None:
            dispute = _dispute(look, rows)
        held_for = _held_for(comment, rows)
        label = told_label(entry, held_for)
        laid_out.append(
            DeskEntry(
                queued=entry,
                held_for=held_for,
                label=label,
                pieces=explained(entry, label, scorers.get(comment.site_id)),
                parent=parents.get(comment.parent_id or 0),
                author=record,
                decisions=rows,
                context=contexts[comment.id],
                notes=said,
                escalation=next(iter(escalated.get(comment.id, [])), None),
                reports=summaries.get(comment.id),
                appeal=appealed.get(comment.id),
                dispute=dispute,
                campaign=clusters.get(comment.campaign_id or 0),
                near_duplicates=[
                    looks.shown(each, blind[each.id]) if each.id in blind else each
                    for each in campaigns.beside(session, comment, MOST_BESIDE)
                ],
            )
        )
    return laid_out


def count(session: Session, wanted: Wanted, now: datetime) -> Counts:
    """Count what waits in a part of the queue, and what of it should be looked at."""
    overdue = queue.count(session, wanted, due_by=now)
    return Counts(pending=queue.count(session, wanted), overdue=overdue)


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
    rows: Sequence[tuple[Decision, str | None]],
    notes: Sequence[tuple[Note, str]],
) -> tuple[list[tuple[Decision, str | None]], list[tuple[Note, str]]]:
    """Return the decisions and notes that don't tell that something was decided."""
    policy = sites.policy_of(session, look.site_id)
    decisions = [row for row, _ in rows]
    shown = looks.shown_decisions(look, decisions, policy)
    since = next(row.created_at for row in decisions if row.id == look.decision_id)
    before = [(note, login) for note, login in notes if note.created_at < since]
    return [(row, None) for row in shown], before


def _count_as_pending(
    records: Mapping[tuple[int, str], Record], comments: Iterable[Comment]
) -> None:
    """Count what is looked at again as if it were still pending, or the sum tells."""
    for comment in comments:
        record = records.get((comment.site_id, comment.email_index or ""))
        if record is not None:
            record.counts[Status(comment.status)] -= 1
            record.counts[Status.PENDING] += 1


def _count_as_pending_in_campaigns(
    clusters: Mapping[int, CampaignSummary], comments: Iterable[Comment]
) -> None:
    for comment in comments:
        cluster = clusters.get(comment.campaign_id or 0)
        if cluster is not None:
            cluster.counts[Status(comment.status)] -= 1
            cluster.counts[Status.PENDING] += 1


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
