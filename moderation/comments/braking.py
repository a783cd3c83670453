"""Hold a comment that comes too fast, and alert staff when that begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from moderation.campaigns import arrivals, brakes
from moderation.campaigns.arrivals import Origin, Subjects
from moderation.comments.automatic import Judgement
from moderation.policy.brakes import SHARED, BrakeHold, BrakeKind
from moderation.policy.outcomes import can_be_braked, hold_for_brakes
from moderation.policy.verdicts import Verdict
from moderation.sites.sites import SiteContext
from moderation.tables.campaigns import Brake
from moderation.tables.comments import Comment
from moderation.tables.monitoring import Alarm
from moderation.webhooks import outbox

ALERT_KIND = "brake"  # of the alarm, next to those of drift


def apply_brakes(
    session: Session,
    site: SiteContext,
    comment: Comment,
    origin: Origin,
    judgement: Judgement,
    now: datetime,
) -> Judgement:
    """Count a comment that is about to be stored; hold it if too many have come.

    Its campaign, if it has one, is locked, so that of many at once each counts all
    before it. What reaches no one counts for its author and its text alone: a wave that
    is held doesn't keep the other readers of its article from writing. An edited one
    counts for its text.
    """
    if judgement.is_spared:
        return judgement
    subjects = origin.subjects_at(site.id)
    if comment.campaign_id is not None:
        kind = BrakeKind.NEAR_DUPLICATES
        subjects[kind] = arrivals.subject_of(site.id, kind, comment.campaign_id)
    outcome = judgement.outcome
    may_brake = {
        kind: subject
        for kind, subject in subjects.items()
        if can_be_braked(outcome, kind)
    }
    holding: dict[BrakeKind, Brake] = {}
    if may_brake:
        holding = _brakes_on(session, site, comment, may_brake, judgement, now)
        held = hold_for_brakes(outcome, brakes.count_held(holding.values()))
        judgement = replace(judgement, outcome=held)
    is_narrow = any(kind not in SHARED for kind in holding)
    is_hidden = is_narrow or outcome.verdict is Verdict.REJECT
    left_out = SHARED if is_hidden else frozenset[BrakeKind]()
    if origin.is_edit:
        left_out = frozenset(BrakeKind) - {BrakeKind.NEAR_DUPLICATES}
    counted = {kind: each for kind, each in subjects.items() if kind not in left_out}
    arrivals.record(session, comment.id, counted, now)
    return judgement


def brake_late(
    session: Session,
    site: SiteContext,
    comment: Comment,
    origin: Origin,
    judgement: Judgement,
    earlier: Sequence[BrakeHold],
) -> Judgement:
    """Hold a stored comment if too many had come when it did; it is counted already.

    Parameters
    ----------
    earlier
        The brakes that have held it since then.
    """
    outcome = judgement.outcome
    if judgement.is_spared:
        return judgement
    if earlier:
        kept = [hold for hold in earlier if can_be_braked(outcome, hold.kind)]
        return replace(judgement, outcome=hold_for_brakes(outcome, kept))
    subjects = origin.subjects_at(site.id)
    if comment.campaign_id is not None:
        kind = BrakeKind.NEAR_DUPLICATES
        subjects[kind] = arrivals.subject_of(site.id, kind, comment.campaign_id)
    rest = arrivals.find_subjects(session, comment.id, origin.at) - {*subjects.values()}
    if len(rest) == 1 and not origin.is_edit:  # its network, which isn't stored else
        (subjects[BrakeKind.NETWORK],) = rest
    may_brake = {
        kind: subject
        for kind, subject in subjects.items()
        if can_be_braked(outcome, kind)
    }
    if not may_brake:
        return judgement
    holding = _brakes_on(
        session, site, comment, may_brake, judgement, origin.at, origin.until
    )
    held = hold_for_brakes(outcome, brakes.count_held(holding.values()))
    return replace(judgement, outcome=held)


def _brakes_on(
    session: Session,
    site: SiteContext,
    comment: Comment,
    subjects: Subjects,
    judgement: Judgement,
    now: datetime,
    until: datetime = arrivals.NO_END,
) -> dict[BrakeKind, Brake]:
    """Return the brakes that hold a comment; one is put on where a limit is passed.

    Only for what would be published: nothing else does harm by its number.
    """
    policy = site.policy.brakes
    sighting = brakes.look(session, subjects, policy, now, until)
    holding = dict(sighting.holding)
    if holding or judgement.outcome.verdict is not Verdict.APPROVE:
        return holding
    for kind in sighting.exceeded:
        brake = brakes.start(session, comment, kind, subjects[kind], policy, now)
        if brake is not None:
            _raise_alarm(session, brake, now)
            return {kind: brake}
    return {}


def _raise_alarm(session: Session, brake: Brake, now: datetime) -> None:
    details: Mapping[str, int | None] = {
        "brake": brake.id,
        "campaign": brake.campaign_id,
        "count": brake.count,
        "minutes": brake.minutes,
    }
    alarm = Alarm(
        site_id=brake.site_id,
        kind=ALERT_KIND,
        subject=brake.kind,
        details=dict(details),
        created_at=now,
    )
    session.add(alarm)
    session.flush()
    outbox.record_alerts(session, [alarm])
