"""Erase what a comment said and who wrote it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.authors import records
from moderation.campaigns import clustering
from moderation.comments import claims, decisions, search_index
from moderation.tables.comments import Comment, Revision
from moderation.tables.importing import ImportedComment
from moderation.tables.objections import Appeal, Report
from moderation.tables.review import Escalation, Note
from moderation.webhooks import outbox


def erase(session: Session, comment: Comment, now: datetime) -> None:
    """Erase what a comment said and who wrote it; its decisions stay, without text.

    What readers and its author said about it goes with it.
    """
    session.execute(sa.delete(Revision).where(Revision.comment_id == comment.id))
    session.execute(sa.delete(Note).where(Note.comment_id == comment.id))
    session.execute(
        sa.update(Escalation)
        .where(Escalation.comment_id == comment.id)
        .values(note=None, ended_at=sa.func.coalesce(Escalation.ended_at, now))
    )
    about = Report.comment_id == comment.id
    session.execute(sa.update(Report).where(about).values(note=None))
    session.execute(
        sa.update(Appeal).where(Appeal.comment_id == comment.id).values(text="")
    )
    imported = ImportedComment.comment_id == comment.id
    session.execute(sa.delete(ImportedComment).where(imported))
    search_index.remove(session, comment.id)
    outbox.forget(session, comment.id)
    clustering.leave_campaign(session, comment)
    records.forget_comment(session, comment)
    comment.deleted_at = now
    decisions.bump(comment)
    comment.body = comment.author_name = ""
    comment.author_url = comment.author_id = comment.user_agent = None
    comment.email_encrypted = comment.email_index = comment.ip_pseudonym = None
    claims.clear(comment)
    comment.escalated_at = None
    target = (TargetKind.COMMENT, comment.id)
    record(session, AuditAction.COMMENT_ERASED, target=target, site_id=comment.site_id)
