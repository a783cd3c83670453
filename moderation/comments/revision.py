"""Replace the text of a comment, which is then decided again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.authors import records
from moderation.campaigns import clustering
from moderation.campaigns.arrivals import Origin
from moderation.comments import decisions, search_index
from moderation.comments.articles import facts_of
from moderation.comments.automatic import (
    CommentFacts,
    TextAnalysis,
    judge,
    queue_columns,
    store_judgement,
)
from moderation.comments.braking import apply_brakes
from moderation.comments.lookup import StoredComment
from moderation.policy.openness import Openness, get_openness
from moderation.policy.outcomes import hold_for_claimant
from moderation.policy.verdicts import AUTOMATIC, Source, Status, Verdict
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Article, Comment, Revision
from moderation.tables.decisions import Decision
from moderation.text.minhash import TextSketch


def edit(
    session: Session,
    site: SiteContext,
    comment: Comment,
    fields: Mapping[str, Any],
    analysis: TextAnalysis,
    *,
    now: datetime,
    sketch: TextSketch | None = None,
) -> StoredComment:
    """Replace the text of a locked comment, which is then decided again.

    What staff had decided before, or was to decide because of reports or an appeal, is
    held again. A claim stays, and so does a wait for a lead; nothing automatic decides
    then: a decision about the earlier text is refused, and shows the new one. `fields`
    are those of `api.comment_bodies.EditedComment`; near-duplicates are looked for by
    the `sketch`.
    """
    article = session.get_one(Article, comment.article_id)
    clustering.leave_campaign(session, comment)
    place = clustering.find_match(session, site.id, sketch, now)
    analysis = replace(analysis, place=place)
    # Its article may be closed: the comment was taken while it was open.
    openness = get_openness(site.policy, facts_of(article), now)
    openness = replace(openness, closed_by=None)
    about = _about(session, article, comment, openness, fields, now)
    comment.campaign_id = clustering.join_campaign(session, site.id, place, now)
    judgement = judge(session, site, about, analysis)
    judgement = apply_brakes(session, site, comment, about.origin, judgement, now)
    if comment.is_held(now):
        judgement = replace(judgement, outcome=hold_for_claimant(judgement.outcome))
    session.add(
        Revision(
            comment_id=comment.id,
            number=comment.revision,
            body=comment.body,
            replaced_at=now,
        )
    )
    scored = analysis.scored
    outcome = judgement.outcome
    before = decisions.apply(comment, outcome.source, outcome.verdict)
    # Once it is held, it doesn't count among what its article has published.
    columns = queue_columns(session, site, article.id, judgement, scored, now)
    comment.body = fields["body"]
    records.rename(session, comment, about.author_name)
    comment.author_url = fields.get("author_url", comment.author_url)
    comment.revision += 1
    comment.edited_at = now
    comment.report_weight = 0.0  # readers spoke of another text
    for name, value in columns.items():
        setattr(comment, name, value)
    search_index.replace(session, comment)
    clustering.record_signature(session, comment, place, now)
    return store_judgement(session, site, comment, before, judgement, analysis, now)


def is_unchanged(comment: Comment, fields: Mapping[str, Any]) -> bool:
    """Return whether an edit leaves a comment as it is; line ends don't count.

    `fields` are those of `api.comment_bodies.EditedComment`.
    """
    return (
        _lines(fields["body"]) == _lines(comment.body)
        and (fields.get("author_name") or comment.author_name) == comment.author_name
        and fields.get("author_url", comment.author_url) == comment.author_url
    )


def _lines(text: str) -> list[str]:
    return text.strip().replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _about(
    session: Session,
    article: Article,
    comment: Comment,
    openness: Openness,
    fields: Mapping[str, Any],
    now: datetime,
) -> CommentFacts:
    """Return what an edited comment's decision takes in addition to its text."""
    author = records.facts_of(session, comment, now)
    return CommentFacts(
        section=article.section,
        author_id=comment.author_id,
        author_name=fields.get("author_name") or comment.author_name,
        openness=openness,
        author=author,
        is_approved=comment.status == Status.APPROVED.value,
        is_edit_of_decided=concerns_staff(session, comment.id),
        origin=Origin(
            article_id=article.id,
            at=now,
            author_key=author.key,
            is_edit=True,
        ),
    )


def concerns_staff(session: Session, comment_id: int) -> bool:
    """Tell whether staff has decided, or was asked to by readers or the author."""
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
