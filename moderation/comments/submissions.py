"""Comments come in: stored once, decided by policy, edited, deleted."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation import identifiers
from moderation.campaigns import clustering
from moderation.campaigns.clustering import Place
from moderation.database import insert
from moderation.errors import Conflict, DifferentBody, InvalidFields, NotFound
from moderation.models.serving import Scored
from moderation.policy import (
    AUTOMATIC,
    REACH_LASTS,
    Facts,
    Hit,
    Outcome,
    Policy,
    Source,
    Status,
    Verdict,
    decide,
    due_at,
    left_to_holder,
    margin,
    status_after,
)
from moderation.privacy import Privacy, mask_emails
from moderation.rules import matching
from moderation.rules.compiled import NOTHING, Matched
from moderation.sites.sites import SiteContext
from moderation.tables.comments import PUBLISHED, Article, Comment, Revision, Score
from moderation.tables.decisions import Decision
from moderation.tables.objections import Appeal, Report
from moderation.tables.review import Escalation, Note
from moderation.tables.rules import RuleHit
from moderation.text.minhash import TextSketch
from moderation.webhooks import outbox

CLOCK_SKEW = timedelta(minutes=5)  # how far a site's clock may run ahead of ours
DEEPEST_REPLY = 30  # levels; deeper threads can't be read, and `thread` stays short

_COLLAPSED = re.compile(r"^(https?):/+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A comment with the decision and the scores it stands on."""

    comment: Comment
    decision: Decision
    score: Score | None
    is_replay: bool = False  #: it was here before this request


def submit(
    session: Session,
    site: SiteContext,
    fields: Mapping[str, Any],
    scored: Scored | None,
    *,
    privacy: Privacy,
    idempotency_key: str | None,
    now: datetime,
    matched: Matched = NOTHING,
    place: Place | None = None,
) -> Standing:
    """Store a new comment with its scores and the policy's decision.

    `fields` are those of `api.comment_bodies.NewComment`, and a `policy.Signal` under
    `signal`, if a foreign protocol brought one. At its `place` it joins the
    near-duplicates that came before. The same comment sent again
    (its `external_id` or `idempotency_key`) is answered as the first time.

    Raises
    ------
    DifferentBody
        If one of the two was used before with another body.
    InvalidFields
        If the parent is not on this article, or `written_at` lies in the future.
    placement.Unplaced
        If the near-duplicates can't be joined.
    """
    fingerprint = _fingerprint(fields, privacy)
    earlier = _find_earlier(session, site, fields.get("external_id"), idempotency_key)
    if earlier is not None:
        return _replay(session, earlier, fingerprint)
    _refuse_future(fields.get("written_at"), now)
    article = _article(session, site, fields, now)
    comment_id = identifiers.new_id()
    parent = _parent(session, site, article, fields.get("parent"))
    email = fields.get("author_email")  # a foreign protocol may bring none
    email_index = privacy.index_email(email) if email else None
    hits = hits_of(session, site, matched, article.section, email_index)
    outcome = decide(
        site.policy,
        Facts(
            scores=scored.scores if scored else None,
            is_language_supported=bool(scored and scored.is_language_supported),
            weak_labels=scored.weak_labels if scored else frozenset(),
            section=article.section,
            author_id=fields.get("author_id"),
            signal=fields.get("signal"),
            hits=hits,
            has_rules=matched.is_known,
            standing=place.standing if place else None,
        ),
    )
    user_agent, ip = fields.get("user_agent"), fields.get("ip")
    comment = Comment(
        id=comment_id,
        site_id=site.id,
        article_id=article.id,
        parent_id=parent.id if parent else None,
        thread=(parent.thread if parent else "") + identifiers.encode(comment_id),
        external_id=fields.get("external_id"),
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
        author_name=fields["author_name"],
        author_url=fields.get("author_url"),
        author_id=fields.get("author_id"),
        email_encrypted=privacy.encrypt_email(email, comment_id) if email else None,
        email_index=email_index,
        ip_pseudonym=privacy.pseudonym(ip, site.id) if ip else None,
        user_agent=mask_emails(user_agent) if user_agent else None,
        body=fields["body"],
        language=fields.get("language"),
        status=status_after(None, outcome.source, outcome.verdict).value,
        version=1,
        revision=1,
        received_at=now,
        written_at=fields.get("written_at"),
        due_at=_due_at(session, article.id, outcome, scored, now, hits),
        held_reason=held_reason(outcome),
        **sorting(site.policy, scored),
        campaign_id=clustering.enter(session, site.id, place, now),
    )
    insert(session, comment)
    clustering.remember(session, comment, place, now)
    _note(session, comment, hits)
    return _record(session, site, comment, None, outcome, scored, now, place)


def edit(
    session: Session,
    site: SiteContext,
    comment: Comment,
    fields: Mapping[str, Any],
    scored: Scored | None,
    *,
    now: datetime,
    matched: Matched = NOTHING,
    sketch: TextSketch | None = None,
) -> Standing:
    """Replace the text of a comment, which is then decided anew.

    What a person had decided before, or was to look at because of readers' reports or
    an appeal, goes to a person again. Whoever holds the comment keeps it, and so does
    the lead that it waits for; nothing automatic decides it: a decision about the
    earlier text is refused, and shows the new one. `fields` are those of
    `api.comment_bodies.EditedComment`.
    """
    article = session.get_one(Article, comment.article_id)
    index = comment.email_index
    hits = hits_of(session, site, matched, article.section, index, comment.id)
    clustering.leave(session, comment)
    place = clustering.find_place(session, site.id, sketch, now)
    outcome = decide(
        site.policy,
        Facts(
            scores=scored.scores if scored else None,
            is_language_supported=bool(scored and scored.is_language_supported),
            weak_labels=scored.weak_labels if scored else frozenset(),
            section=article.section,
            author_id=comment.author_id,
            is_edit_of_decided=_is_in_peoples_hands(session, comment.id),
            hits=hits,
            has_rules=matched.is_known,
            standing=place.standing if place else None,
        ),
    )
    if comment.is_held(now):
        outcome = left_to_holder(outcome)
    session.add(
        Revision(
            comment_id=comment.id,
            number=comment.revision,
            body=comment.body,
            replaced_at=now,
        )
    )
    status_before = Status(comment.status)
    comment.body = fields["body"]
    comment.author_name = fields.get("author_name") or comment.author_name
    comment.author_url = fields.get("author_url", comment.author_url)
    comment.revision += 1
    comment.version += 1
    comment.edited_at = now
    comment.status = status_after(status_before, outcome.source, outcome.verdict).value
    comment.due_at = _due_at(session, article.id, outcome, scored, now, hits)
    comment.held_reason = held_reason(outcome) or comment.held_reason
    comment.report_weight = 0.0  # readers spoke of another text
    for name, value in sorting(site.policy, scored).items():
        setattr(comment, name, value)
    comment.campaign_id = clustering.enter(session, site.id, place, now)
    clustering.remember(session, comment, place, now)
    _note(session, comment, hits)
    return _record(session, site, comment, status_before, outcome, scored, now, place)


def delete(session: Session, comment: Comment, now: datetime) -> None:
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
    outbox.forget(session, comment.id)
    clustering.leave(session, comment)
    comment.deleted_at = now
    comment.version += 1
    comment.body = comment.author_name = ""
    comment.author_url = comment.author_id = comment.user_agent = None
    comment.email_encrypted = comment.email_index = comment.ip_pseudonym = None
    comment.claimed_by = comment.claimed_until = comment.claimed_at = None
    comment.escalated_at = None


def find(
    session: Session,
    site_ids: Sequence[int],
    comment_id: int,
    *,
    for_update: bool = False,
) -> Comment:
    """Return a comment of one of the sites.

    Raises
    ------
    NotFound
        If it is deleted, unknown, or at another site.
    """
    query = sa.select(Comment).where(
        Comment.id == comment_id,
        Comment.site_id.in_(site_ids),
        Comment.deleted_at.is_(None),
    )
    comment = session.scalar(query.with_for_update() if for_update else query)
    if comment is None:
        raise NotFound("There is no such comment.")
    return comment


def texts_of(
    session: Session, site_id: int, comment_ids: Sequence[int]
) -> dict[int, str]:
    """Return the texts of comments of a site, of those that were not deleted."""
    rows = session.execute(
        sa.select(Comment.id, Comment.body).where(
            Comment.id.in_(comment_ids),
            Comment.site_id == site_id,
            Comment.deleted_at.is_(None),
        )
    )
    return {row.id: row.body for row in rows}


def find_by_idempotency_key(
    session: Session, site_id: int, idempotency_key: str
) -> Comment | None:
    """Return the comment that was sent with a key, even if it was deleted since."""
    return session.scalar(
        sa.select(Comment).where(
            Comment.site_id == site_id, Comment.idempotency_key == idempotency_key
        )
    )


def hits_of(
    session: Session,
    site: SiteContext,
    matched: Matched,
    section: str | None,
    email_index: str | None,
    comment_id: int = 0,
) -> tuple[Hit, ...]:
    """Return the rules that match, once the section and the author are known.

    Parameters
    ----------
    comment_id
        Of an edited comment: it is not its author's earlier one.
    """

    def is_first() -> bool:
        """Tell whether nothing of the author stands approved at the site.

        Whoever has left no address can't be told from a newcomer.
        """
        if email_index is None:
            return True
        known = sa.select(Comment.id).where(
            Comment.site_id == site.id,
            Comment.email_index == email_index,
            Comment.status == Status.APPROVED.value,
            Comment.id != comment_id,
        )
        return session.scalar(known.limit(1)) is None

    return matching.confirmed(matched.matches, section, is_first)


def _note(session: Session, comment: Comment, hits: Sequence[Hit]) -> None:
    """Store which rules have matched a text, also those in shadow."""
    if not hits:
        return
    session.flush()  # an edited comment's new revision
    session.execute(
        sa.insert(RuleHit),
        [
            {
                "comment_id": comment.id,
                "revision": comment.revision,
                "rule_id": hit.rule_id,
                "version": hit.version,
                "action": hit.action.value,
                "tag": hit.tag,
                "was_shadow": hit.is_shadow,
            }
            for hit in hits
        ],
    )


def standing(session: Session, comment: Comment) -> Standing:
    """Return a comment with its newest decision and the scores of its text."""
    decision = session.scalars(
        sa.select(Decision)
        .where(Decision.comment_id == comment.id)
        .order_by(Decision.id.desc())
        .limit(1)
    ).one()
    return Standing(
        comment=comment,
        decision=decision,
        score=_score(session, comment.id, comment.revision),
    )


def scores_of(score: Score | None) -> dict[str, float] | None:
    """Return label to probability as stored, without the labels not scored."""
    if score is None:
        return None
    values = {label: getattr(score, label) for label in LABELS}
    return {label: value for label, value in values.items() if value is not None}


def article_reference(text: str) -> str:
    """Return an article's name as stored: proxies fold the slashes of an URL.

    >>> article_reference("https:/news.example/a")
    'https://news.example/a'
    """
    return _COLLAPSED.sub(r"\1://", text)


def is_article(site_id: int, reference: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that find an article by the site's name for it."""
    named = article_reference(reference)
    return (
        Article.site_id == site_id,
        Article.reference_hash == reference_hash(named),
    )


# Put together once: that costs more than to run it.
_ARTICLE = sa.select(Article).where(
    Article.site_id == sa.bindparam("site_id"),
    Article.reference_hash == sa.bindparam("named"),
)


def reference_hash(reference: str) -> str:
    """Return by what an article is looked up, of its name as stored."""
    return hashlib.sha256(reference.encode()).hexdigest()


def _record(
    session: Session,
    site: SiteContext,
    comment: Comment,
    status_before: Status | None,
    outcome: Outcome,
    scored: Scored | None,
    now: datetime,
    place: Place | None,
) -> Standing:
    """Store the scores and the policy's decision about a new text."""
    session.flush()  # an edited comment, or an article's new title
    score = None
    if scored is not None:
        score = Score(
            comment_id=comment.id,
            revision=comment.revision,
            model_version=scored.model_version,
            created_at=now,
            **scored.scores,
        )
        insert(session, score)
    decision = Decision(
        site_id=site.id,
        comment_id=comment.id,
        revision=comment.revision,
        created_at=now,
        source=outcome.source.value,
        status_before=status_before.value if status_before else None,
        verdict=outcome.verdict.value,
        reasons=[reason.as_json() for reason in outcome.reasons],
        labels={},
        policy_id=site.policy_id,
        model_version=scored.model_version if scored else None,
        batch_id=_batch_of(outcome, place),
    )
    insert(session, decision)
    if site.has_webhooks:
        outbox.decided(session, comment, decision)
    return Standing(comment=comment, decision=decision, score=score)


def _batch_of(outcome: Outcome, place: Place | None) -> int | None:
    """Return the bulk decision whose verdict in advance this one follows."""
    is_told = outcome.source is Source.CAMPAIGN and place and place.standing
    return place.standing.batch if is_told and place and place.standing else None


def sorting(policy: Policy, scored: Scored | None) -> dict[str, float | None]:
    """Return the columns of a comment that the queue is sorted by, from its scores."""
    scores = scored.scores if scored else {}
    by_label = {f"score_{label}": scores.get(label) for label in LABELS}
    return {**by_label, "margin": margin(policy, scores)}


def held_reason(outcome: Outcome) -> str | None:
    """Return the code of the first reason why a comment waits for a person."""
    is_held = outcome.verdict is Verdict.REVIEW and outcome.reasons
    return str(outcome.reasons[0].code) if is_held else None


def _due_at(
    session: Session,
    article_id: int,
    outcome: Outcome,
    scored: Scored | None,
    now: datetime,
    hits: tuple[Hit, ...],
) -> datetime:
    """Return when a person should have looked; only what is held asks who sees it."""
    is_held = outcome.verdict is Verdict.REVIEW
    lately = published_lately(session, article_id, now) if is_held else 0
    return due_at(now, _risk(scored), lately, hits)


def published_lately(session: Session, article_id: int, now: datetime) -> int:
    """Count an article's conversations published of late, as its reach, up to 100.

    Threads sort by time, so that the index of what is published tells it.
    """
    since = identifiers.encode(identifiers.first_id(now - REACH_LASTS))
    statement = _PUBLISHED_SINCE, {"article_id": article_id, "since": since}
    return session.scalar(*statement) or 0


MOST_COUNTED = 100  # conversations in an hour: busier makes no difference
_PUBLISHED_SINCE = sa.select(sa.func.count()).select_from(
    sa.select(Comment.id)
    .where(
        Comment.article_id == sa.bindparam("article_id"),
        Comment.thread >= sa.bindparam("since"),
        PUBLISHED,
    )
    .limit(MOST_COUNTED)
    .subquery()
)


def _risk(scored: Scored | None) -> float:
    return max(scored.scores.values(), default=1.0) if scored else 1.0


def _fingerprint(fields: Mapping[str, Any], privacy: Privacy) -> str:
    text = json.dumps(fields, sort_keys=True, default=str)
    return privacy.fingerprint(text)


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


def _replay(session: Session, earlier: Comment, fingerprint: str) -> Standing:
    if earlier.deleted_at is not None:
        raise Conflict("This comment was deleted.")
    if earlier.fingerprint != fingerprint:
        raise DifferentBody
    first = session.scalars(
        sa.select(Decision)
        .where(Decision.comment_id == earlier.id)
        .order_by(Decision.id)
        .limit(1)
    ).one()
    return Standing(
        comment=earlier,
        decision=first,
        score=_score(session, earlier.id, 1),
        is_replay=True,
    )


def _score(session: Session, comment_id: int, revision: int) -> Score | None:
    return session.scalar(
        sa.select(Score)
        .where(Score.comment_id == comment_id, Score.revision == revision)
        .order_by(Score.id.desc())
        .limit(1)
    )


def _refuse_future(written_at: datetime | None, now: datetime) -> None:
    if written_at is not None and written_at > now + CLOCK_SKEW:
        raise InvalidFields({"written_at": ["Must not lie in the future."]})


def _article(
    session: Session, site: SiteContext, fields: Mapping[str, Any], now: datetime
) -> Article:
    """Return the article, made if this is its first comment, with its newest title."""
    reference = article_reference(fields["article"])
    title, section = fields.get("article_title"), fields.get("article_section")
    named = reference_hash(reference)
    article = session.scalar(_ARTICLE, {"site_id": site.id, "named": named})
    if article is None:
        article = Article(
            site_id=site.id,
            reference=reference,
            reference_hash=named,
            title=title,
            section=section,
            created_at=now,
        )
        session.add(article)
        session.flush()
        return article
    # Only what is new: the same again would be a change to the session, too.
    if title and title != article.title:
        article.title = title
    if section and section != article.section:
        article.section = section
    return article


def _parent(
    session: Session, site: SiteContext, article: Article, parent_id: int | None
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
    if len(parent.thread) >= DEEPEST_REPLY * identifiers.ENCODED_LENGTH:
        complaint = f"Replies nest at most {DEEPEST_REPLY} levels deep."
        raise InvalidFields({"parent": [complaint]})
    return parent


def _is_in_peoples_hands(session: Session, comment_id: int) -> bool:
    """Tell whether a person has decided, or was asked to by readers or the author."""
    asked = [Source.READERS.value, Source.AUTHOR.value]
    found = session.scalar(
        sa.select(Decision.id)
        .where(
            Decision.comment_id == comment_id,
            Decision.source.not_in([each.value for each in AUTOMATIC]),
            sa.or_(
                Decision.verdict != Verdict.REVIEW.value, Decision.source.in_(asked)
            ),
        )
        .limit(1)
    )
    return found is not None
