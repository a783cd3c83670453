"""What people decided, made into examples to learn from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.datasets import Example
from classifiers.labels import LABELS
from moderation.policy import ReasonCode, Source, Verdict
from moderation.privacy import mask_emails
from moderation.suggestions import HOLDS_FROM
from moderation.tables import Article, Comment, Decision, Suggestion

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
    """Return how many decisions of a site teach something, counted up to `enough`."""
    columns = (
        Decision.source,
        Decision.verdict,
        Decision.reasons,
        Decision.labels,
    )
    count = 0
    rows = session.execute(_newest(site_id, *columns).order_by(Decision.id))
    for source, verdict, reasons, said in rows:
        count += bool(_taught(source, verdict, reasons, said, LABELS))
        if count == enough:
            break
    return count


def read_examples(
    session: Session, site_id: int, known: Collection[str]
) -> Iterator[Example]:
    """Yield an example for each comment that people of the site decided about.

    The newest decision of a person counts, if it is about the text as it stands and
    teaches something of the `known` labels; the machine's own never do. Its time is
    that of the decision, so that what is learnt later lies later. E-mail addresses
    in the text are masked; the group is a pseudonym of the author.
    """
    rows = session.execute(
        _newest(
            site_id,
            Decision.source,
            Decision.verdict,
            Decision.reasons,
            Decision.labels,
            Decision.created_at,
            Comment.body,
            Comment.author_name,
            Comment.author_url,
            Comment.email_index,
            Article.title,
        )
        .join(Article, Article.id == Comment.article_id)
        .order_by(Decision.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for source, verdict, reasons, said, decided_at, *about in rows:
        body, name, url, author, title = about
        taught = _taught(source, verdict, reasons, said, known)
        if taught:
            yield Example(
                text=mask_emails(body),
                labels=taught,
                author_name=name,
                author_url=url,
                article_title=title,
                group=author,
                written_at=decided_at,
            )
    yield from _suggested(session, site_id, known)


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
        sa.select(*columns)
        .join_from(Decision, Comment, Comment.id == Decision.comment_id)
        .where(
            Decision.id.in_(newest),
            Comment.deleted_at.is_(None),
            Comment.revision == Decision.revision,
        )
    )
