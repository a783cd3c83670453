"""Training examples from people's decisions."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from classifiers.data.datasets import Example
from classifiers.text.labels import HARMS
from moderation.learning.provenance import Provenance, TrainingExample
from moderation.learning.suggestions import HOLDS_FROM
from moderation.learning.training_labels import (
    LabelCorrection,
    LoggedDecision,
    judge,
    merge_corrections,
)
from moderation.policy import verdicts
from moderation.policy.verdicts import Source, Verdict
from moderation.privacy import mask_emails
from moderation.queue.query import QueueOrder
from moderation.tables.accounts import Staff
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision, is_lasting
from moderation.tables.importing import HistoryImport, ImportedComment
from moderation.tables.learning import Suggestion
from moderation.tables.review import Correction, QaReview

# A moderator here, or the site's own people by its software.
PEOPLE = tuple(source.value for source in verdicts.PEOPLE)
# What may stand between two decisions of people: it teaches nothing by itself.
LOGGED = (*PEOPLE, Source.AUTHOR.value, Source.READERS.value)
#: A moderator decided there, as `moderation.importing.records` names it.
BY_MODERATOR = "person"
MIN_INFERRED_WORDS = 3  # of what no one here has read
MAX_NEGATIVES = 10  # texts without harm for each harmful one, of those inferred
MIN_NEGATIVES = 5_000  # in any case
SAMPLED_BITS = 10  # of an id, which are random
BATCH_SIZE = 1000  # rows that the database hands over in one go


def count_examples(session: Session, site_id: int, enough: int) -> int:
    """Count a site's comments with training labels, up to `enough`."""
    with closing(_judged(session, site_id, HARMS)) as judged:
        return sum(1 for _ in itertools.islice(judged, enough))


def read_training_examples(
    session: Session, site_id: int, known_labels: Collection[str]
) -> Iterator[TrainingExample]:
    """Yield a training example for each text that people judged.

    The newest decision counts, if it is about the text as it stands and was not taken
    back, with labels that people set apart from decisions: of each known label the
    newest one. Automatic decisions never count. An example's time is that of the
    decision, so that later decisions come later. Email addresses in the text are
    masked; the group is a pseudonym of the author.
    """
    known_labels = [label for label in known_labels if label in HARMS]
    columns = (
        Comment.body,
        Comment.author_name,
        Comment.author_url,
        Comment.email_index,
        Comment.language,
        Article.title,
        Article.section,
    )
    for judged in _judged(session, site_id, known_labels, *columns):
        body, name, url, author, language, title, section = judged.about
        is_inferred = judged.provenance is Provenance.INFERRED
        if is_inferred and len(body.split()) < MIN_INFERRED_WORDS:
            continue
        yield TrainingExample(
            example=Example(
                text=mask_emails(body),
                labels=judged.taught,
                author_name=name,
                author_url=url,
                article_title=title,
                group=author,
                written_at=judged.at,
            ),
            provenance=judged.provenance,
            taught_by=judged.by,
            comment_id=judged.comment_id,
            batch_id=judged.batch_id,
            is_from_teach=judged.is_from_teach,
            section=section,
            language=language and language[:2].lower(),
        )
    yield from _suggested(session, site_id, known_labels)


def read_examples(
    session: Session, site_id: int, known_labels: Collection[str]
) -> Iterator[Example]:
    """Yield the examples without their provenance."""
    for lesson in read_training_examples(session, site_id, known_labels):
        yield lesson.example


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """The training labels of one comment."""

    comment_id: int
    taught: Mapping[str, bool]
    at: datetime
    by: str
    provenance: Provenance
    batch_id: int | None
    is_from_teach: bool
    about: Sequence[Any]


def _judged(
    session: Session, site_id: int, known_labels: Collection[str], *columns: Any
) -> Generator[_Judged, None, None]:
    """Yield each comment's training labels, with its `columns`.

    Decided comments come first, then those that moderators only labeled.
    """
    corrections = _corrections(session, site_id)
    for comment_id, log in _logs(session, site_id, *columns):
        decisions = [_said(row) for row in log]
        about = log[-1][len(log[-1]) - len(columns) :]
        judged = _merged(
            comment_id, decisions, corrections.pop(comment_id, []), known_labels, about
        )
        if judged is not None:
            yield judged
    remaining = list(corrections)
    for start in range(0, len(remaining), BATCH_SIZE):
        is_in_batch = Comment.id.in_(remaining[start : start + BATCH_SIZE])
        query = sa.select(Comment.id, *columns).where(is_in_batch).order_by(Comment.id)
        joined = query.join(Article, Article.id == Comment.article_id)
        for comment_id, *about in session.execute(joined):
            judged = _merged(
                comment_id, [], corrections[comment_id], known_labels, about
            )
            if judged is not None:
                yield judged


def _merged(
    comment_id: int,
    log: Sequence[LoggedDecision],
    words: Sequence[LabelCorrection],
    known_labels: Collection[str],
    about: Sequence[Any],
) -> _Judged | None:
    """Return the training labels from decisions and corrections."""
    decided = judge(log, known_labels)
    if decided is None:
        taught: dict[str, bool] = {}
        for word in words:
            taught.update(word.labels)
        taught = {
            label: held for label, held in taught.items() if label in known_labels
        }
        if not taught:
            return None
        at, by = words[-1].at, words[-1].login
        provenance, batch_id, is_from_teach = Provenance.SINGLE, None, False
    else:
        last, provenance, taught = decided
        taught = merge_corrections(taught, last.at, words, known_labels)
        at, by, batch_id = last.at, last.login or last.source, last.batch_id
        is_from_teach = any(row.served_in == QueueOrder.TEACH for row in log)
    return _Judged(
        comment_id=comment_id,
        taught=taught,
        at=at,
        by=by,
        provenance=provenance,
        batch_id=batch_id,
        is_from_teach=is_from_teach,
        about=about,
    )


def _corrections(session: Session, site_id: int) -> dict[int, list[LabelCorrection]]:
    """Return the corrections of current texts, by comment."""
    corrections: dict[int, list[LabelCorrection]] = {}
    for comment_id, labels, at, login in session.execute(
        sa.select(
            Correction.comment_id, Correction.labels, Correction.created_at, Staff.login
        )
        .join(Comment, Comment.id == Correction.comment_id)
        .join(Staff, Staff.id == Correction.staff_id)
        .where(
            Correction.site_id == site_id,
            Comment.deleted_at.is_(None),
            Comment.revision == Correction.revision,
        )
        .order_by(Correction.id)
    ):
        word = LabelCorrection(labels=labels, at=at, login=login)
        corrections.setdefault(comment_id, []).append(word)
    return corrections


def _suggested(
    session: Session, site_id: int, known_labels: Collection[str]
) -> Iterator[TrainingExample]:
    """Yield a training example for each text that site staff scored."""
    rows = session.execute(
        sa.select(
            Suggestion.text,
            Suggestion.scores,
            Suggestion.created_at,
            Suggestion.source,
        )
        .where(Suggestion.site_id == site_id)
        .order_by(Suggestion.id)
        .execution_options(yield_per=BATCH_SIZE)
    )
    for text, scores, said_at, source in rows:
        taught = {
            label: score >= HOLDS_FROM
            for label, score in scores.items()
            if label in known_labels
        }
        if taught:
            yield TrainingExample(
                example=Example(text=text, labels=taught, written_at=said_at),
                provenance=Provenance.SITE,
                taught_by=source,
            )


def _logs(
    session: Session, site_id: int, *columns: Any
) -> Generator[tuple[int, list[Any]], None, None]:
    """Yield the lasting decisions about each comment's current text, oldest first."""
    second = aliased(Staff)
    query = (
        sa.select(
            Decision.comment_id,
            Decision.source,
            Decision.verdict,
            Decision.reasons,
            Decision.labels,
            Decision.created_at,
            Staff.login,
            Decision.batch_id,
            QaReview.verdict,
            second.login,
            Decision.served_in,
            ImportedComment.labels,
            ImportedComment.evidence,
            ImportedComment.decided_by,
            *columns,
        )
        .join_from(Decision, Comment, Comment.id == Decision.comment_id)
        .join(Article, Article.id == Comment.article_id)
        .outerjoin(Staff, Staff.id == Decision.staff_id)
        .outerjoin(QaReview, QaReview.decision_id == Decision.id)
        .outerjoin(second, second.id == QaReview.staff_id)
        .outerjoin(ImportedComment, ImportedComment.comment_id == Decision.comment_id)
        .where(
            Decision.site_id == site_id,
            _teaches(session, site_id),
            Comment.deleted_at.is_(None),
            Comment.revision == Decision.revision,
            is_lasting(),
        )
        .order_by(Decision.comment_id, Decision.id)
        .execution_options(yield_per=BATCH_SIZE)
    )
    with session.execute(query) as result:
        for comment_id, rows in itertools.groupby(result, lambda row: row[0]):
            yield comment_id, list(rows)


def _teaches(session: Session, site_id: int) -> sa.ColumnElement[bool]:
    """Return the condition that a decision may teach: people's, and imported ones.

    What was published elsewhere would swamp everything: of texts of which no one knows
    who let them through, a random part is read.
    """
    rows = session.execute(
        sa.select(ImportedComment.is_harmful, sa.func.count().label("number"))
        .join(HistoryImport, HistoryImport.id == ImportedComment.import_id)
        .where(
            HistoryImport.site_id == site_id, ImportedComment.is_harmful.is_not(None)
        )
        .group_by(ImportedComment.is_harmful)
    )
    counts = {row.is_harmful: row.number for row in rows}
    if not counts:
        return Decision.source.in_(LOGGED)
    wanted = max(MAX_NEGATIVES * counts.get(True, 0), MIN_NEGATIVES)
    size = 1 << SAMPLED_BITS
    kept = min(size, round(size * wanted / max(1, counts.get(False, 0))))
    is_sampled = Decision.comment_id.op("&")(size - 1) < kept
    return sa.or_(
        Decision.source.in_(LOGGED),
        sa.and_(
            Decision.source == Source.IMPORT.value,
            ImportedComment.is_harmful.is_not(None),
            sa.or_(
                ImportedComment.is_harmful.is_(True),
                ImportedComment.evidence == BY_MODERATOR,
                is_sampled,
            ),
        ),
    )


def _said(row: Any) -> LoggedDecision:
    source, verdict, reasons, labels, at, login, batch_id, *rest = row[1:14]
    second, second_by, served_in, imported, evidence, decided_by = rest
    is_imported = source == Source.IMPORT.value
    return LoggedDecision(
        source=source,
        verdict=Verdict(verdict),
        codes=frozenset(reason["code"] for reason in reasons),
        labels=labels,
        at=at,
        login=decided_by if is_imported else login,
        batch_id=batch_id,
        second=Verdict(second) if second else None,
        second_by=second_by,
        served_in=served_in,
        imported=imported if is_imported else None,
        is_by_moderator=evidence == BY_MODERATOR,
    )
