"""What people decided, made into examples to learn from."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.datasets import Example
from classifiers.labels import LABELS
from moderation.policy import ReasonCode, Source, Verdict
from moderation.privacy import mask_emails
from moderation.suggestions import HOLDS_FROM
from moderation.tables import Article, Comment, Correction, Decision, Suggestion

# A moderator here, or the site's own people by its software.
PEOPLE = (Source.PERSON.value, Source.AKISMET.value)
ROWS_AT_ONCE = 1000  # rows that the database hands over in one go


def labels_of(
    verdict: Verdict,
    reasons: Collection[str],
    said: Mapping[str, bool],
    known: Collection[str],
) -> dict[str, bool]:
    """Return what one decision teaches about a text; empty: nothing.

    What the person said of a label counts as said. Beyond that, an approval means
    that no known label holds, and a rejection that those hold which are its reasons:
    of the others it says nothing, and a rule of the house is no harm.

    >>> labels_of(Verdict.REJECT, ["off_topic", "spam"], {}, ["spam", "insult"])
    {'spam': True}
    """
    if verdict is Verdict.REVIEW:
        return {}  # sent back: nobody has made up their mind
    if verdict is Verdict.APPROVE:
        taught = dict.fromkeys(known, False)
    else:
        taught = {label: True for label in known if label in reasons}
    return {**taught, **{name: held for name, held in said.items() if name in known}}


def count_examples(session: Session, site_id: int, enough: int) -> int:
    """Return how many comments of a site teach something, counted up to `enough`."""
    with contextlib.closing(_taught_by_people(session, site_id, LABELS)) as taught:
        return sum(1 for _ in itertools.islice(taught, enough))


def read_examples(
    session: Session, site_id: int, known: Collection[str]
) -> Iterator[Example]:
    """Yield an example for each comment that people of the site judged.

    The newest decision of a person counts, if it is about the text as it stands, with
    what people said of labels apart from decisions: of each of the `known` labels the
    newest word. The machine's own decisions never do. An example's time is that of
    the decision, so that what is learnt later lies later. E-mail addresses in the
    text are masked; the group is a pseudonym of the author.
    """
    for judged_at, taught, about in _taught_by_people(
        session,
        site_id,
        known,
        Comment.body,
        Comment.author_name,
        Comment.author_url,
        Comment.email_index,
        Article.title,
    ):
        body, name, url, author, title = about
        yield Example(
            text=mask_emails(body),
            labels=taught,
            author_name=name,
            author_url=url,
            article_title=title,
            group=author,
            written_at=judged_at,
        )
    yield from _suggested(session, site_id, known)


def _taught_by_people(
    session: Session, site_id: int, known: Collection[str], *columns: Any
) -> Generator[tuple[datetime, dict[str, bool], Sequence[Any]], None, None]:
    """Yield when people judged a comment, what that teaches, and the `columns` of it.

    Those that were decided come first, in that order; then those of which people
    only said what labels they deserve.
    """
    corrections = _corrections(session, site_id)
    newest = _newest(site_id, *columns).order_by(Decision.id)
    # Closed also where the caller has seen enough half-way.
    with session.execute(newest, execution_options={"yield_per": ROWS_AT_ONCE}) as rows:
        for comment_id, source, verdict, reasons, said, decided_at, *about in rows:
            taught = _taught(source, verdict, reasons, said, known)
            corrected = corrections.pop(comment_id, [])
            taught = _newest_words(taught, decided_at, corrected, known)
            if taught:
                yield decided_at, taught, about
    left = list(corrections)
    for start in range(0, len(left), ROWS_AT_ONCE):
        some = Comment.id.in_(left[start : start + ROWS_AT_ONCE])
        query = sa.select(Comment.id, *columns).where(some).order_by(Comment.id)
        joined = query.join(Article, Article.id == Comment.article_id)
        for comment_id, *about in session.execute(joined):
            corrected = corrections[comment_id]
            said_at = corrected[-1].created_at
            taught = _newest_words({}, said_at, corrected, known)
            if taught:
                yield said_at, taught, about


def _corrections(session: Session, site_id: int) -> dict[int, list[Correction]]:
    """Return what people said of labels of texts that still stand, by comment."""
    found: dict[int, list[Correction]] = {}
    for correction in session.scalars(
        sa.select(Correction)
        .join(Comment, Comment.id == Correction.comment_id)
        .where(
            Correction.site_id == site_id,
            Comment.deleted_at.is_(None),
            Comment.revision == Correction.revision,
        )
        .order_by(Correction.id)
    ):
        found.setdefault(correction.comment_id, []).append(correction)
    return found


def _newest_words(
    taught: Mapping[str, bool],
    decided_at: datetime,
    corrections: Sequence[Correction],
    known: Collection[str],
) -> dict[str, bool]:
    """Return the newest word on each label: of the decision or of a correction."""
    earlier: dict[str, bool] = {}
    later: dict[str, bool] = {}
    for each in corrections:
        words = earlier if each.created_at < decided_at else later
        words.update(each.labels)
    newest = {**earlier, **taught, **later}
    return {label: held for label, held in newest.items() if label in known}


def _suggested(
    session: Session, site_id: int, known: Collection[str]
) -> Iterator[Example]:
    """Yield an example for each text that the site's own people have scored."""
    rows = session.execute(
        sa.select(Suggestion.text, Suggestion.scores, Suggestion.created_at)
        .where(Suggestion.site_id == site_id)
        .order_by(Suggestion.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for text, scores, said_at in rows:
        taught = {
            label: score >= HOLDS_FROM
            for label, score in scores.items()
            if label in known
        }
        if taught:
            yield Example(text=text, labels=taught, written_at=said_at)


def _taught(
    source: str,
    verdict: str,
    reasons: list[dict[str, Any]],
    said: Mapping[str, bool],
    known: Collection[str],
) -> dict[str, bool]:
    if source == Source.AKISMET.value:  # it tells spam from ham, and nothing else
        return {label: held for label, held in said.items() if label in known}
    codes = {reason["code"] for reason in reasons}
    if ReasonCode.UNDONE in codes:
        return {}  # taken back: what stood before was decided by somebody else
    return labels_of(Verdict(verdict), codes, said, known)


def _newest(site_id: int, *columns: Any) -> sa.Select[Any]:
    """Return a query of people's newest decisions about texts that still stand."""
    newest = (
        sa.select(sa.func.max(Decision.id))
        .where(Decision.site_id == site_id, Decision.source.in_(PEOPLE))
        .group_by(Decision.comment_id)
    )
    return (
        sa.select(
            Comment.id,
            Decision.source,
            Decision.verdict,
            Decision.reasons,
            Decision.labels,
            Decision.created_at,
            *columns,
        )
        .join_from(Decision, Comment, Comment.id == Decision.comment_id)
        .join(Article, Article.id == Comment.article_id)
        .where(
            Decision.id.in_(newest),
            Comment.deleted_at.is_(None),
            Comment.revision == Decision.revision,
        )
    )
