"""All that a site holds of a person, as one document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.comments.lookup import scores_of
from moderation.database import Table
from moderation.keyed_hashes import HashKeys
from moderation.learning import lineage
from moderation.policy.verdicts import UNATTENDED
from moderation.privacy import Privacy, UnreadableEmail
from moderation.sites.protocols import host_of
from moderation.subjects import clocks
from moderation.subjects.person import DataSubject, names_of
from moderation.tables.accounts import Staff
from moderation.tables.audit import AuditEntry
from moderation.tables.authors import Author, AuthorNote, StandingChange
from moderation.tables.comments import Article, Comment, Revision, Score
from moderation.tables.decisions import Decision
from moderation.tables.legal import Notice, NoticeComplaint, Statement
from moderation.tables.objections import Appeal, Report
from moderation.tables.review import Escalation, Note
from moderation.tables.sites import Site
from moderation.tables.webhooks import Webhook

FORMAT = "moderation-person-1"
BATCH_SIZE = 500  # comments read at a time
UNREADABLE = "unreadable"  # an address whose key is gone

Rows = Mapping[int, Sequence[Any]]


def export(
    session: Session,
    privacy: Privacy,
    subject: DataSubject,
    keys: HashKeys,
    now: datetime,
) -> dict[str, Any]:
    """Return all that a site holds of a person, and record that it was read.

    No one else is in it: who reported a comment, and their words, are left out. The
    addresses are in clear. This is for the person.

    Parameters
    ----------
    keys
        Of `learning.lineage`.
    """
    comments = list(_iter_comments(session, privacy, subject))
    ids = [identifiers.decode(comment["id"]) for comment in comments]
    document = {
        "format": FORMAT,
        "site": session.get_one(Site, subject.site_id).name,
        "made_at": now.isoformat(),
        "person": _identity(session, subject, comments),
        "authors": _authors(session, subject),
        "comments": comments,
        "reports_made": _reports_made(session, subject),
        "notices_made": _notices_made(session, subject),
        "address_revealed": _reveals(session, subject, ids),
        "models_trained_on_comments": [
            {"version": model.version, "is_active": model.is_active}
            for model in lineage.list_trained_on_any(
                session, subject.site_id, ids, keys
            )
        ],
        "recipients": _recipients(session, subject.site_id),
        "kept_for_days": clocks.read_clocks(session, subject.site_id).as_json(),
    }
    record_export(session, subject, len(comments))
    return document


def record_export(session: Session, subject: DataSubject, count: int) -> None:
    """Record that a person's data was read, without a word about who it is."""
    author_id = next(iter(subject.author_ids), None)
    record(
        session,
        AuditAction.PERSON_EXPORTED,
        target=None if author_id is None else (TargetKind.AUTHOR, author_id),
        site_id=subject.site_id,
        comments=count,
    )


def _iter_comments(
    session: Session, privacy: Privacy, subject: DataSubject
) -> Iterator[dict[str, Any]]:
    after = identifiers.MIN_ID
    while True:
        rows = session.execute(
            sa.select(Comment, Article)
            .join(Article, Article.id == Comment.article_id)
            .where(subject.has_written(), Comment.id > after)
            .order_by(Comment.id)
            .limit(BATCH_SIZE)
        ).all()
        if not rows:
            return
        after = rows[-1][0].id
        beside = _Beside(session, [comment.id for comment, _ in rows])
        for comment, article in rows:
            yield {
                **_comment(comment, article, privacy),
                **beside.of(comment.id),
            }


def _comment(comment: Comment, article: Article, privacy: Privacy) -> dict[str, Any]:
    parent = comment.parent_id
    return {
        "id": identifiers.encode(comment.id),
        "external_id": comment.external_id,
        "article": article.reference,
        "article_title": article.title,
        "reply_to": None if parent is None else identifiers.encode(parent),
        "name": comment.author_name,
        "link": comment.author_url,
        "author_id": comment.author_id,
        "email": _address(comment, privacy),
        "network_pseudonym": comment.ip_pseudonym,
        "user_agent": comment.user_agent,
        "text": comment.body,
        "language": comment.language,
        "status": comment.status,
        "received_at": comment.received_at.isoformat(),
        "written_at": _text_of(comment.written_at),
        "edited_at": _text_of(comment.edited_at),
    }


def _address(comment: Comment, privacy: Privacy) -> str | None:
    if comment.email_encrypted is None:
        return None
    try:
        return privacy.decrypt_email(comment.email_encrypted, comment.id)
    except UnreadableEmail:
        return UNREADABLE


class _Beside:
    """Data stored next to some comments, read by one query each."""

    def __init__(self, session: Session, ids: Sequence[int]) -> None:
        self._revisions = _group(session, Revision, ids)
        self._scores = _group(session, Score, ids)
        self._decisions = _group(session, Decision, ids)
        self._reports = _group(session, Report, ids)
        self._appeals = _group(session, Appeal, ids)
        self._statements = _group(session, Statement, ids)
        self._notes = _group(session, Note, ids)
        self._escalations = _group(session, Escalation, ids)

    def of(self, comment_id: int) -> dict[str, Any]:
        """Return what is stored next to a comment."""
        return {
            "earlier_texts": [
                {"text": row.body, "replaced_at": row.replaced_at.isoformat()}
                for row in self._revisions[comment_id]
            ],
            "scores": [
                {"model": row.model_version, **(scores_of(row) or {})}
                for row in self._scores[comment_id]
            ],
            "decisions": [_decision(row) for row in self._decisions[comment_id]],
            "reports": [
                {"reason": row.reason, "reported_at": row.created_at.isoformat()}
                for row in self._reports[comment_id]
            ],
            "appeals": [
                {
                    "text": row.text,
                    "filed_at": row.created_at.isoformat(),
                    "outcome": row.outcome,
                    "answer": row.answer,
                }
                for row in self._appeals[comment_id]
            ],
            "statements": [_statement(row) for row in self._statements[comment_id]],
            "staff_notes": [
                {"text": row.text, "written_at": row.created_at.isoformat()}
                for row in self._notes[comment_id]
            ]
            + [
                {"text": row.note, "written_at": row.created_at.isoformat()}
                for row in self._escalations[comment_id]
                if row.note
            ],
        }


def _decision(row: Decision) -> dict[str, Any]:
    automatic = {source.value for source in UNATTENDED}
    return {
        "verdict": row.verdict,
        "is_automatic": row.source in automatic,
        "source": row.source,
        "reasons": [reason["code"] for reason in row.reasons],
        "model": row.model_version,
        "decided_at": row.created_at.isoformat(),
    }


def _statement(row: Statement) -> dict[str, Any]:
    return {
        "restriction": row.restriction,
        "ground": row.ground,
        "code": row.code,
        "legal_ground": row.legal_ground,
        "explanation": row.explanation,
        "decided_at": row.created_at.isoformat(),
    }


def _group(session: Session, table: type[Table], ids: Sequence[int]) -> Rows:
    """Return the rows of a table by their comment, in the order of their keys."""
    grouped: defaultdict[int, list[Any]] = defaultdict(list)
    column = table.__table__.c.comment_id
    order = sa.inspect(table).primary_key
    query = sa.select(table).where(column.in_(ids)).order_by(*order)
    for row in session.scalars(query):
        grouped[row.comment_id].append(row)  # type: ignore[attr-defined]  # all have one
    return grouped


def _identity(
    session: Session, subject: DataSubject, comments: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    def all_of(field: str) -> list[str]:
        return sorted({comment[field] for comment in comments if comment[field]})

    return {
        "names": names_of(session, subject),
        **{
            plural: all_of(field)
            for plural, field in (
                ("emails", "email"),
                ("author_ids", "author_id"),
                ("links", "link"),
                ("user_agents", "user_agent"),
                ("network_pseudonyms", "network_pseudonym"),
            )
        },
    }


def _authors(session: Session, subject: DataSubject) -> list[dict[str, Any]]:
    authors = session.scalars(
        sa.select(Author).where(Author.id.in_(subject.author_ids)).order_by(Author.id)
    ).all()
    return [
        {
            "number": author.id,
            "found_by": author.found_by,
            "first_seen_at": author.first_seen_at.isoformat(),
            "last_seen_at": author.last_seen_at.isoformat(),
            "pending": author.pending,
            "approved": author.approved,
            "rejected": author.rejected,
            "standings": [
                {
                    "standing": change.standing,
                    "reason": change.reason,
                    "note": change.note,
                    "until": _text_of(change.until),
                    "decided_at": change.created_at.isoformat(),
                }
                for change in _rows_of(session, StandingChange, author.id)
            ],
            "staff_notes": [
                {"text": note.text, "written_at": note.created_at.isoformat()}
                for note in _rows_of(session, AuthorNote, author.id)
            ],
        }
        for author in authors
    ]


def _rows_of(
    session: Session, table: type[StandingChange] | type[AuthorNote], author_id: int
) -> Sequence[Any]:
    query = sa.select(table).where(table.author_id == author_id).order_by(table.id)
    return session.scalars(query).all()


def _reports_made(session: Session, subject: DataSubject) -> list[dict[str, Any]]:
    rows = session.scalars(
        sa.select(Report).where(subject.has_reported()).order_by(Report.id)
    )
    return [
        {
            "comment": identifiers.encode(row.comment_id),
            "reason": row.reason,
            "note": row.note,
            "reported_at": row.created_at.isoformat(),
        }
        for row in rows
    ]


def _notices_made(session: Session, subject: DataSubject) -> list[dict[str, Any]]:
    rows = session.execute(
        sa.select(Notice, NoticeComplaint.text)
        .outerjoin(NoticeComplaint, NoticeComplaint.notice_id == Notice.id)
        .where(subject.has_notified())
        .order_by(Notice.id)
    )
    return [
        {
            "id": identifiers.encode(notice.id),
            "category": notice.category,
            "law": notice.law,
            "explanation": notice.explanation,
            "answer": notice.answer,
            "complaint": complaint,
            "sent_at": notice.created_at.isoformat(),
            "decided_at": _text_of(notice.decided_at),
        }
        for notice, complaint in rows
    ]


def _reveals(
    session: Session, subject: DataSubject, comment_ids: Sequence[int]
) -> list[dict[str, Any]]:
    """Return who was shown an address of the person, when, and why."""
    found: list[dict[str, Any]] = []
    notices = sa.select(Notice.id).where(subject.has_notified())
    targets: list[tuple[TargetKind, Sequence[int]]] = [
        (TargetKind.AUTHOR, subject.author_ids),
        (TargetKind.NOTICE, session.scalars(notices).all()),
        *(
            (TargetKind.COMMENT, comment_ids[start : start + BATCH_SIZE])
            for start in range(0, len(comment_ids), BATCH_SIZE)
        ),
    ]
    for kind, ids in targets:
        rows = session.execute(
            sa.select(AuditEntry.at, AuditEntry.reason, Staff.login)
            .outerjoin(
                Staff,
                sa.and_(
                    AuditEntry.actor_kind == "staff", Staff.id == AuditEntry.actor_id
                ),
            )
            .where(
                AuditEntry.action == AuditAction.EMAIL_REVEALED.value,
                AuditEntry.target_kind == kind.value,
                AuditEntry.target_id.in_(ids),
            )
            .order_by(AuditEntry.sequence)
        )
        found += [
            {"at": row.at.isoformat(), "by": row.login, "reason": row.reason}
            for row in rows
        ]
    return sorted(found, key=lambda reveal: str(reveal["at"]))


def _recipients(session: Session, site_id: int) -> list[str]:
    """Return the hosts that are sent what happens to a site's comments."""
    urls = session.scalars(
        sa.select(Webhook.url).where(
            Webhook.site_id == site_id, Webhook.deleted_at.is_(None)
        )
    )
    return sorted({host_of(url) or url for url in urls})


def _text_of(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
