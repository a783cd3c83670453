"""Retention periods of each class of data, as a site's admins set them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.comments.erasure import ErasureMode
from moderation.errors import InvalidFields
from moderation.tables.subjects import SiteRetention

MIN_DAYS, MAX_DAYS = 1, 3650


class DataClass(StrEnum):
    """A class of data with a clock. A worker deletes it, or its identifying part."""

    NETWORKS = "networks"  #: keyed hashes of IP addresses of comments
    USER_AGENTS = "user_agents"  #: what browsers of authors called themselves
    EMAILS = "emails"  #: encrypted addresses and their indexes, by the last comment
    REJECTED = "rejected"  #: rejected comments, by their newest decision
    PUBLISHED = "published"  #: approved comments
    NOTICES = "notices"  #: who sent decided notices of illegal content
    REPORTS = "reports"  #: who reported comments, and their words
    APPEALS = "appeals"  #: texts of answered appeals
    NOTES = "notes"  #: staff's notes on comments and authors
    DELIVERIES = "deliveries"  #: events that were sent or given up
    QA_REVIEWS = "qa_reviews"  #: answered second reviews, audits, and blind reviews
    LINEAGE = "lineage"  #: which comments a model that isn't active was trained on


#: Days, or None: until it is erased. Reasons: docs/privacy.md.
DEFAULTS: Mapping[DataClass, int | None] = {
    DataClass.NETWORKS: 30,
    DataClass.USER_AGENTS: 30,
    DataClass.EMAILS: 395,
    DataClass.REJECTED: 395,
    DataClass.PUBLISHED: None,
    DataClass.NOTICES: 1095,
    DataClass.REPORTS: 395,
    DataClass.APPEALS: 395,
    DataClass.NOTES: 395,
    DataClass.DELIVERIES: 30,
    DataClass.QA_REVIEWS: 730,
    DataClass.LINEAGE: 1095,
}
#: Clocks that can't be stopped: the worker deletes these after 30 days in any case.
LONGEST: Mapping[DataClass, int] = {DataClass.DELIVERIES: 30}


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """A site's retention periods."""

    days: Mapping[DataClass, int | None] = field(default_factory=lambda: DEFAULTS)
    mode: ErasureMode = ErasureMode.DELETE  #: of erasures and published texts
    starts_at: datetime | None = None  #: nothing is deleted by a clock before
    applied_at: datetime | None = None  #: when all clocks were last applied

    def as_json(self) -> dict[str, int | None]:
        """Return the days of each class; null: until it is erased."""
        return {each.value: self.days[each] for each in DataClass}


def read_clocks(session: Session, site_id: int) -> Clocks:
    """Return a site's clocks; the defaults where no one has set them."""
    row = session.get(SiteRetention, site_id)
    if row is None:
        return Clocks()
    stored = {DataClass(name): days for name, days in row.clocks.items()}
    return Clocks(
        days={**DEFAULTS, **stored},
        mode=ErasureMode(row.mode),
        starts_at=row.starts_at,
        applied_at=row.applied_at,
    )


def update_clocks(
    session: Session,
    site_id: int,
    days: Mapping[DataClass, int | None],
    mode: ErasureMode | None,
    *,
    staff_id: int | None,
    now: datetime,
) -> Clocks:
    """Set some of a site's clocks; others stay as they are.

    A clock that an admin sets is applied from then on, also where the site's data was
    kept back after an upgrade.

    Raises
    ------
    InvalidFields
        If a clock is out of its range.
    """
    _refuse_unsound(days)
    row = _row_of(session, site_id)
    before = read_clocks(session, site_id)
    row.clocks = {**row.clocks, **{each.value: days[each] for each in days}}
    row.mode = (mode or before.mode).value
    row.starts_at = None
    row.changed_at, row.changed_by = now, staff_id
    session.flush()
    after = read_clocks(session, site_id)
    changed = [
        each.value for each in DataClass if after.days[each] != before.days[each]
    ]
    record(
        session,
        AuditAction.RETENTION_CHANGED,
        target=(TargetKind.SITE, site_id),
        site_id=site_id,
        changed=[f"{name}={after.as_json()[name]}" for name in changed],
        mode=after.mode.value,
    )
    return after


def record_pass(session: Session, site_id: int, now: datetime) -> None:
    """Note that all of a site's clocks were applied."""
    _row_of(session, site_id).applied_at = now


def _row_of(session: Session, site_id: int) -> SiteRetention:
    row = session.get(SiteRetention, site_id, with_for_update=True)
    if row is None:
        row = SiteRetention(site_id=site_id, clocks={}, mode=ErasureMode.DELETE.value)
        session.add(row)
        session.flush()
    return row


def _refuse_unsound(days: Mapping[DataClass, int | None]) -> None:
    wrong = {}
    for each, count in days.items():
        longest = LONGEST.get(each, MAX_DAYS)
        if count is None and each not in LONGEST:
            continue
        if count is None or not MIN_DAYS <= count <= longest:
            wrong[each.value] = [f"Must be {MIN_DAYS} to {longest} days."]
    if wrong:
        raise InvalidFields(wrong)
