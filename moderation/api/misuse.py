"""Warnings and suspensions of repeat offenders and abusive notifiers. For leads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.authors import standing_judge
from moderation.api.comments import comment_number
from moderation.api.misuse_bodies import (
    MeasureOut,
    MeasuresOut,
    MisuseRecordOut,
    NewMeasure,
    RevealedNotifierOut,
    dump_count,
    dump_measure,
)
from moderation.api.reveal_bodies import NewEmailReveal
from moderation.api.reveals import confirm_reveal
from moderation.authors import standings
from moderation.database import db, start_writing
from moderation.objections import misuse, misuse_counts, notices, notifiers
from moderation.objections.misuse import MeasureDraft
from moderation.objections.misuse_counts import MisuseTarget
from moderation.review import misuse as acting
from moderation.web.auth import (
    current_person,
    needs_staff,
    refuse_personal_token,
    site_for,
)
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint("misuse", __name__, url_prefix="/api/v1", description="For leads")

AUTHOR = "/authors/<int(max=2147483647):author_id>/misuse"
SENDER = "/notices/<notice>/sender"


@bp.route("/sites/<site>/misuse", methods=["GET"])
@needs_staff
@bp.response(200, MeasuresOut)
@answers(404)
def list_measures(site: str) -> ResponseReturnValue:
    """List a site's warnings and suspensions, the newest first."""
    site_id, now = site_for(Role.LEAD, site), datetime.now(UTC)
    rows = misuse.list_of_site(db.session(), site_id)
    return {"measures": [dump_measure(row, now) for row in rows]}


@bp.route(AUTHOR, methods=["GET"])
@needs_staff
@bp.response(200, MisuseRecordOut)
@answers(404)
def read_author_misuse(author_id: int) -> ResponseReturnValue:
    """Count an author's manifest misuse, and list warnings and suspensions."""
    author = standings.find(db.session(), _led(), author_id)
    return _record_of(acting.author_target(author))


@bp.route(AUTHOR, methods=["POST"])
@needs_staff
@bp.arguments(NewMeasure)
@bp.response(201, MeasureOut)
@answers(400, 404, 409, 413, 415, 422)
def act_on_author(fields: dict[str, Any], author_id: int) -> ResponseReturnValue:
    """Warn an author of manifestly illegal comments or unfounded appeals, or suspend.

    409 where nothing manifest is on record, or no warning came before. A suspension
    ends by itself.
    """
    session, judge = db.session(), standing_judge()
    standings.find(session, _led(), author_id)
    start_writing(session)
    measure = acting.act_on_author(session, author_id, MeasureDraft(**fields), judge)
    session.commit()
    return dump_measure(measure, judge.now)


@bp.route(f"{SENDER}/misuse", methods=["GET"])
@needs_staff
@bp.response(200, MisuseRecordOut)
@answers(404, 409)
def read_sender_misuse(notice: str) -> ResponseReturnValue:
    """Count a notifier's manifest misuse, and list warnings and suspensions."""
    row = notices.find(db.session(), _led(), comment_number(notice))
    return _record_of(acting.sender_target(row))


@bp.route(f"{SENDER}/misuse", methods=["POST"])
@needs_staff
@bp.arguments(NewMeasure)
@bp.response(201, MeasureOut)
@answers(400, 404, 409, 413, 415, 422)
def act_on_sender(fields: dict[str, Any], notice: str) -> ResponseReturnValue:
    """Warn a notifier of manifestly unfounded notices, or suspend their processing.

    Until a suspension ends, new notices and complaints of theirs are received, and not
    processed; those about a threat to life or children are.
    """
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    row = notices.find(session, _led(), comment_number(notice), for_update=True)
    measure = misuse.take(
        session,
        acting.sender_target(row),
        MeasureDraft(**fields),
        staff_id=current_person().id,
        now=now,
    )
    session.commit()
    return dump_measure(measure, now)


@bp.route(f"{SENDER}/reveal", methods=["POST"])
@needs_staff
@bp.arguments(NewEmailReveal)
@bp.response(200, RevealedNotifierOut)
@answers(400, 403, 404, 413, 415, 422, 429, 503)
def reveal_sender(fields: dict[str, Any], notice: str) -> ResponseReturnValue:
    """Reveal the name and the email address of a notice's sender.

    For leads and admins of the whole site, and only with a log-in: a personal API token
    isn't enough. The audit log records it with your reason.
    """
    refuse_personal_token()
    session, site_ids = db.session(), current_person().site_ids(Role.MODERATOR)
    row = notices.find(session, list(site_ids), comment_number(notice))
    confirm_reveal(row.site_id, fields["code"])
    found = notifiers.reveal(session, row, services().privacy, reason=fields["reason"])
    session.commit()
    return vars(found)


@bp.route("/misuse/<int(max=2147483647):measure_id>", methods=["DELETE"])
@needs_staff
@bp.response(200, MeasureOut)
@answers(404)
def end_measure(measure_id: int) -> ResponseReturnValue:
    """Lift a suspension before its time."""
    session, judge = db.session(), standing_judge()
    start_writing(session)
    misuse.find(session, _led(), measure_id, for_update=False)
    measure = acting.end(session, measure_id, judge)
    session.commit()
    return dump_measure(measure, judge.now)


def _led() -> list[int]:
    return list(current_person().whole_site_ids(Role.LEAD))


def _record_of(target: MisuseTarget) -> dict[str, Any]:
    session, now = db.session(), datetime.now(UTC)
    first, second = (
        dump_count(misuse_counts.count(session, target, matter, now))
        for matter in misuse_counts.MATTERS[target.subject]
    )
    return {
        "counts": first,
        "complaints": second,
        "measures": [dump_measure(row, now) for row in misuse.list_of(session, target)],
    }
