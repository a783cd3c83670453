"""Settings → Policy: thresholds, sections, hours, trust, and a site's house rules."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from classifiers.evaluation.threshold_targets import ONE_IN, RIGHT
from classifiers.text.labels import LABELS, SELF_HARM
from moderation.accounts.staff import Role
from moderation.console.blueprint import bp, shown_to
from moderation.console.places import find_place
from moderation.console.settings import settings_page
from moderation.database import db
from moderation.policy.brakes import BrakeKind
from moderation.policy.care import SELF_HARM_AT
from moderation.policy.opening_hours import Outside, Weekday
from moderation.policy.personal_data import PersonalDataAction
from moderation.policy.thresholds import THREAT, Moderation
from moderation.sites import sites
from moderation.web.services import services

DAYS = (7, 28, 90)  # that a what-if may look back
CLOSE_AFTER = (1, 3, 7, 14, 30, 90, 365)  # days, offered next to what is in use


@bp.get("/settings/policy")
@shown_to(Role.ADMIN)
def read_policy_settings() -> ResponseReturnValue:
    """Show a site's policy, to be edited, tried on the last days, and applied."""
    place = find_place()
    session = db.session()
    site = sites.find_by_id(session, place.id)
    scorer = site and services().scoring.scorer_of(session, site.model_id)
    return settings_page(
        "policy",
        place,
        decided=sorted(scorer.languages) if scorer else [],
        readable=sorted(scorer.readable) if scorer else [],
        labels=LABELS,
        self_harm=SELF_HARM,
        self_harm_at=SELF_HARM_AT,
        threat=THREAT,
        one_in=ONE_IN,
        right=RIGHT,
        days=DAYS,
        close_after=CLOSE_AFTER,
        modes=Moderation,
        brakes=BrakeKind,
        weekdays=Weekday,
        outside=Outside,
        personal_data=PersonalDataAction,
        double_seconds=services().settings.double_seconds,
    )
