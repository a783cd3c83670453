"""The restrictions that a site imposed, as a report and its statements count them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from moderation.policy.categories import TERMS_ONLY, LegalCategory, category_of
from moderation.policy.provenance import Exemption, Finder, Ground
from moderation.policy.reasons import ReasonCode
from moderation.policy.standings import REJECTING
from moderation.policy.verdicts import UNATTENDED, Source, Verdict
from moderation.tables.authors import Author, StandingChange
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision, is_lasting
from moderation.tables.legal import Statement
from moderation.tables.objections import Report
from moderation.transparency.categories import Classification, classify
from moderation.transparency.period import ReportPeriod
from moderation.transparency.templates import OTHER

READ_AT_ONCE = 2_000  # rows

#: Reasons to hold a comment by which automation points at it. Others hold what it can't
#: judge, or what is always reviewed first.
DETECTING = frozenset(
    {
        ReasonCode.SCORE,
        ReasonCode.RULE,
        ReasonCode.CAMPAIGN,
        ReasonCode.BRAKE,
        ReasonCode.DECEPTIVE_NAME,
        ReasonCode.BOT,
    }
)
#: A comment rejected for these alone carries out a restriction of its author, which is
#: counted itself; a protocol's test value is no comment.
NO_MEASURE = frozenset(
    {
        ReasonCode.SUSPENDED,
        ReasonCode.BANNED,
        ReasonCode.SHADOW_BANNED,
        ReasonCode.TEST,
    }
)


class MeasureOrigin(StrEnum):
    """The origin of a measure."""

    OWN_INITIATIVE = "own_initiative"  #: of the site, or of its automation
    REPORT = "report"  #: of a reader, for the site's rules
    NOTICE = "notice"  #: of illegal content (Article 16)
    TRUSTED_FLAGGER = "trusted_flagger"  #: a notice of one (Article 22)
    ORDER = "order"  #: of an authority (Article 9)


#: What the report calls a provider's own initiative: no order and no notice.
OWN = frozenset({MeasureOrigin.OWN_INITIATIVE, MeasureOrigin.REPORT})


#: Finders of stored statements that are notices.
NOTICED = {
    Finder.NOTICE.value: MeasureOrigin.NOTICE,
    Finder.TRUSTED_FLAGGER.value: MeasureOrigin.TRUSTED_FLAGGER,
}
#: Where a moderator chose the sub-category *Other*.
ANOTHER_KIND = "Not captured by any other sub-category"


class MeasureAutomation(StrEnum):
    """The part of automation in a decision."""

    FULLY = "fully"  #: it decided alone
    PARTIALLY = "partially"  #: it pointed at the comment; a person decided
    NOT = "not"  #: a person decided


class MeasureRestriction(StrEnum):
    """The effect of a measure."""

    DISABLED = "disabled"  #: the comment isn't shown; it is kept
    REMOVED = "removed"  #: the comment was erased for it
    SUSPENDED = "suspended"  #: the author can't comment until a date
    TERMINATED = "terminated"  #: the author can't comment any more


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A restriction, with all that the report and a statement need of it."""

    #: unique in the installation, for good: `[a-zA-Z0-9-_]`
    reference: str
    comment_id: int | None  #: None: it restricts an author
    at: datetime
    content_at: datetime  #: when the content was written
    language: str | None
    restriction: MeasureRestriction
    until: datetime | None  #: None: for good
    classification: Classification
    origin: MeasureOrigin
    is_detected_automatically: bool
    automation: MeasureAutomation
    #: how long readers saw the comment before; None: it was never published
    was_shown_for: timedelta | None = None
    is_flood: bool = False  #: advertising sent in numbers: its author gets no statement
    #: of its stored statement of reasons, as a moderator wrote them; None: without
    legal_ground: str | None = field(default=None, repr=False)
    explanation: str | None = field(default=None, repr=False)
    #: that no text about it may hold; empty: not known
    author_name: str = field(default="", repr=False)


def read_measures(
    session: Session, site_id: int, period: ReportPeriod
) -> Iterator[Measure]:
    """Yield the restrictions that a site imposed in a period, comments' first.

    A comment is restricted by the first rejection of its text that was not undone; an
    upheld appeal, a second review, or another rejection of what is hidden already adds
    none. Whether it was overturned later plays no part: appeals are counted apart.
    """
    for row in session.execute(_rejections(site_id, period)):
        measure = _of_rejection(row)
        if measure is not None:
            yield measure
    for row in session.execute(_restrictions_of_authors(site_id, period)):
        yield _of_author(row)


def _earlier(
    *conditions: sa.ColumnElement[bool], table: type[Decision]
) -> sa.ScalarSelect[int]:
    """Return the newest decision about the same comment before that of a row."""
    return (
        sa.select(sa.func.max(table.id))
        .where(
            table.comment_id == Decision.comment_id,
            table.id < Decision.id,
            *conditions,
            is_lasting(table),
        )
        .correlate(Decision)
        .scalar_subquery()
    )


#: What is read of a rejection itself, its comment, and its statement of reasons.
_COLUMNS: Sequence[Any] = (
    Decision.id,
    Decision.comment_id,
    Decision.created_at,
    Decision.source,
    Decision.reasons,
    Comment.received_at,
    Comment.written_at,
    Comment.language,
    Comment.campaign_id,
    Comment.author_name,
    Statement.ground,
    Statement.code,
    Statement.category,
    Statement.keyword,
    Statement.legal_ground,
    Statement.explanation,
    Statement.finder,
    Statement.exemption,
)


def _rejections(site_id: int, period: ReportPeriod) -> sa.Select[Any]:
    rejected, approved, found = (aliased(Decision) for _ in range(3))
    last_rejected = _earlier(
        rejected.verdict == Verdict.REJECT.value,
        rejected.revision == Decision.revision,
        table=rejected,
    )
    last_approved = _earlier(
        approved.verdict == Verdict.APPROVE.value,
        table=approved,
    )
    # What a person returned to the queue was brought there by something else.
    last_found = _earlier(found.source != Source.PERSON.value, table=found)
    first, shown = aliased(Decision), aliased(Decision)
    return (
        sa.select(
            *_COLUMNS,
            shown.id.label("approved_id"),
            shown.created_at.label("approved_at"),
            first.id.label("found_id"),
            first.created_at.label("found_at"),
            first.source.label("found_source"),
            first.verdict.label("found_verdict"),
            first.reasons.label("found_reasons"),
            sa.exists()
            .where(
                Report.comment_id == Decision.comment_id,
                Report.decision_id == Decision.id,
            )
            .label("was_reported"),
        )
        .join(Comment, Comment.id == Decision.comment_id)
        .outerjoin(Statement, Statement.decision_id == Decision.id)
        .outerjoin(first, first.id == last_found)
        .outerjoin(shown, shown.id == last_approved)
        .where(
            Decision.site_id == site_id,
            Decision.created_at >= period.start,
            Decision.created_at < period.end,
            Decision.verdict == Verdict.REJECT.value,
            # What another system decided before an import is none of the site's here.
            Decision.source != Source.IMPORT.value,
            is_lasting(),
            sa.func.coalesce(last_rejected, 0) <= sa.func.coalesce(shown.id, 0),
        )
        .order_by(Decision.created_at, Decision.id)
        .execution_options(yield_per=READ_AT_ONCE)
    )


def _of_rejection(row: Any) -> Measure | None:
    reasons: Sequence[Mapping[str, Any]] = row.reasons
    codes = {reason["code"] for reason in reasons}
    if codes and codes <= NO_MEASURE:
        return None
    automation, is_detected, origin = _automation(row)
    classification = _classification(row, reasons)
    return Measure(
        reference=f"d{row.id}",
        comment_id=row.comment_id,
        at=row.created_at,
        content_at=row.written_at or row.received_at,
        language=row.language,
        restriction=MeasureRestriction.DISABLED,
        until=None,
        classification=classification,
        origin=origin,
        is_detected_automatically=is_detected,
        automation=automation,
        was_shown_for=_shown_for(row),
        author_name=row.author_name,
        is_flood=_is_flood(row, classification),
        legal_ground=row.legal_ground,
        explanation=row.explanation,
    )


def _classification(row: Any, reasons: Sequence[Mapping[str, Any]]) -> Classification:
    """Return where a restriction counts: as its statement says, if it has one.

    Restrictions from before statements were stored have none.
    """
    by_reasons = classify(reasons)
    if row.ground is None:
        return by_reasons
    ground, place = Ground(row.ground), LegalCategory(row.category, row.keyword)
    if ground is Ground.ILLEGAL and place.category == TERMS_ONLY:
        place = category_of(row.code, is_illegal=True)  # sheet 5 has no such row
    keyword = f"KEYWORD_{place.keyword}"
    is_same = by_reasons.keyword == keyword
    other = by_reasons.other if is_same else ANOTHER_KIND
    return Classification(
        ground=ground,
        category=f"STATEMENT_CATEGORY_{place.category}",
        keyword=keyword,
        other=other if keyword == OTHER else "",
        code=row.code,
    )


def _is_flood(row: Any, classification: Classification) -> bool:
    if row.ground is not None:
        return bool(row.exemption == Exemption.HIGH_VOLUME.value)
    is_spam = classification.code in ("spam", ReasonCode.BOT, ReasonCode.CAMPAIGN)
    is_many = row.campaign_id is not None or row.source == Source.CAMPAIGN.value
    return is_spam and is_many


def _shown_for(row: Any) -> timedelta | None:
    """Return how long the comment was published when it was rejected.

    One that readers' reports or an appeal had sent back was hidden from then on.
    """
    if row.approved_id is None:
        return None
    is_hidden_since = (row.found_id or 0) > row.approved_id
    end: datetime = row.found_at if is_hidden_since else row.created_at
    shown_for: timedelta = end - row.approved_at
    return shown_for


def _automation(row: Any) -> tuple[MeasureAutomation, bool, MeasureOrigin]:
    """Return how a rejection came about, as its statement and the log say.

    A person's rejection is automated in part where automation had pointed at the
    comment, and nothing had approved it since.
    """
    if row.finder in NOTICED:
        return MeasureAutomation.NOT, False, NOTICED[row.finder]
    if row.source in {source.value for source in UNATTENDED}:
        return MeasureAutomation.FULLY, True, MeasureOrigin.OWN_INITIATIVE
    was_held = (
        row.found_id is not None
        and row.found_verdict == Verdict.REVIEW.value
        and (row.approved_id or 0) < row.found_id
    )
    if row.source == Source.AKISMET.value:
        return MeasureAutomation.NOT, False, MeasureOrigin.OWN_INITIATIVE
    if was_held and row.found_source == Source.READERS.value:
        return MeasureAutomation.NOT, False, MeasureOrigin.REPORT
    held_by = {reason["code"] for reason in row.found_reasons or []}
    if was_held and held_by & DETECTING:
        return MeasureAutomation.PARTIALLY, True, MeasureOrigin.OWN_INITIATIVE
    origin = MeasureOrigin.REPORT if row.was_reported else MeasureOrigin.OWN_INITIATIVE
    return MeasureAutomation.NOT, False, origin


#: The same of a restriction of an author.
_AUTHOR_COLUMNS: Sequence[Any] = (
    StandingChange.id,
    StandingChange.created_at,
    StandingChange.until,
    StandingChange.reason,
    Author.name.label("author_name"),
    Statement.ground,
    Statement.code,
    Statement.category,
    Statement.keyword,
    Statement.legal_ground,
    Statement.explanation,
)


def _restrictions_of_authors(site_id: int, period: ReportPeriod) -> sa.Select[Any]:
    undo = aliased(StandingChange)
    return (
        sa.select(*_AUTHOR_COLUMNS)
        .join(Author, Author.id == StandingChange.author_id)
        .outerjoin(Statement, Statement.standing_id == StandingChange.id)
        .where(
            StandingChange.site_id == site_id,
            StandingChange.created_at >= period.start,
            StandingChange.created_at < period.end,
            StandingChange.standing.in_(sorted(each.value for each in REJECTING)),
            StandingChange.undoes_id.is_(None),
            StandingChange.staff_id.is_not(None),  # else decided before the import
            ~sa.exists().where(undo.undoes_id == StandingChange.id),
        )
        .order_by(StandingChange.created_at, StandingChange.id)
    )


def _of_author(row: Any) -> Measure:
    has_end = row.until is not None
    reasons = [] if row.reason is None else [{"code": row.reason}]
    return Measure(
        reference=f"a{row.id}",
        comment_id=None,
        at=row.created_at,
        content_at=row.created_at,
        language=None,
        restriction=MeasureRestriction.SUSPENDED
        if has_end
        else MeasureRestriction.TERMINATED,
        until=row.until,
        classification=_classification(row, reasons),
        origin=MeasureOrigin.OWN_INITIATIVE,
        is_detected_automatically=False,
        automation=MeasureAutomation.NOT,
        legal_ground=row.legal_ground,
        explanation=row.explanation,
        author_name=row.author_name,
    )
