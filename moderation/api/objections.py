"""Readers' reports and authors' appeals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.comments import comment_number
from moderation.api.objection_bodies import (
    AppealAnswer,
    AppealOut,
    NewAppeal,
    NewReaderReport,
    ReaderReportOut,
    ReaderReportsOut,
    StandingOut,
    dump_appeal,
    dump_author_status,
    dump_report,
)
from moderation.comments import lookup
from moderation.database import db, start_writing
from moderation.objections import appeals, reports
from moderation.sites.keys import KeyScope
from moderation.sites.sites import SiteContext
from moderation.web import cors
from moderation.web.auth import (
    current_person,
    current_site,
    needs_site,
    needs_staff,
)
from moderation.web.limits import allow
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint(
    "objections",
    __name__,
    url_prefix="/api/v1/comments",
    description="Readers' reports and authors' appeals",
)

report_out = ReaderReportOut()


@bp.route("/<comment_id>/reports", methods=["POST"])
@needs_site(KeyScope.REPORT)
@bp.arguments(NewReaderReport)
@bp.response(201, report_out, description="Recorded")
@bp.alt_response(200, schema=report_out, description="Was here before")
@answers(400, 404, 413, 415, 422, 429)
def report_comment(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Report a comment for a reader.

    The same reader, reason and text again is one report. When the reports of a
    published comment weigh enough, it is held again, and hidden. A
    browser key may be used: `reporter` is then ignored, and the reader is known
    by network address.
    """
    site, session = current_site(), db.session()
    settings = services().settings
    number = comment_number(comment_id)
    privacy = services().privacy
    readers = privacy.list_readers(_reporter(site, fields.pop("reporter")), site.id)
    allow(settings.report_limit, "reports", str(site.id))
    allow(settings.reporter_limit, "reporter", readers[0])
    start_writing(session)
    filed = reports.file(
        session, site, number, readers=readers, now=datetime.now(UTC), **fields
    )
    session.commit()
    return dump_report(filed), 200 if filed.is_repeat else 201


@bp.route("/<comment_id>/reports", methods=["GET"])
@needs_staff
@bp.response(200, ReaderReportsOut)
@answers(404)
def list_reports(comment_id: str) -> ResponseReturnValue:
    """List readers' reports of a comment, the newest first."""
    session, site_ids = db.session(), current_person().site_ids(Role.MODERATOR)
    comment = lookup.find(session, site_ids, comment_number(comment_id))
    return {
        "summary": reports.summarise(session, [comment]).get(comment.id),
        "reports": reports.list_of(session, comment),
    }


@bp.route("/<comment_id>/appeal", methods=["POST"])
@needs_site(KeyScope.SUBMIT)
@bp.arguments(NewAppeal)
@bp.response(201, StandingOut)
@answers(400, 404, 409, 413, 415, 422)
def create_appeal(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """File an appeal against a rejection, for the comment's author.

    There is one for each text. The comment goes back to the queue, to a moderator who
    did not reject it.
    """
    number, session = comment_number(comment_id), db.session()
    start_writing(session)
    comment = lookup.find(session, [current_site().id], number, for_update=True)
    appeals.appeal(session, comment, fields["text"], datetime.now(UTC))
    session.commit()
    return _standing(number)


@bp.route("/<comment_id>/appeal", methods=["GET"])
@needs_site(KeyScope.SUBMIT)
@bp.response(200, StandingOut)
@answers(404)
def read_appeal(comment_id: str) -> ResponseReturnValue:
    """Get the comment's state and its appeal, as the author may see them."""
    return _standing(comment_number(comment_id))


@bp.route("/<comment_id>/appeal/answer", methods=["POST"])
@needs_staff
@bp.arguments(AppealAnswer)
@bp.response(201, AppealOut)
@answers(400, 404, 409, 413, 415, 422)
def answer_appeal(fields: dict[str, Any], comment_id: str) -> ResponseReturnValue:
    """Add reasons for the author to your decision of an appeal.

    Once, by who decided it; a comment that stays rejected can be granted in part.
    """
    session, number = db.session(), comment_number(comment_id)
    person = current_person()
    start_writing(session)
    site_ids = person.site_ids(Role.MODERATOR)
    comment = lookup.find(session, site_ids, number, for_update=True)
    made = appeals.answer(
        session,
        comment,
        person.id,
        fields["answer"],
        is_partial=fields["is_partial"],
        is_unfounded=fields["is_unfounded"],
    )
    session.commit()
    return dump_appeal(made)


@bp.after_request
def _let_browsers_in(response: Response) -> Response:
    rule = request.url_rule
    if rule is None or not rule.rule.endswith("/reports"):
        return response
    site = None if request.method == "OPTIONS" else g.get("site")
    return cors.let_in(response, site)


def _reporter(site: SiteContext, reporter: str) -> str:
    """Return what distinguishes a reader.

    What a page says of its reader can be made up, so that one person could hide any
    comment by reports of many.
    """
    if site.key is not None and site.key.is_for_browsers:
        return f"address {request.remote_addr}"
    return reporter


def _standing(number: int) -> dict[str, Any]:
    session = db.session()
    comment = lookup.find(session, [current_site().id], number)
    address = services().status_links.address(number)
    return dump_author_status(appeals.tell(session, comment), address)
