"""Replay past comments through rules, policy, and model."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.serving.scorer import Scorer
from classifiers.text.labels import SELF_HARM
from moderation import identifiers
from moderation.comments import author_names
from moderation.comments.intake import find_personal_data
from moderation.models.serving import ScoredText, Scoring
from moderation.policy.facts import Facts
from moderation.policy.openness import Openness, hold_of_section
from moderation.policy.outcomes import Outcome, decide
from moderation.policy.reasons import ReasonCode
from moderation.policy.standings import AuthorFacts
from moderation.policy.thresholds import Moderation, Policy, Threshold
from moderation.policy.verdicts import Status, Verdict
from moderation.rehearsal.past_decisions import RecordedComment
from moderation.rules import matching
from moderation.rules.compiled import RuleSets
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Comment

NAMES_KEPT = 20_000  # of authors; whether one deceives is asked once
TRUST = frozenset({ReasonCode.TRUSTED_AUTHOR, ReasonCode.EARNED_TRUST})
OPEN = Openness()


class WouldBe(StrEnum):
    """A comment's outcome in the replay."""

    APPROVED = "approved"
    HELD = "held"  #: for a moderator
    REJECTED = "rejected"  #: without a moderator
    REFUSED = "refused"  #: its section is closed


_WOULD_BE = {
    Verdict.APPROVE: WouldBe.APPROVED,
    Verdict.REVIEW: WouldBe.HELD,
    Verdict.REJECT: WouldBe.REJECTED,
}


@dataclass(frozen=True, kw_only=True)
class ReplayedComment:
    """A past comment with what would become of it."""

    past: RecordedComment
    would_be: WouldBe
    #: codes of the reasons, of scores the label
    reasons: tuple[str, ...]
    scores: Mapping[str, float] | None  #: None: no model could score it
    #: score less hold threshold, the greatest of all labels, -1 to 1; None: there are
    #: no scores
    excess: float | None
    #: its status at any hold thresholds, were no section
    #: pre-moderated; None: they decide
    regardless: WouldBe | None

    @property
    def is_held_unless_premoderated(self) -> bool:
        """Whether it would be held if no section was pre-moderated."""
        if self.regardless is not None:
            return self.regardless is WouldBe.HELD
        return self.excess is not None and self.excess >= 0


class Replayer:
    """Decides past comments as if they came today.

    Rules and the rest of the policy count; the author's record counts as of the time
    of the comment. What depends on the moment does not: sanctions, campaigns, brakes,
    rates, opening hours, the age of articles, and whether one was closed.
    """

    def __init__(
        self,
        site: SiteContext,
        scoring: Scoring,
        scorer: Scorer | None,
        rulesets: RuleSets,
    ) -> None:
        self.scorer = scorer and scorer.deciding_in(site.policy.languages)
        self._site, self._scoring, self._rulesets = site, scoring, rulesets
        self._policy = site.policy
        self._without_thresholds = _without_hold_thresholds(site.policy)
        self._deceptive_names: dict[str, bool] = {}

    def replay(
        self, session: Session, comments: Sequence[RecordedComment]
    ) -> list[ReplayedComment]:
        """Decide comments; reads only."""
        documents = [comment.document for comment in comments]
        scored = self._scoring.score(self.scorer, documents)
        return [
            self._replay(session, comment, each)
            for comment, each in zip(comments, scored, strict=True)
        ]

    def _replay(
        self, session: Session, comment: RecordedComment, scored: ScoredText | None
    ) -> ReplayedComment:
        policy = self._policy
        facts = self._facts(session, comment, scored)
        outcome = decide(policy, facts)
        wanted = policy.earned_trust
        if outcome.verdict is Verdict.REVIEW and wanted and comment.author_record_id:
            author = _author_then(session, comment, wanted.approved)
            facts = replace(facts, author=author)
            outcome = decide(policy, facts)
        would_be = _WOULD_BE[outcome.verdict]
        if policy.moderation_of(comment.section) is Moderation.CLOSED:
            would_be = WouldBe.REFUSED
        scores = scored.scores if scored else None
        return ReplayedComment(
            past=comment,
            would_be=would_be,
            reasons=tuple(reason.label or reason.code for reason in outcome.reasons),
            scores=scores,
            excess=_excess(policy, scores),
            regardless=self._regardless(facts, would_be),
        )

    def _facts(
        self, session: Session, comment: RecordedComment, scored: ScoredText | None
    ) -> Facts:
        subject = comment.subject
        matched = self._rulesets.match(session, self._site, subject)
        hits = matching.confirm_matches(
            matched.matches,
            comment.section,
            functools.partial(_is_first, session, comment),
        )
        return replace(
            Facts.of(scored),
            openness=Openness(
                held_because=hold_of_section(self._policy, comment.section)
            ),
            author_id=subject.author_id,
            is_name_deceptive=self._is_deceptive(session, subject.author_name),
            personal_data=find_personal_data(self._site, subject.body),
            hits=hits,
            has_rules=matched.is_known,
        )

    def _is_deceptive(self, session: Session, name: str) -> bool:
        known = self._deceptive_names.get(name)
        if known is None:
            if len(self._deceptive_names) >= NAMES_KEPT:
                self._deceptive_names.clear()
            known = author_names.is_deceptive(session, self._site, name)
            self._deceptive_names[name] = known
        return known

    def _regardless(self, facts: Facts, would_be: WouldBe) -> WouldBe | None:
        """Return the status of a comment at any hold thresholds."""
        if would_be in (WouldBe.REJECTED, WouldBe.REFUSED):
            return would_be
        opened: Outcome = decide(
            self._without_thresholds, replace(facts, openness=OPEN)
        )
        if opened.verdict is Verdict.REVIEW:
            return WouldBe.HELD
        if any(reason.code in TRUST for reason in opened.reasons):
            return would_be
        return None


def _without_hold_thresholds(policy: Policy) -> Policy:
    """Return a policy that holds no comment for a score; its labels stay."""
    never = Threshold(review_at=1.0)
    labels = (*policy.thresholds, SELF_HARM)
    return replace(policy, thresholds=dict.fromkeys(labels, never))


def _excess(policy: Policy, scores: Mapping[str, float] | None) -> float | None:
    harms = policy.harm_thresholds
    return max(
        (
            score - harms[label].review_at
            for label, score in (scores or {}).items()
            if label in harms
        ),
        default=None,
    )


def _earlier(comment: RecordedComment, status: Status) -> sa.Select[int]:
    """Select the author's comments before one that have a status today."""
    return sa.select(Comment.id).where(
        Comment.author_record_id == comment.author_record_id,
        Comment.status == status.value,
        Comment.id < sa.literal(comment.id, sa.BigInteger()),
    )


def _is_first(session: Session, comment: RecordedComment) -> bool:
    """Return whether no earlier comment of the author is approved."""
    if comment.author_record_id is None:
        return True
    approved = _earlier(comment, Status.APPROVED).limit(1)
    return session.scalar(approved) is None


def _author_then(
    session: Session, comment: RecordedComment, enough: int
) -> AuthorFacts:
    """Return the author's record as it was at the time, by today's statuses.

    Of approved comments, up to `enough` are counted; of rejected ones, one.
    """
    counts = [
        len(session.scalars(_earlier(comment, status).limit(limit)).all())
        for status, limit in ((Status.APPROVED, enough), (Status.REJECTED, 1))
    ]
    firsts = [
        first
        for status in Status
        if (
            first := session.scalar(
                _earlier(comment, status).order_by(Comment.id).limit(1)
            )
        )
        is not None
    ]
    now = identifiers.moment_of(comment.id)
    known_for = now - identifiers.moment_of(min(firsts)) if firsts else timedelta(0)
    return AuthorFacts(
        is_identified=comment.is_author_identified,
        approved=counts[0],
        rejected=counts[1],
        known_for=known_for,
    )
