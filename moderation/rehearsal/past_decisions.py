"""Past comments of a site, read in batches, with what was decided about each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from classifiers.serving.document import Document
from moderation import identifiers
from moderation.authors.identity import FoundBy
from moderation.policy.verdicts import PEOPLE, UNATTENDED, Source, Status, Verdict
from moderation.rules.conditions import Subject
from moderation.tables.authors import Author
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision, effective_id
from moderation.tables.importing import ImportedComment

BATCH_SIZE = 500  # comments read together
# Of an ID's 21 random bits, the lowest 10 choose what a training reads (see
# `learning.examples`); these are independent of them.
SAMPLED_SHIFT, SAMPLED_BITS = 10, 11
MAX_GIVEN_SCORES = 20  # of one comment; a file from outside may have more


class DecidedBy(StrEnum):
    """The party that decided about a comment then."""

    MODERATOR = "moderator"  #: of the site, here or in the system it came from
    UNKNOWN = "unknown"  #: the system that it came from doesn't tell
    FILTER = "filter"  #: a program there, and no moderator contradicted it
    AUTOMATIC = "automatic"  #: policy, rules, or campaigns here, and no moderator since


_BY_EVIDENCE = {"person": DecidedBy.MODERATOR, "filter": DecidedBy.FILTER}
_STATUS_OF = {
    Verdict.APPROVE.value: Status.APPROVED,
    Verdict.REJECT.value: Status.REJECTED,
}


@dataclass(frozen=True, kw_only=True)
class GivenScore:
    """A score of another service that an import brought."""

    system: str  #: such as `perspective`
    attribute: str  #: such as `TOXICITY`
    value: float  #: 0 to 1


@dataclass(frozen=True, kw_only=True)
class RecordedComment:
    """A comment as it is today, with what was decided about this text."""

    id: int
    document: Document
    subject: Subject
    section: str | None
    then: Status  #: pending: nothing is known to be decided about this text
    by: DecidedBy | None  #: None: it is pending
    author_record_id: int | None = None
    is_author_identified: bool = False
    import_id: int | None = None
    given_scores: tuple[GivenScore, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReplayPeriod:
    """The period and kind of a site's comments to read."""

    site_id: int
    comments: int  #: all that were written in it
    first_at: datetime | None  #: None: there are none
    last_at: datetime | None
    first_id: int
    last_id: int
    is_imported: bool = False  #: imported comments alone
    #: of 2 ** `SAMPLED_BITS` parts of equal size, how many are read
    parts: int = 1 << SAMPLED_BITS

    @property
    def is_sampled(self) -> bool:
        """Whether only a part of the comments is read."""
        return self.parts < 1 << SAMPLED_BITS

    @property
    def read_share(self) -> float:
        """The share of the comments that is read, over 0 to 1."""
        return self.parts / (1 << SAMPLED_BITS)


def find_period(
    session: Session,
    site_id: int,
    since: datetime | None,
    sample: int | None,
    *,
    is_imported: bool = False,
) -> ReplayPeriod:
    """Return a site's comments since a time, or a random part of them.

    The same ones each time: bits of their IDs choose.

    Parameters
    ----------
    sample
        About so many comments; None: all.
    is_imported
        Imported comments alone.
    """
    first = identifiers.MIN_ID if since is None else identifiers.first_id(since)
    count, least, greatest = session.execute(
        sa.select(
            sa.func.count(), sa.func.min(Comment.id), sa.func.max(Comment.id)
        ).where(
            *_is_in(site_id, first, identifiers.MAX_ID),
            *([_WAS_IMPORTED] if is_imported else ()),
        )
    ).one()
    size = 1 << SAMPLED_BITS
    parts = size
    if sample is not None and count > sample:
        parts = max(1, min(size, math.ceil(size * sample / count)))
    return ReplayPeriod(
        site_id=site_id,
        comments=count,
        first_at=None if least is None else identifiers.moment_of(least),
        last_at=None if greatest is None else identifiers.moment_of(greatest),
        first_id=first,
        last_id=identifiers.MIN_ID if greatest is None else greatest,
        is_imported=is_imported,
        parts=parts,
    )


_WAS_IMPORTED = (
    sa.select(ImportedComment.comment_id)
    .where(ImportedComment.comment_id == Comment.id)
    .correlate(Comment)
    .exists()
)


def _is_in(site_id: int, first: int, last: int) -> list[sa.ColumnElement[bool]]:
    return [
        Comment.site_id == site_id,
        Comment.id >= sa.literal(first, sa.BigInteger()),
        Comment.id <= sa.literal(last, sa.BigInteger()),
        Comment.deleted_at.is_(None),
    ]


def read_batch(
    session: Session, period: ReplayPeriod, after: int
) -> Sequence[RecordedComment]:
    """Return the next comments after an ID, the oldest first; none at the end."""
    decision = aliased(Decision)
    query = (
        sa.select(
            Comment.id,
            Comment.body,
            Comment.author_name,
            Comment.author_url,
            Comment.author_id,
            Comment.email_index,
            Comment.language,
            Comment.revision,
            Comment.author_record_id,
            Author.found_by,
            Article.title,
            Article.section,
            decision.revision.label("decided_revision"),
            decision.verdict,
            decision.source,
            ImportedComment.import_id,
            ImportedComment.evidence,
            ImportedComment.details,
        )
        .join(Article, Article.id == Comment.article_id)
        .outerjoin(Author, Author.id == Comment.author_record_id)
        .outerjoin(ImportedComment, ImportedComment.comment_id == Comment.id)
        .outerjoin(decision, decision.id == effective_id(Comment.id))
        .where(
            *_is_in(period.site_id, period.first_id, period.last_id),
            Comment.id > sa.literal(after, sa.BigInteger()),
        )
        .order_by(Comment.id)
        .limit(BATCH_SIZE)
    )
    if period.is_imported:
        query = query.where(_WAS_IMPORTED)
    if period.is_sampled:
        bits = Comment.id.op("&")(((1 << SAMPLED_BITS) - 1) << SAMPLED_SHIFT)
        query = query.where(bits < period.parts << SAMPLED_SHIFT)
    return [_past_comment(row) for row in session.execute(query)]


def _past_comment(row: Any) -> RecordedComment:
    then, by = _decided(row)
    return RecordedComment(
        id=row.id,
        document=Document(
            text=row.body,
            author_name=row.author_name,
            author_url=row.author_url,
            article_title=row.title,
        ),
        subject=Subject(
            body=row.body,
            author_name=row.author_name,
            author_url=row.author_url,
            author_id=row.author_id,
            email_indexes=(row.email_index,) if row.email_index else (),
            language=row.language,
        ),
        section=row.section,
        then=then,
        by=by,
        author_record_id=row.author_record_id,
        is_author_identified=row.found_by not in (None, FoundBy.NAME.value),
        import_id=row.import_id,
        given_scores=tuple(_given_scores(row.details or {})),
    )


def _decided(row: Any) -> tuple[Status, DecidedBy | None]:
    """Return what was decided about the text as it stands, and by whom."""
    status = _STATUS_OF.get(row.verdict)
    if status is None or row.decided_revision != row.revision:
        return Status.PENDING, None
    source = Source(row.source)
    if source is Source.IMPORT:
        if (row.details or {}).get("was_pending"):
            return Status.PENDING, None
        return status, _BY_EVIDENCE.get(row.evidence, DecidedBy.UNKNOWN)
    if source in PEOPLE:
        return status, DecidedBy.MODERATOR
    if source in UNATTENDED:
        return status, DecidedBy.AUTOMATIC
    return Status.PENDING, None


def _given_scores(details: Mapping[str, Any]) -> Iterator[GivenScore]:
    for score in details.get("scores", ())[:MAX_GIVEN_SCORES]:
        try:
            value = float(score["value"])
            system, attribute = str(score["from"]), str(score["attribute"])
        except (KeyError, TypeError, ValueError):
            continue
        if 0 <= value <= 1:
            yield GivenScore(system=system, attribute=attribute, value=value)
