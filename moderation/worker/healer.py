"""Rescores and decides the comments that an outage held, once it is over."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer
from moderation import identifiers
from moderation.comments import author_records, healing
from moderation.comments.automatic import TextAnalysis
from moderation.comments.intake import Intake, find_personal_data
from moderation.database import Sessions, start_writing
from moderation.metrics.counters import HEALED_COMMENTS
from moderation.models.serving import ScoredText
from moderation.sites import sites
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Comment

logger = logging.getLogger(__name__)

#: What a model that works can score.
PROBE = Document(text="The ferry was never cheap either.")
MAX_FAILURES = 3  # with one text, while the model works; then moderators decide it
COMMIT_SIZE = 20  # comments; between two commits, requests write


#: A comment that a fault holds, with its scores; None: the model fails on it.
ScoredComment = tuple[Comment, ScoredText | None]


class Healer:
    """Heals all sites, one after the other, and remembers which texts break a model."""

    def __init__(self, sessions: Sessions, intake: Intake) -> None:
        self._sessions = sessions
        self._intake = intake
        #: by comment, revision, and model version
        self._failures: dict[tuple[int, int, str], int] = {}

    def heal(self) -> bool:
        """Decide all that can be decided now; return False, as nothing is left."""
        with self._sessions() as session:
            names = sites.list_names(session)
            if healing.find_outage(session, list(names)) is None:
                self._failures.clear()
                return False
        for site_id in names:
            count = self._heal_site(site_id)
            if count:
                HEALED_COMMENTS.labels(names[site_id]).inc(count)
                logger.info("%s comments that a fault held are decided", count)
        return False

    def _heal_site(self, site_id: int) -> int:
        with self._sessions() as session:
            site = sites.find_by_id(session, site_id)
            if site is None:
                return 0
            scorer = self._intake.scoring.scorer_for(session, site)
        if scorer is None or not _works(scorer):
            return 0  # the fault lasts
        count, after = 0, identifiers.MIN_ID
        while True:
            with self._sessions() as session:
                rows = healing.read_some(session, site_id, after)
            if not rows:
                return count
            after = rows[-1].comment.id
            count += self._heal_some(site, scorer, rows)

    def _heal_some(
        self, site: SiteContext, scorer: Scorer, rows: Sequence[healing.HeldRow]
    ) -> int:
        """Score and decide some comments; return how many were decided."""
        documents = [_document(row) for row in rows]
        scored = self._intake.scoring.score(scorer, documents)
        pairs = list(zip([row.comment for row in rows], scored, strict=True))
        return sum(
            self._decide(site, scorer, pairs[start : start + COMMIT_SIZE])
            for start in range(0, len(pairs), COMMIT_SIZE)
        )

    def _decide(
        self, site: SiteContext, scorer: Scorer, pairs: Sequence[ScoredComment]
    ) -> int:
        """Decide some comments in one commit; return how many were decided.

        Where that fails, each is decided by itself: one must not stop the others.
        """
        try:
            return self._decide_together(site, scorer, pairs)
        except (InterfaceError, OperationalError):
            raise  # the database is away: all of it waits
        except Exception:
            if len(pairs) > 1:
                return sum(self._decide(site, scorer, [pair]) for pair in pairs)
            ((comment, _),) = pairs
            public_id = identifiers.encode(comment.id)
            logger.exception("comment %s can't be decided", public_id)
            return self._decide_together(site, scorer, [(comment, None)])

    def _decide_together(
        self, site: SiteContext, scorer: Scorer, pairs: Sequence[ScoredComment]
    ) -> int:
        count = 0
        with self._sessions() as session:
            analyses = [
                (comment, self._analyze(session, site, comment, scored))
                for comment, scored in pairs
                if scored is not None
            ]
            start_writing(session)
            now = datetime.now(UTC)
            for comment, analysis in analyses:
                if analysis.matched.is_known:
                    healed = healing.heal(session, site, comment, analysis, now)
                    count += healed is not None
            for comment, scored in pairs:
                if scored is None and self._is_hopeless(comment, scorer.version):
                    healing.give_up(session, site, comment, scorer.version, now)
            session.commit()
        return count

    def _analyze(
        self, session: Session, site: SiteContext, comment: Comment, scored: ScoredText
    ) -> TextAnalysis:
        """Match rules and look for personal data. CPU, before any write."""
        names = ("body", "author_name", "author_url", "author_id", "language")
        fields = {name: getattr(comment, name) for name in names}
        indexes = author_records.list_email_indexes(comment, self._intake.privacy)
        return TextAnalysis(
            scored=scored,
            matched=self._intake.match(session, site, fields, indexes),
            personal_data=find_personal_data(site, comment.body),
        )

    def _is_hopeless(self, comment: Comment, version: str) -> bool:
        """Count that a comment could not be decided; return if once too often.

        The model scores others: the comment is to blame.
        """
        key = comment.id, comment.revision, version
        self._failures[key] = self._failures.get(key, 0) + 1
        if self._failures[key] < MAX_FAILURES:
            return False
        del self._failures[key]
        public_id = identifiers.encode(comment.id)
        logger.warning("comment %s is left to moderators", public_id)
        return True


def _works(scorer: Scorer) -> bool:
    """Return whether a model can score an ordinary text."""
    try:
        scorer.score_many([PROBE])
    except Exception as error:  # noqa: BLE001 - each request has logged it
        logger.warning("model %s still fails: %s", scorer.version, type(error).__name__)
        return False
    return True


def _document(row: healing.HeldRow) -> Document:
    return Document(
        text=row.comment.body,
        author_name=row.comment.author_name,
        author_url=row.comment.author_url,
        article_title=row.title,
    )
