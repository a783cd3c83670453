"""Score, decide, and store an incoming comment, for every HTTP edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from classifiers.serving.document import Document
from moderation.campaigns import clustering
from moderation.campaigns.membership import Unplaced
from moderation.comments import (
    articles,
    author_records,
    doubles,
    lookup,
    revision,
    submission,
)
from moderation.comments.automatic import TextAnalysis
from moderation.comments.lookup import StoredComment
from moderation.comments.submission import Submission
from moderation.database import start_writing
from moderation.errors import Conflict
from moderation.models.serving import ScoredText, Scoring
from moderation.privacy import Privacy
from moderation.rules.compiled import NOTHING, RuleResult, RuleSets
from moderation.rules.conditions import Subject
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Article
from moderation.text import personal_data
from moderation.text.minhash import TextSketch, sketch

# Another process may store the same comment, article or id between our look and our
# write; one more look then finds it.
ATTEMPTS = 3
#: Times that a comment's campaign is looked for. Where several requests merge campaigns
#: at once, PostgreSQL refuses one of two that wait for each other; stored without, as
#: at last, it counts for no brake.
PLACINGS = 5
MAX_SPANS = 20  # places with personal data of one text that are kept


def document_of(fields: Mapping[str, Any]) -> Document:
    """Return what a model sees of a comment's fields."""
    return Document(
        text=fields["body"],
        author_name=fields.get("author_name"),
        author_url=fields.get("author_url"),
        article_title=fields.get("article_title"),
    )


def find_personal_data(site: SiteContext, text: str) -> tuple[tuple[int, int], ...]:
    """Return where a text holds personal data, in code points, up to `MAX_SPANS`.

    CPU, before any write. None, where the site doesn't hold such comments.
    """
    asked = site.policy.personal_data
    if not asked.is_held:
        return ()
    found = personal_data.find(text, asked.phone_regions)
    return tuple((datum.start, datum.end) for datum in found[:MAX_SPANS])


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Takes comments in: CPU first, then one transaction that it commits itself.

    It commits, unlike other use cases, as it tries again when another process stores
    the same comment at the same moment.
    """

    scoring: Scoring
    rulesets: RuleSets
    privacy: Privacy
    #: how long the same text of the same author under an article is one comment
    double_window: timedelta = timedelta(0)

    def score(
        self, session: Session, site: SiteContext, documents: Sequence[Document]
    ) -> list[ScoredText | None]:
        """Score texts with the site's active model. CPU, before any write."""
        scorer = self.scoring.scorer_for(session, site)
        return self.scoring.score(scorer, documents)

    def match(
        self,
        session: Session,
        site: SiteContext,
        fields: Mapping[str, Any],
        email_indexes: Sequence[str] = (),
    ) -> RuleResult:
        """Match the site's rules with a comment. CPU, before any write.

        Parameters
        ----------
        email_indexes
            Of the author, as may be stored, where `fields` don't bring the address.
        """
        if site.rules_version == 0:
            return NOTHING
        email = fields.get("author_email")
        subject = Subject(
            body=fields["body"],
            author_name=fields.get("author_name") or "",
            author_url=fields.get("author_url"),
            author_id=fields.get("author_id"),
            email_indexes=(
                self.privacy.list_email_indexes(email, site.id)
                if email
                else tuple(email_indexes)
            ),
            language=fields.get("language"),
        )
        return self.rulesets.match(session, site, subject)

    def submit(
        self,
        session: Session,
        site: SiteContext,
        fields: Mapping[str, Any],
        scored: ScoredText | None,
        idempotency_key: str | None,
        *,
        is_stored_elsewhere: bool = False,
    ) -> StoredComment:
        """Store a comment and commit, also when another process stores it just now.

        What its author sent a moment ago is answered as the first time. Where comments
        are closed, one that the site has stored already is held; others are refused.

        Raises
        ------
        ModerationError
            As `submission.submit`.
        """
        analysis = TextAnalysis(
            scored=scored,
            matched=self.match(session, site, fields),
            personal_data=find_personal_data(site, fields["body"]),
        )
        first = sketch(site.id, fields["body"])
        for text_sketch in (*[first] * PLACINGS, *[None] * ATTEMPTS):
            now = datetime.now(UTC)
            try:
                # Looked for before the one writer's turn: who comes at the same moment
                # is joined by the next one.
                place = clustering.find_match(session, site.id, text_sketch, now)
                start_writing(session)
                sent = Submission(
                    at=now,
                    article=articles.find_known(session, site, fields["article"]),
                    idempotency_key=idempotency_key,
                    is_stored_elsewhere=is_stored_elsewhere,
                )
                stored = self._store(
                    session, site, fields, replace(analysis, place=place), sent
                )
                session.commit()
            except (IntegrityError, Unplaced):
                session.rollback()
            else:
                return stored
        busy = "The same comment is being stored by another request; try again."
        raise Conflict(busy)

    def _store(
        self,
        session: Session,
        site: SiteContext,
        fields: Mapping[str, Any],
        analysis: TextAnalysis,
        sent: Submission,
    ) -> StoredComment:
        """Return the comment that a new one repeats, or store it."""
        double = doubles.find_double(
            session,
            site,
            fields,
            sent,
            privacy=self.privacy,
            window=self.double_window,
        )
        return double or submission.submit(
            session, site, fields, analysis, sent, privacy=self.privacy
        )

    def edit(
        self,
        session: Session,
        site: SiteContext,
        comment_id: int,
        fields: Mapping[str, Any],
    ) -> StoredComment:
        """Give a comment another text, scored and decided again, and commit.

        An edit that changes nothing has no effect.

        Raises
        ------
        NotFound
            If there is no such comment at the site.
        """
        row = lookup.find(session, [site.id], comment_id)
        if revision.is_unchanged(row, fields):
            return lookup.stored(session, row)
        article = session.get_one(Article, row.article_id)
        author = {
            "author_name": fields.get("author_name", row.author_name),
            "author_url": fields.get("author_url", row.author_url),
            "article_title": article.title,
        }
        written = {**author, "body": fields["body"]}
        (scored,) = self.score(session, site, [document_of(written)])
        about = {**written, "author_id": row.author_id, "language": row.language}
        matched = self.match(
            session, site, about, author_records.list_email_indexes(row, self.privacy)
        )
        places = find_personal_data(site, fields["body"])
        text_sketch = sketch(site.id, fields["body"])

        def store(text_sketch: TextSketch | None) -> StoredComment:
            start_writing(session)
            session.expire_all()
            comment = lookup.find(session, [site.id], comment_id, for_update=True)
            author_records.assign(session, comment, self.privacy)
            return revision.edit(
                session,
                site,
                comment,
                fields,
                TextAnalysis(scored=scored, matched=matched, personal_data=places),
                now=datetime.now(UTC),
                sketch=text_sketch,
            )

        for _ in range(PLACINGS):
            try:
                stored = store(text_sketch)
            except Unplaced:
                session.rollback()
            else:
                break
        else:
            stored = store(None)
        session.commit()
        return stored
