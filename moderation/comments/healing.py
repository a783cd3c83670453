"""Decide comments that our own fault held, once it is over: an outage's unscored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.authors import records
from moderation.campaigns import clustering
from moderation.campaigns.arrivals import Origin
from moderation.campaigns.clustering import CampaignMatch
from moderation.campaigns.membership import Unplaced
from moderation.comments import decisions
from moderation.comments.articles import facts_of
from moderation.comments.automatic import (
    CommentFacts,
    TextAnalysis,
    judge,
    queue_columns,
    store_judgement,
)
from moderation.comments.braking import brake_late
from moderation.comments.decisions import DecisionDraft
from moderation.comments.lookup import StoredComment
from moderation.comments.revision import concerns_staff
from moderation.policy.brakes import BrakeHold, BrakeKind
from moderation.policy.facts import Signal
from moderation.policy.openness import get_openness
from moderation.policy.reasons import Reason, ReasonCode
from moderation.policy.verdicts import AUTOMATIC, Source, Verdict
from moderation.sites.sites import SiteContext
from moderation.tables.comments import PENDING, Article, Comment, Score
from moderation.tables.decisions import Decision
from moderation.tables.rules import RuleHit
from moderation.text.minhash import sketch

BATCH_SIZE = 100  # comments that are read and scored together
#: In this order, SQLite takes the index of pending comments by reason, not that of all
#: that is pending.
BY_REASON = (Comment.site_id, Comment.held_reason, Comment.due_at)
FAULTS = (ReasonCode.UNSCORED, ReasonCode.RULES_UNAVAILABLE)
MAX_COUNTED = 1000  # held ones; beyond, more are shown as that many


@dataclass(frozen=True, kw_only=True)
class Outage:
    """The comments that a fault holds at some sites."""

    count: int  #: up to `MAX_COUNTED`
    is_exact: bool
    since: datetime  #: when the first of them came


@dataclass(frozen=True, kw_only=True)
class HeldRow:
    """A comment that a fault holds, with its article's title."""

    comment: Comment
    title: str | None


def is_held_by_fault() -> sa.ColumnElement[bool]:
    """Return the condition that only our own fault holds a pending comment.

    Either no model has looked at it, or the rules could not be asked, and no one has
    decided about this text.
    """

    def had_decision(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        return sa.exists().where(
            Decision.comment_id == Comment.id,
            Decision.revision == Comment.revision,
            sa.or_(*conditions),
        )

    by_staff = Decision.source.not_in([each.value for each in AUTOMATIC])
    return sa.and_(
        PENDING,
        Comment.held_reason.in_([each.value for each in FAULTS]),
        ~had_decision(
            by_staff,
            sa.and_(
                Comment.held_reason == ReasonCode.UNSCORED.value,
                Decision.model_version.is_not(None),
            ),
        ),
    )


def find_outage(session: Session, site_ids: Collection[int]) -> Outage | None:
    """Return how many comments a fault holds at some sites; None if it holds none."""
    held = (
        sa.select(Comment.received_at)
        .where(Comment.site_id.in_(site_ids), is_held_by_fault())
        .order_by(*BY_REASON)
        .limit(MAX_COUNTED)
        .subquery()
    )
    received_at = held.c.received_at
    count, since = session.execute(
        sa.select(sa.func.count(), sa.func.min(received_at, type_=received_at.type))
    ).one()
    if not count:
        return None
    return Outage(count=count, is_exact=count < MAX_COUNTED, since=since)


def read_some(session: Session, site_id: int, after: int) -> list[HeldRow]:
    """Return comments that a fault holds at a site, after a comment's id."""
    rows = session.execute(
        sa.select(Comment, Article.title)
        .join(Article, Article.id == Comment.article_id)
        .where(
            Comment.site_id == site_id,
            Comment.id > sa.literal(after, sa.BigInteger()),
            is_held_by_fault(),
        )
        .order_by(Comment.id)
        .limit(BATCH_SIZE)
    )
    return [HeldRow(comment=comment, title=title) for comment, title in rows]


def heal(
    session: Session,
    site: SiteContext,
    row: Comment,
    analysis: TextAnalysis,
    now: datetime,
) -> StoredComment | None:
    """Decide a held comment as it would have been when it came; store how.

    The article's opening hours and the brakes count as of its arrival; rules, policy,
    and the author's record as of now. None: a moderator has it, it has changed since
    `row` was read, or no fault holds it any more.
    """
    comment = _lock(session, row, now)
    if comment is None:
        return None
    article = session.get_one(Article, comment.article_id)
    earlier = decisions.newest_of(session, comment.id).reasons
    analysis = replace(analysis, place=_find_place(session, site, comment, now))
    about = _about(session, site, article, comment, earlier, now)
    judgement = judge(session, site, about, analysis)
    judgement = brake_late(
        session, site, comment, about.origin, judgement, _brakes_in(earlier)
    )
    outcome = judgement.outcome
    before = decisions.apply(comment, outcome.source, outcome.verdict)
    columns = queue_columns(
        session, site, article.id, judgement, analysis.scored, about.origin.at
    )
    for name, value in columns.items():
        setattr(comment, name, value)
    _forget_findings(session, comment)
    return store_judgement(session, site, comment, before, judgement, analysis, now)


def give_up(
    session: Session, site: SiteContext, row: Comment, version: str, now: datetime
) -> bool:
    """Leave a comment to moderators that a model fails on, while it scores others.

    The decision log has it that the model looked, so that no outage holds it.
    """
    comment = _lock(session, row, now)
    if comment is None:
        return False
    draft = DecisionDraft(
        verdict=Verdict.REVIEW,
        source=Source.POLICY,
        at=now,
        reasons=[Reason(code=ReasonCode.UNSCORED)],
        policy_id=site.policy_id,
    )
    before = decisions.apply(comment, draft.source, draft.verdict)
    session.flush()
    decisions.record(
        session,
        comment,
        draft,
        status_before=before,
        model_version=version,
        has_webhooks=False,  # it is held, as it was
    )
    return True


def _lock(session: Session, row: Comment, now: datetime) -> Comment | None:
    """Return a comment that a fault still holds, locked, as it was read."""
    query = sa.select(Comment).where(
        Comment.id == row.id, Comment.revision == row.revision, is_held_by_fault()
    )
    comment = session.scalar(
        query.with_for_update(of=Comment, skip_locked=True).execution_options(
            populate_existing=True
        )
    )
    return None if comment is None or comment.is_held(now) else comment


def _about(
    session: Session,
    site: SiteContext,
    article: Article,
    comment: Comment,
    earlier: Sequence[Mapping[str, Any]],
    now: datetime,
) -> CommentFacts:
    """Return what a held comment's decision takes in addition to its text."""
    author = records.facts_of(session, comment, now)
    at = comment.edited_at or comment.received_at
    codes = {reason["code"] for reason in earlier}
    signals = [each for each in Signal if each.value in codes]
    return CommentFacts(
        section=article.section,
        author_id=comment.author_id,
        author_name=comment.author_name,
        openness=get_openness(site.policy, facts_of(article), at),
        author=author,
        signal=signals[0] if signals else None,
        is_edit_of_decided=concerns_staff(session, comment.id),
        origin=Origin(
            article_id=article.id,
            at=at,
            author_key=author.key,
            is_edit=comment.edited_at is not None,
            is_late=True,
        ),
    )


def _brakes_in(reasons: Sequence[Mapping[str, Any]]) -> list[BrakeHold]:
    """Return the brakes that hold a comment, as its decision's reasons name them."""
    return [
        BrakeHold(brake_id=reason["brake"], kind=BrakeKind(reason["limit"]))
        for reason in reasons
        if reason["code"] == ReasonCode.BRAKE.value
    ]


def _find_place(
    session: Session, site: SiteContext, comment: Comment, now: datetime
) -> CampaignMatch | None:
    """Return a comment's place in its campaign, with the standing decision on that."""
    if comment.campaign_id is None:
        return None
    try:
        with session.begin_nested():
            return clustering.find_match(
                session, site.id, sketch(site.id, comment.body), now
            )
    except Unplaced:
        return None


def _forget_findings(session: Session, comment: Comment) -> None:
    """Remove what was stored about a text without a decision that rests on it."""
    for table in (Score, RuleHit):
        session.execute(
            sa.delete(table)
            .where(table.comment_id == comment.id, table.revision == comment.revision)
            .execution_options(synchronize_session=False)
        )
