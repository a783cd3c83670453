"""The whole way of a comment in, for every edge: score, store, commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy.exc import IntegrityError

from classifiers.serving.scorer import Document
from moderation.campaigns import clustering
from moderation.campaigns.clustering import Unplaced
from moderation.comments import submissions
from moderation.comments.submissions import Standing
from moderation.database import db, start_writing
from moderation.errors import Conflict
from moderation.models.serving import Scored, Scoring
from moderation.privacy import Privacy
from moderation.rules.compiled import NOTHING, Matched, RuleSets
from moderation.rules.conditions import Subject
from moderation.sites.sites import SiteContext
from moderation.tables import Article
from moderation.text.minhash import TextSketch, sketch

# Another process may store the same comment, article or id between our look and our
# write; one more look then finds it.
ATTEMPTS = 3


def document_of(fields: Mapping[str, Any]) -> Document:
    """Return what a model sees of a comment's fields."""
    return Document(
        text=fields["body"],
        author_name=fields.get("author_name"),
        author_url=fields.get("author_url"),
        article_title=fields.get("article_title"),
    )


def score(site: SiteContext, documents: Sequence[Document]) -> list[Scored | None]:
    """Score texts with the model that decides at the site. CPU, before any write."""
    scoring: Scoring = current_app.extensions["scoring"]
    return scoring.score(scoring.scorer_of(db.session(), site.model_id), documents)


def match(
    site: SiteContext, fields: Mapping[str, Any], email_index: str | None = None
) -> Matched:
    """Ask the site's rules about a comment. CPU, before any write.

    Parameters
    ----------
    email_index
        Of the author, where `fields` don't bring the address.
    """
    rulesets: RuleSets = current_app.extensions["rulesets"]
    if site.rules_version == 0:
        return NOTHING
    privacy: Privacy = current_app.extensions["privacy"]
    email = fields.get("author_email")
    subject = Subject(
        body=fields["body"],
        author_name=fields.get("author_name") or "",
        author_url=fields.get("author_url"),
        author_id=fields.get("author_id"),
        email_index=privacy.index_email(email) if email else email_index,
        language=fields.get("language"),
    )
    return rulesets.match(db.session(), site, subject)


def submit(
    site: SiteContext,
    fields: Mapping[str, Any],
    scored: Scored | None,
    idempotency_key: str | None,
) -> Standing:
    """Store a comment and commit, also when another process stores it just now.

    Raises
    ------
    ModerationError
        As `submissions.submit`.
    """
    session, matched = db.session(), match(site, fields)
    found = sketch(site.id, fields["body"])
    for _ in range(ATTEMPTS):
        now = datetime.now(UTC)
        try:
            # Looked for before the one writer's turn: who comes at the same moment
            # is joined by the next one.
            place = clustering.find_place(session, site.id, found, now)
            start_writing(session)
            standing = submissions.submit(
                session,
                site,
                fields,
                scored,
                privacy=current_app.extensions["privacy"],
                idempotency_key=idempotency_key,
                now=now,
                matched=matched,
                place=place,
            )
            session.commit()
        except IntegrityError:
            session.rollback()
        except Unplaced:  # stored all the same, held or shown as without campaigns
            session.rollback()
            found = None
        else:
            return standing
    raise Conflict("The same comment is being stored by another request; try again.")


def edit(site: SiteContext, comment_id: int, fields: Mapping[str, Any]) -> Standing:
    """Give a comment another text, scored and decided anew, and commit.

    Raises
    ------
    NotFound
        If there is no such comment at the site.
    """
    session = db.session()
    row = submissions.find(session, [site.id], comment_id)
    article = session.get_one(Article, row.article_id)
    author = {
        "author_name": fields.get("author_name", row.author_name),
        "author_url": fields.get("author_url", row.author_url),
        "article_title": article.title,
    }
    written = {**author, "body": fields["body"]}
    (scored,) = score(site, [document_of(written)])
    about = {**written, "author_id": row.author_id, "language": row.language}
    matched = match(site, about, row.email_index)
    found = sketch(site.id, fields["body"])
    try:
        standing = _edit(site, comment_id, fields, scored, matched, found)
    except Unplaced:
        session.rollback()
        standing = _edit(site, comment_id, fields, scored, matched, None)
    session.commit()
    return standing


def _edit(
    site: SiteContext,
    comment_id: int,
    fields: Mapping[str, Any],
    scored: Scored | None,
    matched: Matched,
    sketch: TextSketch | None,
) -> Standing:
    session = db.session()
    start_writing(session)
    session.expire_all()
    row = submissions.find(session, [site.id], comment_id, for_update=True)
    now = datetime.now(UTC)
    return submissions.edit(
        session, site, row, fields, scored, now=now, matched=matched, sketch=sketch
    )
