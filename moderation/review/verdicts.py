"""Decide one comment: a moderator's verdict, or that of the site's own software."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from moderation.comments import claims, decisions
from moderation.comments.decisions import DecisionDraft
from moderation.comments.display import ShownDecision
from moderation.comments.lookup import find
from moderation.comments.statements import NO_BASIS, LegalBasis
from moderation.errors import Conflict, StaleVersion, WaitsForLead
from moderation.objections import appeals, reports
from moderation.policy.reasons import Reason
from moderation.policy.status_changes import StatusChangeRefused
from moderation.policy.verdicts import Source, Verdict
from moderation.review import blindness, escalations, qa_reviews
from moderation.review.claims import is_free
from moderation.review.current import current_state, refusal
from moderation.review.moderator import Moderator
from moderation.review.qa_reviews import QaReviewKind, QaReviewState
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.review import QaReview


@dataclass(frozen=True, kw_only=True)
class GivenVerdict:
    """A verdict with its reasons and training labels."""

    verdict: Verdict
    reasons: Sequence[str] = ()  #: codes
    labels: Mapping[str, bool] = field(default_factory=dict)
    basis: LegalBasis = NO_BASIS  #: of a rejection, for its statement of reasons


def decide(
    session: Session,
    comment_id: int,
    moderator: Moderator,
    given: GivenVerdict,
    *,
    version: int,
    now: datetime,
) -> ShownDecision:
    """Record a moderator's decision about the version that the moderator saw.

    An escalated comment is decided by the leads of its site. Where the comment is a QA
    sample, the answer is as for any comment: it doesn't reveal the earlier decision.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    StaleVersion
        If it has changed since.
    AlreadyClaimed
        If another moderator has claimed it.
    WaitsForLead
        If a lead has to decide it.
    NotYours
        If it is an appeal against this moderator's own rejection.
    Conflict
        If the verdict changes nothing (review of what is pending).
    """
    comment = find(session, moderator.site_ids, comment_id)
    look = qa_reviews.held_by(session, comment_id, staff_id=moderator.staff_id)
    if look is not None and blindness.is_blind(look):
        if look.shown_version != version:
            raise StaleVersion  # without its state, which would tell
        return _answer(session, comment, look, given, moderator, now)
    repeated = _repeated(session, comment_id, moderator, version, given.verdict)
    if repeated is not None:
        return repeated
    decision = _decide(session, comment, version, given, moderator, now)
    if look is not None and look.state == QaReviewState.DISPUTED.value:
        qa_reviews.close(session, look, decision, staff_id=moderator.staff_id, now=now)
    return ShownDecision.of(decision)


def record_site_verdict(
    session: Session,
    comment: Comment,
    given: GivenVerdict,
    *,
    source: Source,
    now: datetime,
    staff_id: int | None = None,
) -> Decision:
    """Record a decision of the site's own people, made in their own software.

    It applies even if the comment is claimed here: a moderator who saw the earlier
    version gets a conflict. `comment` is locked, or the database has one writer.

    Parameters
    ----------
    staff_id
        Of the person who answers a notice; None: it isn't known here.
    """
    claims.clear(comment)
    comment.escalated_at = None
    new = DecisionDraft(
        verdict=given.verdict,
        source=source,
        at=now,
        reasons=[Reason(code=code) for code in given.reasons],
        labels=given.labels,
        staff_id=staff_id,
        basis=given.basis,
    )
    decision = decisions.decide(session, comment, new)
    _settle(session, comment, decision)
    escalations.end(
        session, comment.id, staff_id=staff_id, decision_id=decision.id, now=now
    )
    return decision


def _answer(
    session: Session,
    comment: Comment,
    look: QaReview,
    given: GivenVerdict,
    moderator: Moderator,
    now: datetime,
) -> ShownDecision:
    """Take the verdict of a moderator who reviews a QA sample.

    About a moderator's decision it is kept next to that; about an automatic one, and
    from a lead who was asked, it is a decision of its own.
    """
    staff_id = moderator.staff_id
    if given.verdict is Verdict.REVIEW:
        raise Conflict("The comment is already pending.")
    if look.kind == QaReviewKind.SECOND.value and look.escalated_at is None:
        qa_reviews.answer(
            session,
            look,
            staff_id=staff_id,
            verdict=given.verdict,
            reasons=given.reasons,
            labels=given.labels,
            now=now,
        )
        return blindness.shown_answer(look, session.get_one(Decision, look.decision_id))
    decision = _decide(
        session, comment, look.version, given, moderator, now, is_blind=True
    )
    qa_reviews.close(session, look, decision, staff_id=staff_id, now=now)
    return blindness.shown_audit(decision)


def _repeated(
    session: Session,
    comment_id: int,
    moderator: Moderator,
    version: int,
    verdict: Verdict,
) -> ShownDecision | None:
    """Return the answer to a QA review that is sent again, as its answer was lost."""
    look = qa_reviews.newest_answer(
        session, staff_id=moderator.staff_id, comment_id=comment_id
    )
    if look is None or look.shown_version != version + 1 or look.verdict != verdict:
        return None
    return blindness.shown_answer(look, session.get_one(Decision, look.decision_id))


def _decide(
    session: Session,
    comment: Comment,
    version: int,
    given: GivenVerdict,
    moderator: Moderator,
    now: datetime,
    *,
    is_blind: bool = False,
) -> Decision:
    """Write the decision, unless another moderator was faster, and what follows it."""
    if comment.version != version:
        raise StaleVersion(current=current_state(session, comment, now))
    if comment.escalated_at is not None and not moderator.leads(session, comment):
        raise WaitsForLead
    staff_id = moderator.staff_id
    appeals.refuse_own(session, comment, staff_id)
    is_own = comment.claimed_by == staff_id
    new = DecisionDraft(
        verdict=given.verdict,
        source=Source.PERSON,
        at=now,
        reasons=[Reason(code=code) for code in given.reasons],
        labels=given.labels,
        staff_id=staff_id,
        claimed_at=comment.claimed_at if is_own else None,
        served_in=comment.served_in if is_own else None,
        basis=given.basis,
        is_blind=is_blind,
    )
    try:
        decision = decisions.decide_if(session, comment, new, is_free(staff_id, now))
    except StatusChangeRefused as error:
        raise Conflict("The comment is already pending.") from error
    if decision is None:
        raise refusal(session, comment, version, now)
    _settle(session, comment, decision)
    escalations.end(
        session, comment.id, staff_id=staff_id, decision_id=decision.id, now=now
    )
    return decision


def _settle(session: Session, comment: Comment, decision: Decision) -> None:
    """Let the reports and the appeal about a text follow a decision of people."""
    reports.settle(session, comment, decision)
    appeals.hear(session, comment, decision)
