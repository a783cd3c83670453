"""Leads warn and suspend repeat offenders and abusive notifiers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from moderation.authors import profiles, standings
from moderation.authors.standings import StandingDraft
from moderation.comments.statements import LegalBasis
from moderation.errors import Conflict
from moderation.objections import misuse, misuse_counts
from moderation.objections.misuse import MeasureDraft, MisuseKind
from moderation.objections.misuse_counts import (
    MisuseMatter,
    MisuseSubject,
    MisuseTarget,
)
from moderation.objections.notices import notifier_target
from moderation.policy.categories import LegalCategory
from moderation.policy.standings import Standing
from moderation.review import author_standings
from moderation.review.author_standings import StandingJudge
from moderation.tables.authors import Author
from moderation.tables.legal import MisuseMeasure, Notice
from moderation.webhooks.outbox import EventType, NewEvent, publish

#: Of the standing that carries a suspension out.
REASON = "illegal"


def author_target(author: Author) -> MisuseTarget:
    """Return an author, for counts and measures."""
    return MisuseTarget(
        site_id=author.site_id, subject=MisuseSubject.AUTHOR, author_id=author.id
    )


def sender_target(notice: Notice) -> MisuseTarget:
    """Return the sender of a notice, for counts and measures.

    Raises
    ------
    Conflict
        If it was sent without an address.
    """
    if notice.notifier is None:
        raise Conflict("Who sent the notice isn't known.")
    return notifier_target(notice.site_id, notice.notifier)


def act_on_author(
    session: Session, author_id: int, draft: MeasureDraft, judge: StandingJudge
) -> MisuseMeasure:
    """Warn an author of misuse, or suspend them after that.

    A suspension is carried out by a standing, which ends by itself and can be undone;
    for unfounded appeals, by refusing appeals until it ends.

    Raises
    ------
    NotFound, Forbidden
        As `author_standings.give`.
    InvalidFields, Conflict
        As `misuse.take`.
    """
    author = standings.find(
        session, judge.moderator.site_ids, author_id, for_update=True
    )
    measure = misuse.take(
        session,
        author_target(author),
        draft,
        staff_id=judge.moderator.staff_id,
        now=judge.now,
    )
    if draft.kind is MisuseKind.WARNING:
        _tell_warned(session, author, measure)
    elif measure.matter == MisuseMatter.CONTENT.value:
        standing = StandingDraft(
            standing=Standing.SUSPENDED,
            reason=REASON,
            until=draft.until,
            note=draft.reason,
        )
        basis = _basis_of(session, author, draft.reason, judge.now)
        author_standings.give(session, author_id, standing, judge, basis=basis)
    return measure  # suspended appeals are refused, see `objections.appeals`


def end(session: Session, measure_id: int, judge: StandingJudge) -> MisuseMeasure:
    """Lift a suspension before its time.

    Raises
    ------
    NotFound
        If there is no such measure at the person's sites.
    """
    measure = misuse.find(
        session, judge.moderator.site_ids, measure_id, for_update=True
    )
    is_over = misuse.is_over(measure, judge.now)
    misuse.end(session, measure, staff_id=judge.moderator.staff_id, now=judge.now)
    is_of_content = measure.matter == MisuseMatter.CONTENT.value
    if measure.author_id is not None and is_of_content and not is_over:
        author_standings.lift(session, measure.author_id, judge)
    return measure


def _basis_of(
    session: Session, author: Author, reason: str, now: datetime
) -> LegalBasis:
    """Return what the statement of a suspension rests on: the newest manifest case."""
    case = misuse_counts.newest_manifest(session, author_target(author), now)
    if case is None:
        return LegalBasis(explanation=reason)
    return LegalBasis(
        legal_ground=case.legal_ground,
        explanation=reason,
        category=LegalCategory(case.category, case.keyword),
    )


def _tell_warned(session: Session, author: Author, measure: MisuseMeasure) -> None:
    body: dict[str, Any] = {
        "author": author.id,
        "author_id": profiles.verified_id_of(session, author),
        "reason": measure.reason,
        "matter": measure.matter,
        **measure.counts,
    }
    at: datetime = measure.created_at
    event = NewEvent(type=EventType.WARNED, at=at, body=body)
    publish(session, author.site_id, [event])
