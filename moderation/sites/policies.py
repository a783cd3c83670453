"""The policies of sites: the current one, and the earlier ones."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import SELF_HARM
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import StalePolicy
from moderation.policy.brakes import BrakePolicy
from moderation.policy.care import CarePolicy
from moderation.policy.opening_hours import OpeningHours
from moderation.policy.personal_data import PersonalDataPolicy
from moderation.policy.standings import EarnedTrust
from moderation.policy.thresholds import REPORT_THRESHOLD, Moderation, Policy, Threshold
from moderation.tables.sites import Site, SitePolicy

LISTED_POLICIES = 30  # the newest ones


def create_policy(
    session: Session,
    site_id: int,
    body: Mapping[str, Any],
    *,
    staff_id: int | None,
    now: datetime,
    replaced_id: int | None = None,
) -> SitePolicy:
    """Create a policy and make it current; earlier ones are kept.

    Parameters
    ----------
    replaced_id
        The policy that it was made from; None: the current one.

    Raises
    ------
    StalePolicy
        If another one is current by now.
    """
    former_id = session.scalar(
        sa.select(Site.policy_id).where(Site.id == site_id).with_for_update()
    )
    if replaced_id is not None and replaced_id != former_id:
        raise StalePolicy
    policy = SitePolicy(
        site_id=site_id, body=dict(body), created_at=now, staff_id=staff_id
    )
    session.add(policy)
    session.flush()
    session.execute(
        sa.update(Site).where(Site.id == site_id).values(policy_id=policy.id)
    )
    record(
        session,
        AuditAction.POLICY_CHANGED,
        target=(TargetKind.POLICY, policy.id),
        site_id=site_id,
        changed=_changed(session, former_id, policy),
        former=former_id,
    )
    return policy


def _changed(session: Session, former_id: int | None, policy: SitePolicy) -> list[str]:
    """Return the names of the fields that a policy changes."""
    former = {} if former_id is None else session.get_one(SitePolicy, former_id).body
    names = {*former, *policy.body}
    return sorted(name for name in names if former.get(name) != policy.body.get(name))


def list_policies(session: Session, site_id: int) -> Sequence[SitePolicy]:
    """Return a site's newest policies, the current one first."""
    return session.scalars(
        sa.select(SitePolicy)
        .where(SitePolicy.site_id == site_id)
        .order_by(SitePolicy.id.desc())
        .limit(LISTED_POLICIES)
    ).all()


def load_policy(session: Session, site_id: int) -> Policy:
    """Return a site's current policy."""
    return read_policy(_load_body(session, site_id))


def read_policy(body: Mapping[str, Any]) -> Policy:
    """Return a policy from its stored JSON."""
    return Policy(
        thresholds={
            label: Threshold(review_at=cut["review_at"], reject_at=cut["reject_at"])
            for label, cut in body["thresholds"].items()
        },
        default=Moderation(body["default"]),
        sections={name: Moderation(value) for name, value in body["sections"].items()},
        trusted_authors=frozenset(body["trusted_authors"]),
        earned_trust=_read_trust(body.get("earned_trust")),
        report_threshold=body.get("report_threshold", REPORT_THRESHOLD),
        second_look_share=body.get("second_look_share", 0.0),
        audit_share=body.get("audit_share", 0.0),
        brakes=BrakePolicy.read(body.get("brakes")),
        opening_hours=OpeningHours.read(body.get("opening_hours")),
        personal_data=PersonalDataPolicy.read(body.get("personal_data")),
        close_after_days=body.get("close_after_days"),
        section_close_after_days=body.get("section_close_after_days", {}),
        care=CarePolicy.read(body.get("care")),
        languages=frozenset(body.get("languages", [])),
    )


@functools.lru_cache(maxsize=256)  # sites that comments come for at the same time
def read_policy_text(text: str) -> Policy:
    """Return a policy from the text of its stored JSON; the same text is read once."""
    return read_policy(json.loads(text))


def load_house_rules(session: Session, site_id: int) -> dict[str, str]:
    """Return a site's house rules for authors: language code to text."""
    return dict(_load_body(session, site_id).get("house_rules", {}))


def _load_body(session: Session, site_id: int) -> dict[str, Any]:
    body: dict[str, Any] = session.scalars(
        sa.select(SitePolicy.body)
        .join(Site, Site.policy_id == SitePolicy.id)
        .where(Site.id == site_id)
    ).one()
    return body


def _read_trust(wanted: Mapping[str, Any] | None) -> EarnedTrust | None:
    if wanted is None:
        return None
    return EarnedTrust(approved=wanted["approved"], days=wanted["days"])


def default_policy(
    thresholds: Mapping[str, Mapping[str, float | None]],
    default: Moderation = Moderation.POST,
) -> dict[str, Any]:
    """Return the JSON of a policy with a model's proposed thresholds.

    Without any (there is no model) a person looks at everything first. Self-harm gets
    no reject threshold, even if a model proposes one.
    """
    if not thresholds:
        default = Moderation.PRE
    return {
        "thresholds": {
            label: {
                "review_at": cut["review_at"],
                "reject_at": None if label == SELF_HARM else cut.get("reject_at"),
            }
            for label, cut in thresholds.items()
        },
        "default": default.value,
        "sections": {},
        "trusted_authors": [],
        "report_threshold": REPORT_THRESHOLD,
    }
