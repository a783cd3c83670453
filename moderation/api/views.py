"""What leaves the API: stored rows made into what the schemas dump."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from moderation.accounts.staff import Person, Role
from moderation.campaigns.campaigns import CampaignSummary
from moderation.comments.lookup import StoredComment, scores_of
from moderation.desk.comment_card import DeskEntry
from moderation.desk.context import Context
from moderation.desk.history import History
from moderation.desk.recent import DecidedEntry
from moderation.objections.appeals import Told, codes_of
from moderation.objections.reports import Filed
from moderation.policy import STATUS_AFTER, Source, Status, Verdict
from moderation.queue.entries import QueueEntry
from moderation.review import bulk
from moderation.review.bulk import BatchKind, BatchState
from moderation.tables.comments import Article, Comment, Score
from moderation.tables.decisions import Decision
from moderation.tables.objections import Appeal
from moderation.tables.review import Batch, Correction, Note

LONGEST_NEAR = 280  # characters of a near-duplicate that are shown beside a comment


def receipt(standing: StoredComment, status_url: str) -> dict[str, Any]:
    """Return what became of a comment when it was sent.

    Built from the first decision, so that a repeated request is answered alike.
    """
    decision = standing.decision
    return {
        "id": standing.comment.id,
        "external_id": standing.comment.external_id,
        "status": STATUS_AFTER[Verdict(decision.verdict)],
        "version": 1,
        "status_url": status_url,
        **_judgement(decision, standing.score),
    }


def comment(standing: StoredComment, article: Article) -> dict[str, Any]:
    """Return a comment as its site sees it."""
    return _comment(standing.comment, standing.decision, standing.score, article)


def queued(entry: QueueEntry, site_names: dict[int, str]) -> dict[str, Any]:
    """Return a pending comment as staff see it."""
    row = entry.comment
    return {
        **_comment(row, entry.decision, entry.score, entry.article),
        "site": site_names[row.site_id],
        "article_title": entry.article.title,
        "article_section": entry.article.section,
        "due_at": row.due_at,
        "is_overdue": entry.is_overdue,
        "held_reason": row.held_reason,
        "report_weight": row.report_weight,
        "claimed_by": entry.claimed_by,
        "claimed_until": row.claimed_until if entry.claimed_by else None,
    }


def decided(entry: DecidedEntry, site_names: dict[int, str]) -> dict[str, Any]:
    """Return a decided comment as staff look it over."""
    row = entry.comment
    return {
        **_comment(row, entry.decision, entry.score, entry.article),
        "site": site_names[row.site_id],
        "article_title": entry.article.title,
        "article_section": entry.article.section,
        "decision": decision(entry.decision, entry.login),
    }


def laid_out(entry: DeskEntry, site_names: dict[int, str]) -> dict[str, Any]:
    """Return a comment of a moderator's hand."""
    author = entry.author
    return {
        **queued(entry.queued, site_names),
        "held_for": entry.held_for,
        "label": entry.label,
        "pieces": entry.pieces,
        "parent_comment": _parent(entry.parent),
        "author": author and {"first_seen": author.first_seen, **author.counts},
        "decisions": [decision(row, login) for row, login in entry.decisions],
        **_context(entry.context),
        "notes": [note(row, login) for row, login in entry.notes],
        "escalation": entry.escalation,
        "reports": entry.reports,
        "appeal": entry.appeal and _waiting_appeal(*entry.appeal),
        "dispute": entry.dispute,
        "campaign": _in_short(entry.campaign),
        "near_duplicates": [_near(row) for row in entry.near_duplicates],
    }


def _in_short(summary: CampaignSummary | None) -> dict[str, Any] | None:
    if summary is None:
        return None
    standing = summary.standing
    return {
        "id": summary.campaign.id,
        "size": summary.campaign.size,
        **_counts(summary),
        "standing": Verdict(standing.verdict) if standing else None,
    }


def _counts(summary: CampaignSummary) -> dict[str, int]:
    return {status.value: count for status, count in summary.counts.items()}


def _near(row: Comment) -> dict[str, Any]:
    is_long = len(row.body) > LONGEST_NEAR
    return {
        "id": row.id,
        "body": f"{row.body[: LONGEST_NEAR - 1]}…" if is_long else row.body,
        "author_name": row.author_name,
        "status": Status(row.status),
    }


def note(row: Note, login: str) -> dict[str, Any]:
    """Return a note with who wrote it."""
    return {
        "id": row.id,
        "author": login,
        "text": row.text,
        "created_at": row.created_at,
    }


def correction(row: Correction, login: str) -> dict[str, Any]:
    """Return what a person said of labels."""
    return {
        "by": login,
        "at": row.created_at,
        "labels": row.labels,
        "revision": row.revision,
    }


def filed(found: Filed) -> dict[str, Any]:
    """Return what became of a reader's report."""
    return {
        "comment": found.comment.id,
        "reason": found.report.reason,
        "created_at": found.report.created_at,
        "status": Status(found.comment.status),
        "is_heard": found.is_heard,
    }


def told(found: Told, status_url: str) -> dict[str, Any]:
    """Return what an author may know of a comment."""
    made = found.appeal
    return {
        "state": found.state,
        "since": found.since,
        "reasons": found.reasons,
        "may_appeal": found.may_appeal,
        "appeal": made
        and {
            "text": made.text,
            "created_at": made.created_at,
            "heard_at": made.heard_at,
            "outcome": STATUS_AFTER[Verdict(made.outcome)] if made.outcome else None,
        },
        "status_url": status_url,
    }


def _waiting_appeal(made: Appeal, rejection: Decision) -> dict[str, Any]:
    return {
        "text": made.text,
        "created_at": made.created_at,
        "rejected_for": codes_of(rejection),
    }


def _context(found: Context) -> dict[str, Any]:
    return {
        "thread": [
            {**vars(each), "status": Status(each.status)} for each in found.thread
        ],
        "links": found.links,
        "earlier": [
            {
                **vars(each),
                "verdict": Verdict(each.verdict),
                "source": Source(each.source),
            }
            for each in found.earlier
        ],
        "revisions": found.revisions,
    }


def undoable(row: Decision, comment: Comment, grace: timedelta) -> dict[str, Any]:
    """Return a decision that can still be taken back."""
    return {
        "id": comment.id,
        "version": comment.version,
        "author_name": comment.author_name,
        "verdict": Verdict(row.verdict),
        "until": row.created_at + grace,
    }


def _parent(row: Comment | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "id": row.id,
        "author_name": row.author_name,
        "body": row.body,
        "status": Status(row.status),
    }


def decision(row: Decision, login: str | None) -> dict[str, Any]:
    """Return a decision: who, when and from what."""
    verdict = Verdict(row.verdict)
    return {
        "verdict": verdict,
        "source": Source(row.source),
        "decided_by": login,
        "created_at": row.created_at,
        "status_before": Status(row.status_before) if row.status_before else None,
        "status": STATUS_AFTER[verdict],
        "reasons": row.reasons,
        "labels": row.labels,
        "revision": row.revision,
        "model_version": row.model_version,
        "policy_id": row.policy_id,
        "batch": row.batch_id,
    }


def history(found: History) -> dict[str, Any]:
    """Return all that happened to a comment."""
    return {
        "decisions": [decision(row, login) for row, login in found.decisions],
        "scorings": [
            {
                "revision": row.revision,
                "model_version": row.model_version,
                "scores": scores_of(row),
                "created_at": row.created_at,
            }
            for row in found.scores
        ],
        "revisions": found.revisions,
        "notes": [note(row, login) for row, login in found.notes],
        "escalations": found.escalations,
        "corrections": [correction(row, login) for row, login in found.corrections],
    }


def _judgement(decision: Decision, score: Score | None) -> dict[str, Any]:
    return {
        "verdict": Verdict(decision.verdict),
        "reasons": decision.reasons,
        "scores": scores_of(score),
        "model_version": score.model_version if score else None,
    }


def _comment(
    row: Comment, decision: Decision, score: Score | None, article: Article
) -> dict[str, Any]:
    return {
        "id": row.id,
        "external_id": row.external_id,
        "status": Status(row.status),
        "version": row.version,
        "article": article.reference,
        "parent": row.parent_id,
        "author_name": row.author_name,
        "author_url": row.author_url,
        "author_id": row.author_id,
        "body": row.body,
        "language": row.language,
        "revision": row.revision,
        "received_at": row.received_at,
        "written_at": row.written_at,
        "edited_at": row.edited_at,
        **_judgement(decision, score),
    }


def batch(
    row: Batch,
    logins: dict[int, str],
    person: Person,
    *,
    now: datetime,
    grace: timedelta,
) -> dict[str, Any]:
    """Return one decision about many comments, how far it is, and if it can end."""
    is_done = row.state == BatchState.DONE.value
    refused = bulk.why_not_undone(
        row,
        staff_id=person.id,
        led_site_ids=person.site_ids(Role.LEAD),
        now=now,
        grace=grace,
    )
    return {
        "id": row.id,
        "site": person.sites[row.site_id],
        "kind": BatchKind(row.kind),
        "campaign": row.campaign_id,
        "filter": row.filter,
        "verdict": Verdict(row.verdict),
        "reasons": row.reasons,
        "decided_by": logins[row.staff_id],
        "created_at": row.created_at,
        "state": BatchState(row.state),
        "progress": bulk.progress(row),
        "asked": row.asked,
        "decided": row.decided,
        "skipped": row.skipped,
        "restored": row.restored,
        "left": row.left,
        "finished_at": row.finished_at,
        "undone_at": row.undone_at,
        "undone_by": logins.get(row.undone_by or 0),
        "is_undoable_by_you": refused is None,
        "undoable_until": row.finished_at + grace
        if is_done and row.finished_at
        else None,
    }


def campaign(summary: CampaignSummary, site_names: dict[int, str]) -> dict[str, Any]:
    """Return near-duplicates at a glance."""
    row, standing = summary.campaign, summary.standing
    return {
        "id": row.id,
        "site": site_names[row.site_id],
        "version": row.version,
        "size": row.size,
        **_counts(summary),
        "authors": summary.authors,
        "first_seen_at": row.created_at,
        "last_seen_at": row.last_seen_at,
        "sample": summary.sample and member(summary.sample),
        "standing": standing
        and {
            "verdict": Verdict(standing.verdict),
            "by": summary.said_by,
            "created_at": standing.created_at,
            "until": standing.until,
        },
    }


def member(row: Comment) -> dict[str, Any]:
    """Return a comment of a campaign, in short."""
    return {
        "id": row.id,
        "body": row.body,
        "author_name": row.author_name,
        "status": Status(row.status),
        "received_at": row.received_at,
    }
