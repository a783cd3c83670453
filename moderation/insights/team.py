"""Team statistics: claims, decisions, and agreement. For leads."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import ROLE_ORDER, Role
from moderation.insights.agreement import (
    AuditFigures,
    PairAgreement,
    TeamAgreement,
    count_agreements,
    count_audits,
    list_pairs,
    measure_agreement,
)
from moderation.insights.claimed_comments import ClaimedComments, list_claimed
from moderation.insights.decision_figures import DecisionFigures, count_decisions
from moderation.policy.verdicts import Verdict
from moderation.tables.accounts import Membership, Staff


@dataclass(frozen=True, kw_only=True)
class TeamMember:
    """A moderator's figures."""

    login: str
    role: Role | None  #: None: has left, but decided in these days
    held: ClaimedComments | None
    figures: DecisionFigures
    alike: PairAgreement


@dataclass(frozen=True, kw_only=True)
class TeamReport:
    """The figures of a team."""

    members: list[TeamMember]  #: by login
    figures: DecisionFigures  #: of all of them
    agreement: TeamAgreement
    approvals: AuditFigures  #: automatic ones
    rejections: AuditFigures  #: the same


def build_report(
    session: Session, site_id: int, *, since: datetime, now: datetime
) -> TeamReport:
    """Return the figures of a site's team since a time."""
    people = _people(session, site_id)
    figures, overall = count_decisions(session, site_id, since)
    held = list_claimed(session, site_id, now)
    pairs = list_pairs(session, site_id, since)
    alike = count_agreements(pairs)
    gone = (figures.keys() | alike.keys()) - people.keys()
    people |= _by_id(session, gone)
    return TeamReport(
        members=[
            TeamMember(
                login=login,
                role=role,
                held=held.get(staff_id),
                figures=figures.get(staff_id, DecisionFigures()),
                alike=alike.get(staff_id, PairAgreement(looks=0, agreed=0)),
            )
            for staff_id, (login, role) in sorted(
                people.items(), key=lambda item: item[1][0]
            )
        ],
        figures=overall,
        agreement=measure_agreement(session, site_id, since, pairs),
        approvals=count_audits(session, site_id, since, Verdict.APPROVE),
        rejections=count_audits(session, site_id, since, Verdict.REJECT),
    )


def _people(session: Session, site_id: int) -> dict[int, tuple[str, Role | None]]:
    rows = session.execute(
        sa.select(Staff.id, Staff.login, Membership.role)
        .join(Membership, Membership.staff_id == Staff.id)
        .where(Membership.site_id == site_id, Staff.disabled_at.is_(None))
    )
    logins, roles = {}, defaultdict(list)
    for staff_id, login, role in rows:  # one for the whole site, and by section
        logins[staff_id] = login
        roles[staff_id].append(Role(role))
    return {
        staff_id: (login, max(roles[staff_id], key=ROLE_ORDER.index))
        for staff_id, login in logins.items()
    }


def _by_id(session: Session, staff_ids: set[int]) -> dict[int, tuple[str, Role | None]]:
    rows = session.execute(
        sa.select(Staff.id, Staff.login).where(Staff.id.in_(staff_ids))
    )
    return {staff_id: (login, None) for staff_id, login in rows}
