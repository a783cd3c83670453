"""Erase a comment's text and its author, or who wrote it alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.authors import records
from moderation.campaigns import clustering
from moderation.comments import claims, decisions, holds, search_index
from moderation.policy.verdicts import Status
from moderation.privacy import mask_emails
from moderation.tables.comments import Comment, Revision
from moderation.tables.importing import ImportedComment
from moderation.tables.learning import CommentVector
from moderation.tables.objections import Appeal, Report
from moderation.tables.review import Escalation, Note
from moderation.tables.webhooks import Callback
from moderation.webhooks import outbox

#: Under which an anonymized comment stands; the same in every language.
ANONYMOUS = "Anonymous"
NAME_MASK = "[name]"
MIN_MASKED_LENGTH = 3  # characters of a name: shorter ones are parts of words


class ErasureMode(StrEnum):
    """The extent to which comments of an erased author are erased."""

    DELETE = "delete"  #: the text and who wrote it
    ANONYMIZE = "anonymize"  #: who wrote it; a published text stays


def erase(session: Session, comment: Comment, now: datetime) -> None:
    """Erase a comment's text and its author; its decisions stay, without text.

    Its reports and its appeal are erased with it.

    Raises
    ------
    moderation.comments.holds.UnderLegalHold
        If the comment, or its article, is under a legal hold.
    """
    holds.refuse_held(session, comment, now)
    _forget_words(session, comment, now)
    search_index.remove(session, comment.id)
    clustering.leave_campaign(session, comment)
    records.forget_comment(session, comment)
    comment.deleted_at = now
    decisions.bump(comment)
    comment.body = comment.author_name = ""
    _forget_author(comment)
    claims.clear(comment)
    comment.escalated_at = None
    _record(session, AuditAction.COMMENT_ERASED, comment)


def erase_person(
    session: Session,
    comment: Comment,
    mode: ErasureMode,
    names: Iterable[str],
    now: datetime,
) -> ErasureMode:
    """Erase a comment of a person who is erased; return what was done.

    A text that isn't published is erased in either mode: no one reads it. What the
    site's requests were recognized by goes as well. The site's webhooks hear of it.

    Parameters
    ----------
    names
        Of the person: masked in a text that stays.

    Raises
    ------
    moderation.comments.holds.UnderLegalHold
        As `erase`.
    """
    if mode is ErasureMode.DELETE or comment.status != Status.APPROVED.value:
        erase(session, comment, now)
        mode = ErasureMode.DELETE
    else:
        _anonymize(session, comment, names, now)
    comment.idempotency_key = None
    comment.fingerprint = ""
    outbox.record_erasure(session, comment, mode.value, now)
    return mode


def _anonymize(
    session: Session, comment: Comment, names: Iterable[str], now: datetime
) -> None:
    holds.refuse_held(session, comment, now)
    _forget_words(session, comment, now)
    records.forget_comment(session, comment)
    comment.author_name = ANONYMOUS
    comment.body = mask_names(mask_emails(comment.body), names)
    _forget_author(comment)
    decisions.bump(comment)
    search_index.replace(session, comment)
    _record(session, AuditAction.COMMENT_ANONYMIZED, comment)


def mask_names(text: str, names: Iterable[str]) -> str:
    """Return a text with names masked where they stand as words of their own.

    >>> mask_names("Yours, Ada Byron. Adaptable.", ["Ada Byron", "Al"])
    'Yours, [name]. Adaptable.'
    """
    for name in sorted(names, key=len, reverse=True):
        if len(name) >= MIN_MASKED_LENGTH:
            pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
            text = re.sub(pattern, NAME_MASK, text, flags=re.IGNORECASE)
    return text


def _forget_words(session: Session, comment: Comment, now: datetime) -> None:
    """Forget the texts with or about a comment, and what is still to be sent."""
    session.execute(sa.delete(Revision).where(Revision.comment_id == comment.id))
    session.execute(sa.delete(Note).where(Note.comment_id == comment.id))
    read = CommentVector.comment_id == comment.id
    session.execute(sa.delete(CommentVector).where(read))
    session.execute(sa.delete(Callback).where(Callback.comment_id == comment.id))
    session.execute(
        sa.update(Escalation)
        .where(Escalation.comment_id == comment.id)
        .values(note=None, ended_at=sa.func.coalesce(Escalation.ended_at, now))
    )
    about = Report.comment_id == comment.id
    session.execute(sa.update(Report).where(about).values(note=None))
    session.execute(
        sa.update(Appeal)
        .where(Appeal.comment_id == comment.id)
        .values(text="", answer=None)
    )
    imported = ImportedComment.comment_id == comment.id
    session.execute(sa.delete(ImportedComment).where(imported))
    outbox.forget(session, comment.id)


def _forget_author(comment: Comment) -> None:
    comment.author_url = comment.author_id = comment.user_agent = None
    comment.email_encrypted = comment.email_index = comment.ip_pseudonym = None


def _record(session: Session, action: AuditAction, comment: Comment) -> None:
    target = (TargetKind.COMMENT, comment.id)
    record(session, action, target=target, site_id=comment.site_id)
