"""Settings → Policy: thresholds, sections, hours, trust, and a site's house rules."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from classifiers.evaluation.threshold_targets import ONE_IN, RIGHT
from classifiers.text.labels import LABELS
from moderation.accounts.staff import Role
from moderation.console.blueprint import bp, shown_to
from moderation.console.places import find_place
from moderation.console.settings import settings_page
from moderation.policy.brakes import BrakeKind
from moderation.policy.opening_hours import Outside, Weekday
from moderation.policy.personal_data import PersonalDataAction
from moderation.policy.thresholds import Moderation
from moderation.web.services import services

DAYS = (7, 28, 90)  # that a what-if may look back
CLOSE_AFTER = (1, 3, 7, 14, 30, 90, 365)  # days, offered beside what is in use


@bp.get("/settings/policy")
@shown_to(Role.ADMIN)
def read_policy_settings() -> ResponseReturnValue:
    """Show a site's policy, to be edited, tried on the last days, and applied."""
    return settings_page(
        "policy",
        find_place(),
        labels=LABELS,
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
