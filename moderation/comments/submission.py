"""Store a new comment once, with the automatic decision."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.authors import records
from moderation.authors.identity import keys_of
from moderation.authors.records import FoundAuthor
from moderation.campaigns import clustering
from moderation.campaigns.arrivals import Origin
from moderation.comments import decisions, search_index
from moderation.comments.articles import KnownArticle, update_or_add
from moderation.comments.automatic import (
    CommentFacts,
    TextAnalysis,
    judge,
    queue_columns,
    store_judgement,
)
from moderation.comments.braking import apply_brakes
from moderation.comments.display import CommentState, ShownDecision
from moderation.comments.lookup import StoredComment, find, newest_score
from moderation.errors import (
    CommentsClosed,
    Conflict,
    DifferentBody,
    InvalidFields,
    NotFound,
)
from moderation.policy.openness import Openness, get_openness
from moderation.policy.standings import UNKNOWN_AUTHOR, AuthorFacts
from moderation.privacy import Privacy, mask_emails
from moderation.sites.sites import SiteContext
from moderation.sql.prepared import insert
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision

CLOCK_SKEW = timedelta(minutes=5)  # how far a site's clock may be ahead
MAX_REPLY_DEPTH = 30  # levels; deeper threads can't be read, and `thread` stays short


@dataclass(frozen=True, kw_only=True)
class Submission:
    """The way and the time of a comment's arrival."""

    at: datetime
    article: KnownArticle | None = None  #: None: it is the first comment there
    idempotency_key: str | None = None
    #: by the site: where comments are closed, it is held, not refused
    is_stored_elsewhere: bool = False


def submit(
    session: Session,
    site: SiteContext,
    fields: Mapping[str, Any],
    analysis: TextAnalysis,
    sent: Submission,
    *,
    privacy: Privacy,
) -> StoredComment:
    """Store a new comment with its scores and the automatic decision.

    `fields` are those of `api.comment_bodies.NewComment`, and a `policy.Signal` under
    `signal`, if a compatibility API brought one. It joins its near-duplicates where
    `analysis.place` says. The same comment sent again (its `external_id` or
    `idempotency_key`) is answered as the first time.

    Raises
    ------
    DifferentBody
        If one of the two was used before with another body.
    CommentsClosed
        If the article takes no comments now. What was stored before is answered.
    InvalidFields
        If the parent is not on this article, or `written_at` lies in the future.
    clustering.Unplaced
        If the near-duplicates can't be joined.
    """
    now, idempotency_key = sent.at, sent.idempotency_key
    text = json.dumps(fields, sort_keys=True, default=str)
    earlier = _find_earlier(session, site, fields.get("external_id"), idempotency_key)
    if earlier is not None:
        return _repeat(session, earlier, privacy.list_fingerprints(text))
    _refuse_future(fields.get("written_at"), now)
    article = update_or_add(session, site, sent.article, fields, now)
    openness = get_openness(site.policy, article.facts, now)
    if openness.closed_by is not None and not sent.is_stored_elsewhere:
        raise CommentsClosed(openness.closed_by, openness.opens_at)
    parent = _parent(session, site, article, fields.get("parent"))
    comment = _new_comment(site, article, parent, fields, privacy)
    author = _find_author(session, comment, fields, privacy)
    facts = author.facts(now) if author else UNKNOWN_AUTHOR
    about = _about(article, comment, facts, openness, fields, privacy, now)
    scored, place = analysis.scored, analysis.place
    comment.campaign_id = clustering.join_campaign(session, site.id, place, now)
    judgement = judge(session, site, about, analysis)
    judgement = apply_brakes(session, site, comment, about.origin, judgement, now)
    columns = queue_columns(session, site, article.id, judgement, scored, now)
    for name, value in columns.items():
        setattr(comment, name, value)
    comment.fingerprint = privacy.fingerprint(text)
    comment.idempotency_key = idempotency_key
    comment.received_at = now
    outcome = judgement.outcome
    decisions.apply(comment, outcome.source, outcome.verdict)
    if author is not None:
        comment.author_record_id = records.add_comment(session, comment, author, now)
    insert(session, comment)
    search_index.add(session, comment)
    clustering.record_signature(session, comment, place, now)
    return store_judgement(session, site, comment, None, judgement, analysis, now)


def _about(
    article: KnownArticle,
    comment: Comment,
    author: AuthorFacts,
    openness: Openness,
    fields: Mapping[str, Any],
    privacy: Privacy,
    now: datetime,
) -> CommentFacts:
    """Return what a new comment's decision takes in addition to its text."""
    ip = fields.get("ip")
    return CommentFacts(
        section=article.section,
        author_id=comment.author_id,
        author_name=comment.author_name,
        openness=openness,
        author=author,
        signal=fields.get("signal"),
        origin=Origin(
            article_id=article.id,
            at=now,
            author_key=author.key,
            network=privacy.network(ip) if ip else None,
        ),
    )


def _new_comment(
    site: SiteContext,
    article: KnownArticle,
    parent: Comment | None,
    fields: Mapping[str, Any],
    privacy: Privacy,
) -> Comment:
    """Return the row of a new comment, as far as the request fills it."""
    comment_id = identifiers.new_id()
    email = fields.get("author_email")  # a compatibility API may bring none
    user_agent, ip = fields.get("user_agent"), fields.get("ip")
    return Comment(
        id=comment_id,
        site_id=site.id,
        article_id=article.id,
        parent_id=parent.id if parent else None,
        thread=(parent.thread if parent else "") + identifiers.thread_part(comment_id),
        external_id=fields.get("external_id"),
        author_name=fields["author_name"],
        author_url=fields.get("author_url"),
        author_id=fields.get("author_id"),
        email_encrypted=privacy.encrypt_email(email, comment_id) if email else None,
        email_index=privacy.index_email(email, site.id) if email else None,
        ip_pseudonym=privacy.pseudonym(ip, site.id) if ip else None,
        user_agent=mask_emails(user_agent) if user_agent else None,
        body=fields["body"],
        language=fields.get("language"),
        revision=1,
        written_at=fields.get("written_at"),
    )


def _find_author(
    session: Session, comment: Comment, fields: Mapping[str, Any], privacy: Privacy
) -> FoundAuthor | None:
    """Return who wrote a new comment; None: unknown."""
    ip = fields.get("ip")
    keys = keys_of(
        privacy,
        comment.site_id,
        author_id=comment.author_id,
        email=fields.get("author_email"),
        name=comment.author_name,
        networks=privacy.list_pseudonyms(ip, comment.site_id) if ip else (),
    )
    return records.find(session, comment.site_id, keys) if keys else None


def _find_earlier(
    session: Session,
    site: SiteContext,
    external_id: str | None,
    idempotency_key: str | None,
) -> Comment | None:
    if external_id is None and idempotency_key is None:
        return None
    named = [
        column == value
        for column, value in (
            (Comment.external_id, external_id),
            (Comment.idempotency_key, idempotency_key),
        )
        if value is not None
    ]
    found = session.scalars(
        sa.select(Comment).where(Comment.site_id == site.id, sa.or_(*named))
    ).all()
    if len(found) > 1:  # the id of one comment, the key of another
        raise DifferentBody
    return found[0] if found else None


def _repeat(
    session: Session, earlier: Comment, fingerprints: Sequence[str]
) -> StoredComment:
    """Answer a repetition; bodies from before the key was replaced aren't compared."""
    if earlier.deleted_at is not None:
        raise Conflict("This comment was deleted.")
    if earlier.fingerprint and earlier.fingerprint not in fingerprints:
        raise DifferentBody
    return replay(session, earlier)


def replay(session: Session, earlier: Comment) -> StoredComment:
    """Return a comment that is sent again, as it was answered the first time."""
    first = session.scalars(
        sa.select(Decision)
        .where(Decision.comment_id == earlier.id)
        .order_by(Decision.id)
        .limit(1)
    ).one()
    return StoredComment(
        comment=earlier,
        state=CommentState.of(earlier),
        decision=ShownDecision.of(first),
        score=newest_score(session, earlier.id, 1),
        is_replay=True,
    )


def _refuse_future(written_at: datetime | None, now: datetime) -> None:
    if written_at is not None and written_at > now + CLOCK_SKEW:
        raise InvalidFields({"written_at": ["Must not lie in the future."]})


def _parent(
    session: Session, site: SiteContext, article: KnownArticle, parent_id: int | None
) -> Comment | None:
    if parent_id is None:
        return None
    try:
        parent = find(session, [site.id], parent_id)
    except NotFound:
        complaint = "There is no such comment on this site."
        raise InvalidFields({"parent": [complaint]}) from None
    if parent.article_id != article.id:
        raise InvalidFields({"parent": ["Belongs to another article."]})
    if len(parent.thread) >= MAX_REPLY_DEPTH * identifiers.ENCODED_LENGTH:
        complaint = f"Replies nest at most {MAX_REPLY_DEPTH} levels deep."
        raise InvalidFields({"parent": [complaint]})
    return parent
