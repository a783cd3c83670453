"""Demo sites in other languages: scores decide there, in the site's own language."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa
from flask import Flask

from moderation.database import db, start_writing
from moderation.demo import article, seeding
from moderation.policy.verdicts import Status
from moderation.sites import policies, sites
from moderation.tables.comments import Comment
from moderation.web.services import services_of
from tests.builders import NOW

HOSTILE = {"Klartext", "Cash", "Kredit sofort", "Crédit express", "W."}


@pytest.mark.parametrize("language", sorted(article.EDITIONS))
def test_scores_decide_in_the_language_of_the_site(
    make_app: Callable[..., Flask], language: str
) -> None:
    app = make_app(MODERATION_ENCODER="always")
    with app.app_context():
        session, edition = db.session(), article.EDITIONS[language]
        start_writing(session)
        scorer = services_of(app).scoring.default
        assert scorer is not None
        policy = policies.default_policy(scorer.manifest["thresholds"])
        policy["languages"] = [language]
        site = sites.create_site(session, edition.site, policy, NOW)
        session.commit()
        seeding.seed(site.id, edition)
        comments = session.scalars(sa.select(Comment)).all()
        assert len(comments) == 12
        assert "language" not in {comment.held_reason for comment in comments}
        published = names(comments, Status.APPROVED)
        assert len(published - HOSTILE) >= 6  # of the eight harmless ones
        assert len(published & HOSTILE) <= 1


def names(comments: Sequence[Comment], status: Status) -> set[str]:
    return {x.author_name for x in comments if x.status == status.value}
