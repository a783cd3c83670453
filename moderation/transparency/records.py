"""All that a report counts, read in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import HARMS
from moderation.objections.misuse_counts import MisuseMatter
from moderation.policy.verdicts import UNATTENDED
from moderation.sites.policies import read_policy
from moderation.tables.decisions import Decision
from moderation.tables.sites import Site, SitePolicy
from moderation.transparency import (
    accuracy,
    audits,
    complaints,
    disputes,
    measures,
    notices,
)
from moderation.transparency.complaints import Complaint
from moderation.transparency.disputes import ReportedDispute
from moderation.transparency.notices import ReceivedNotice
from moderation.transparency.period import ReportPeriod
from moderation.transparency.tally import tally
from moderation.transparency.texts import TextFacts


@dataclass(frozen=True, kw_only=True)
class ReportRecords:
    """The records of a period."""

    texts: TextFacts  #: the measures and figures, and what the texts say of them
    notices: Sequence[ReceivedNotice] | None  #: None: not recorded here
    complaints: Sequence[Complaint]
    disputes: Sequence[ReportedDispute]
    suspensions: Mapping[MisuseMatter, int]  #: for misuse (Article 23)


def read_records(session: Session, site_id: int, period: ReportPeriod) -> ReportRecords:
    """Return what a site's report counts.

    Raises
    ------
    NoResultFound
        If there is no such site.
    """
    counts = audits.count_audits(session, site_id, period)
    return ReportRecords(
        texts=TextFacts(
            counts=tally(measures.read_measures(session, site_id, period)),
            figures=accuracy.measure(counts, HARMS),
            people=audits.review_people(session, site_id, period),
            policy=read_policy(_policy_at_end(session, site_id, period).body),
            model_versions=_versions(session, site_id, period),
        ),
        notices=notices.read_notices(session, site_id, period),
        complaints=list(complaints.read_complaints(session, site_id, period)),
        disputes=disputes.read_disputes(session, site_id, period),
        suspensions=complaints.count_suspensions(session, site_id, period),
    )


def _policy_at_end(session: Session, site_id: int, period: ReportPeriod) -> SitePolicy:
    """Return the policy that applied when a period ended, or the first one after."""
    of_site = sa.select(SitePolicy).where(SitePolicy.site_id == site_id).limit(1)
    found = session.scalar(
        of_site.where(SitePolicy.created_at < period.end).order_by(SitePolicy.id.desc())
    )
    return found or session.scalars(of_site.order_by(SitePolicy.id)).one()


def _versions(session: Session, site_id: int, period: ReportPeriod) -> Sequence[str]:
    """Return the models whose scores automatic decisions rested on."""
    versions = session.scalars(
        sa.select(Decision.model_version)
        .distinct()
        .where(
            Decision.site_id == site_id,
            Decision.created_at >= period.start,
            Decision.created_at < period.end,
            Decision.source.in_(sorted(source.value for source in UNATTENDED)),
            Decision.model_version.is_not(None),
        )
    )
    return sorted(version for version in versions if version is not None)


def find_site_name(session: Session, site_id: int) -> str:
    """Return the name of a site."""
    return session.get_one(Site, site_id).name
