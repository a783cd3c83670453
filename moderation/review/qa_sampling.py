"""Draw decisions for quality assurance with a keyed hash."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from moderation.comments.claims import ENDED
from moderation.policy.reasons import ReasonCode
from moderation.policy.thresholds import Policy
from moderation.policy.verdicts import UNATTENDED, Source, Verdict
from moderation.review.qa_reviews import QaReviewKind, QaReviewState
from moderation.sites.policies import read_policy
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision, is_effective
from moderation.tables.review import QaReview
from moderation.tables.sites import Site, SitePolicy

LOOK_LASTS = timedelta(days=5)  # what no one looked at by then says nothing new
FIRST_REACH = timedelta(hours=1)  # back from the moment a share is first set
SETTLES = timedelta(seconds=30)  # a commit may take so long: its time lies before it
AT_ONCE = 2000  # decisions drawn from in one transaction

# Neither the site's own administrator nor a protocol's test value was judged at all.
NOT_JUDGED = {ReasonCode.STAFF, ReasonCode.TEST}


def is_drawn(key: bytes, kind: QaReviewKind, decision_id: int, share: float) -> bool:
    """Tell whether a decision is among the share that is looked at.

    The same each time it is asked, and no one without the key can foretell it.
    """
    told = hmac.digest(key, f"{kind}:{decision_id}".encode(), "sha256")
    return int.from_bytes(told[:8]) < share * 2**64


def draw(session: Session, *, key: bytes, now: datetime, until: datetime) -> int:
    """Draw from what was decided since the last time; return how many were drawn.

    Only effective decisions taken at `until` or before: no one can undo them any more.
    """
    drawn = 0
    for site_id, policy in _sharing(session):
        site = session.get_one(Site, site_id)
        drawn += _draw_at(session, site, policy, key, now, until)
    return drawn


def is_idle(session: Session) -> bool:
    """Tell whether there is nothing to draw from and nothing to end."""
    some = session.scalar(
        sa.select(QaReview.id).where(QaReview.closed_at.is_(None)).limit(1)
    )
    return some is None and not _sharing(session)


def _sharing(session: Session) -> list[tuple[int, Policy]]:
    """Return the sites where a share is looked at, with their policies."""
    rows = session.execute(
        sa.select(Site.id, SitePolicy.body).join(
            SitePolicy, SitePolicy.id == Site.policy_id
        )
    )
    policies = [(site_id, read_policy(body)) for site_id, body in rows]
    return [
        (site_id, policy)
        for site_id, policy in policies
        if policy.second_look_share or policy.audit_share
    ]


def _draw_at(
    session: Session,
    site: Site,
    policy: Policy,
    key: bytes,
    now: datetime,
    until: datetime,
) -> int:
    since = max(site.sampled_until or until - FIRST_REACH, now - LOOK_LASTS)
    found = session.execute(
        _effective(site.id, since, site.sampled_id or 0, until)
    ).all()
    rows = [
        _row(decision, comment, kind, now)
        for decision, comment in found
        if (kind := _kind(decision)) is not None
        and is_drawn(key, kind, decision.id, _share(policy, kind))
    ]
    if rows:
        session.execute(_insertion(session), rows)
    site.sampled_until, site.sampled_id = until, 0
    if len(found) == AT_ONCE:  # the rest is drawn from next time
        last = found[-1][0]
        site.sampled_until, site.sampled_id = last.created_at, last.id
    session.flush()
    return len(rows)


def _effective(
    site_id: int, since: datetime, since_id: int, until: datetime
) -> sa.Select[Decision, Comment]:
    """Return a query of the effective decisions of some time."""
    answered = aliased(QaReview)
    at = Decision.created_at
    return (
        sa.select(Decision, Comment)
        .join(Comment, Comment.id == Decision.comment_id)
        .where(
            Decision.site_id == site_id,
            at >= since,  # alone it is a condition on the index
            sa.or_(at > since, Decision.id > since_id),
            at <= until,
            Decision.verdict != Verdict.REVIEW.value,
            Comment.deleted_at.is_(None),
            Comment.revision == Decision.revision,
            is_effective(),
            # The result of a QA review was already reviewed by two.
            ~sa.exists().where(answered.answer_id == Decision.id),
        )
        .order_by(at, Decision.id)
        .limit(AT_ONCE)
    )


def _kind(decision: Decision) -> QaReviewKind | None:
    codes = {reason["code"] for reason in decision.reasons}
    if codes & NOT_JUDGED:
        return None
    if decision.source == Source.PERSON.value:
        return QaReviewKind.SECOND
    return QaReviewKind.AUDIT if decision.source in UNATTENDED else None


def _share(policy: Policy, kind: QaReviewKind) -> float:
    return (
        policy.second_look_share if kind is QaReviewKind.SECOND else policy.audit_share
    )


def _row(
    decision: Decision, comment: Comment, kind: QaReviewKind, now: datetime
) -> dict[str, object]:
    was_pending = kind is QaReviewKind.SECOND
    return {
        "site_id": decision.site_id,
        "comment_id": comment.id,
        "decision_id": decision.id,
        "kind": kind.value,
        "state": QaReviewState.OPEN.value,
        "first_verdict": decision.verdict,
        "first_staff_id": decision.staff_id,
        "created_at": now,
        "expires_at": now + LOOK_LASTS,
        "due_at": comment.due_at,
        "version": comment.version,
        "shown_version": max(1, comment.version - was_pending),
    }


def _insertion(session: Session) -> sqlite.Insert | postgresql.Insert:
    """Return the statement that adds looks; what was drawn before is left alone."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = (sqlite.insert if is_sqlite else postgresql.insert)(QaReview)
    return insert.on_conflict_do_nothing(index_elements=["decision_id"])


def end_idle(session: Session, now: datetime) -> None:
    """End the looks that no one took in time, and those whose comment has changed."""
    is_current = sa.exists().where(
        Comment.id == QaReview.comment_id,
        Comment.version == QaReview.version,
        Comment.deleted_at.is_(None),
    )
    ends: Iterable[tuple[QaReviewState, sa.ColumnElement[bool]]] = (
        (QaReviewState.OVERTAKEN, ~is_current),
        (QaReviewState.LAPSED, QaReview.expires_at <= now),
    )
    for state, condition in ends:
        session.execute(
            sa.update(QaReview)
            .where(QaReview.closed_at.is_(None), condition)
            .values(state=state.value, closed_at=now, **ENDED)
            .execution_options(synchronize_session=False)
        )
