"""Drift alerts: scores, languages, or agreement have changed. For admins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.api.drift_alert_bodies import AlarmList, AlarmOut
from moderation.comments import lookup
from moderation.database import db, start_writing
from moderation.monitoring import drift, drift_alerts
from moderation.tables.monitoring import Alarm
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint("alarms", __name__, url_prefix="/api/v1", description="For admins")

#: What the details of an alert of another kind hold.
NOTHING_SAID: dict[str, Any] = {
    **dict.fromkeys(("chance", "shift", "before", "after")),
    **dict.fromkeys(("brake", "campaign", "count", "minutes")),
    "examples": [],
}


@bp.route("/sites/<site>/alarms", methods=["GET"])
@needs_staff
@bp.response(200, AlarmList)
@answers(404)
def list_drift_alerts(site: str) -> ResponseReturnValue:
    """List drift alerts and brake alerts of a site, newest first.

    A worker looks once a day: the last week is set against the four weeks before.
    """
    alerts = drift_alerts.list_alerts(db.session(), site_for(Role.ADMIN, site))
    return {
        "alarms": [_shown(alert) for alert in alerts],
        "false_alarms_a_day": drift.FALSE_ALARMS,
    }


@bp.route("/alarms/<int(max=2147483647):alarm_id>/seen", methods=["POST"])
@needs_staff
@bp.response(200, AlarmOut)
@answers(404)
def mark_drift_alert_seen(alarm_id: int) -> ResponseReturnValue:
    """Mark an alert as seen."""
    session, person = db.session(), current_person()
    start_writing(session)
    alert = drift_alerts.mark_seen(
        session,
        alarm_id,
        person.site_ids(Role.ADMIN),
        staff_id=person.id,
        now=datetime.now(UTC),
    )
    session.commit()
    return _shown(alert)


def _shown(alarm: Alarm) -> dict[str, Any]:
    asked = alarm.details.get("examples", [])
    texts = lookup.texts_of(
        db.session(), alarm.site_id, [identifiers.decode(each) for each in asked]
    )
    return {
        "id": alarm.id,
        "kind": drift_alerts.AlertKind(alarm.kind),
        "subject": alarm.subject,
        "created_at": alarm.created_at,
        "seen_at": alarm.seen_at,
        "details": {**NOTHING_SAID, **alarm.details},
        "examples": [
            {"comment": identifiers.encode(number), "text": text}
            for number, text in sorted(texts.items(), reverse=True)
        ],
    }
