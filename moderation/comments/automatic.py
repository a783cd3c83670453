"""Decide a text by rules, thresholds, and campaigns, and store how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation.campaigns import arrivals
from moderation.campaigns.arrivals import Origin
from moderation.campaigns.clustering import CampaignMatch
from moderation.comments import author_names, decisions
from moderation.comments.articles import published_lately
from moderation.comments.decisions import DecisionDraft
from moderation.comments.display import CommentState, ShownDecision
from moderation.comments.lookup import StoredComment
from moderation.models.serving import ScoredText
from moderation.policy.care import get_care_reasons
from moderation.policy.due_times import due_at
from moderation.policy.facts import Facts, Signal
from moderation.policy.openness import Openness
from moderation.policy.outcomes import Outcome, decide, is_spared_by_brakes
from moderation.policy.rule_matches import RuleMatch
from moderation.policy.standings import UNKNOWN_AUTHOR, AuthorFacts
from moderation.policy.thresholds import Policy, margin
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.rules import matching
from moderation.rules.compiled import NOTHING, RuleResult
from moderation.rules.conditions import Condition
from moderation.sites.sites import SiteContext
from moderation.sql.prepared import insert
from moderation.tables.comments import Comment, Score
from moderation.tables.rules import RuleHit


@dataclass(frozen=True, kw_only=True)
class TextAnalysis:
    """The analysis of a text, made before anything is written."""

    scored: ScoredText | None = None  #: None: no model could score it
    matched: RuleResult = NOTHING
    personal_data: tuple[tuple[int, int], ...] = ()  #: where, in code points
    place: CampaignMatch | None = None  #: among its near-duplicates, if it has any


@dataclass(frozen=True, kw_only=True)
class CommentFacts:
    """The facts for a decision, other than the text."""

    section: str | None  #: of its article
    author_id: str | None
    author_name: str
    openness: Openness  #: of the article
    author: AuthorFacts = UNKNOWN_AUTHOR  #: what the author's record says
    is_approved: bool = False  #: an edited one, which its author's record counts
    signal: Signal | None = None  #: from a compatibility API
    is_edit_of_decided: bool = False  #: staff decided, or was to decide, about it
    origin: Origin  #: what it is counted for


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The outcome of rules, thresholds, and campaigns for a text."""

    outcome: Outcome
    hits: tuple[RuleMatch, ...]
    is_spared: bool = False  #: brakes neither hold nor count it


def judge(
    session: Session, site: SiteContext, about: CommentFacts, analysis: TextAnalysis
) -> Judgement:
    """Decide a text by the rules, the policy, and standing decisions of a site."""
    scored, place = analysis.scored, analysis.place
    hits = _confirmed(session, site, about, analysis.matched)
    facts = replace(
        Facts.of(scored),
        openness=about.openness,
        author_id=about.author_id,
        author=about.author,
        signal=about.signal,
        is_edit_of_decided=about.is_edit_of_decided,
        is_name_deceptive=author_names.is_deceptive(session, site, about.author_name),
        personal_data=analysis.personal_data,
        hits=hits,
        has_rules=analysis.matched.is_known,
        standing=place.standing if place else None,
    )
    return Judgement(
        outcome=decide(site.policy, facts),
        hits=hits,
        is_spared=is_spared_by_brakes(site.policy, facts),
    )


def queue_columns(
    session: Session,
    site: SiteContext,
    article_id: int,
    judgement: Judgement,
    scored: ScoredText | None,
    now: datetime,
) -> dict[str, Any]:
    """Return the columns of a comment that the queue is sorted and filtered by.

    `held_reason` is left out where nothing is held: an earlier one stays.
    """
    outcome = judgement.outcome
    is_held = outcome.verdict is Verdict.REVIEW
    # Only what is held asks who sees it.
    reach = published_lately(session, article_id, now) if is_held else 0
    calls_for_care = has_care_reasons(site.policy, scored)
    care = site.policy.care.patience if calls_for_care else None
    due = due_at(now, _risk(scored), reach, judgement.hits, care=care)
    columns: dict[str, Any] = {
        "due_at": due,
        "calls_for_care": calls_for_care,
        **score_columns(site.policy, scored),
    }
    if is_held and outcome.reasons:
        columns["held_reason"] = str(outcome.reasons[0].code)
    return columns


def store_judgement(
    session: Session,
    site: SiteContext,
    comment: Comment,
    status_before: Status | None,
    judgement: Judgement,
    analysis: TextAnalysis,
    now: datetime,
) -> StoredComment:
    """Store a text's rule matches, scores, and decision, once the comment is stored."""
    _record_matches(session, comment, judgement.hits)
    session.flush()  # an edited comment, or an article's new title
    scored, outcome = analysis.scored, judgement.outcome
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
    decision = decisions.record(
        session,
        comment,
        DecisionDraft(
            verdict=outcome.verdict,
            source=outcome.source,
            at=now,
            reasons=outcome.reasons,
            policy_id=site.policy_id,
            batch_id=_batch_of(outcome, analysis.place),
        ),
        status_before=status_before,
        model_version=scored.model_version if scored else None,
        has_webhooks=site.has_webhooks,
    )
    return StoredComment(
        comment=comment,
        state=CommentState.of(comment),
        decision=ShownDecision.of(decision),
        score=score,
    )


def score_columns(policy: Policy, scored: ScoredText | None) -> dict[str, float | None]:
    """Return the columns of a comment that hold its scores for the queue."""
    scores = scored.scores if scored else {}
    by_label = {f"score_{label}": scores.get(label) for label in LABELS}
    return {**by_label, "margin": margin(policy, scores)}


def has_care_reasons(policy: Policy, scored: ScoredText | None) -> bool:
    """Return whether a text's scores call for care."""
    return scored is not None and bool(
        get_care_reasons(policy.care_cuts, scored.scores)
    )


def _confirmed(
    session: Session, site: SiteContext, about: CommentFacts, matched: RuleResult
) -> tuple[RuleMatch, ...]:
    """Return the rules that match, once section, author, and rates are known."""

    def is_first() -> bool:
        """Tell whether no other comment of the author is approved at the site.

        An author without a record can't be distinguished from a newcomer.
        """
        return about.author.approved <= int(about.is_approved)

    origin = about.origin
    subjects = origin.subjects_at(site.id) if matched.matches else {}

    def is_exceeded(rate: Condition) -> bool:
        """Tell whether more have come than a rate allows; of the unknown, none has."""
        if rate.of not in subjects:
            return False
        since = origin.at - timedelta(minutes=rate.minutes)
        counted = arrivals.count(
            session, subjects[rate.of], since, rate.more_than, origin.until
        )
        return counted >= rate.more_than  # the new one comes on top

    return matching.confirm_matches(
        matched.matches, about.section, is_first, is_exceeded
    )


def _record_matches(
    session: Session, comment: Comment, hits: Sequence[RuleMatch]
) -> None:
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


def _batch_of(outcome: Outcome, place: CampaignMatch | None) -> int | None:
    """Return the bulk decision whose verdict in advance this one follows."""
    is_told = outcome.source is Source.CAMPAIGN and place and place.standing
    return place.standing.batch if is_told and place and place.standing else None


def _risk(scored: ScoredText | None) -> float:
    return max(scored.scores.values(), default=1.0) if scored else 1.0
