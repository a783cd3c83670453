"""The thread around a comment, for staff."""

from __future__ import annotations

from datetime import UTC, datetime

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.comments import comment_number
from moderation.api.thread_bodies import ThreadOut, dump_thread
from moderation.database import db
from moderation.desk.threads import load_thread
from moderation.web.auth import current_person, needs_staff
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint("threads", __name__, url_prefix="/api/v1", description="For staff")


@bp.route("/comments/<comment_id>/thread", methods=["GET"])
@needs_staff
@bp.response(200, ThreadOut)
@answers(404)
def read_thread(comment_id: str) -> ResponseReturnValue:
    """Get the whole thread around a comment, with comments of any status."""
    person, now = current_person(), datetime.now(UTC)
    thread = load_thread(
        db.session(),
        comment_number(comment_id),
        person.site_ids(Role.MODERATOR),
        staff_id=person.id,
        now=now,
    )
    return {**dump_thread(thread, person.sites), "as_of": now}
