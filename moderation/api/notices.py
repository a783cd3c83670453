"""Notices of illegal content: sent by sites, decided by staff."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.comments import comment_number
from moderation.api.flagger_bodies import (
    FlaggerChange,
    FlaggerOut,
    FlaggersOut,
    NewFlagger,
)
from moderation.api.legal_bodies import read_basis
from moderation.api.notice_bodies import (
    PAGE_LENGTH,
    ComplaintDecision,
    NewComplaint,
    NewNotice,
    NoticeDecision,
    NoticeEvidenceOut,
    NoticeListQuery,
    NoticeOut,
    NoticePage,
    PassedOn,
    StaffNotice,
)
from moderation.api.notice_json import dump_evidence, dump_for_staff, dump_notice
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.database import db, start_writing
from moderation.errors import Forbidden, InvalidFields
from moderation.objections import complaints, flaggers, notices
from moderation.objections.notices import NoticeChannel, NoticeDraft, NotifierKind
from moderation.policy.duties import Duty
from moderation.review import notices as deciding
from moderation.review.notices import ItemVerdict, NoticeVerdict
from moderation.sites.keys import KeyScope
from moderation.sites.legal_settings import read_legal_settings, refuse_unless_on
from moderation.tables.legal import Notice, TrustedFlagger
from moderation.web.auth import (
    current_person,
    current_site,
    needs_site,
    needs_staff,
    site_for,
)
from moderation.web.limits import allow
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint(
    "notices_api", __name__, url_prefix="/api/v1", description="For sites and staff"
)


@bp.route("/notices", methods=["POST"])
@needs_site(KeyScope.REPORT)
@bp.arguments(NewNotice)
@bp.response(201, NoticeOut)
@answers(400, 404, 413, 415, 422, 429)
def create_notice(fields: dict[str, Any]) -> ResponseReturnValue:
    """File a notice that comments are illegal.

    The answer is the receipt: give its sender the reference and the status link. Who
    sends one is needed, but for offenses against children. 404: the site has not
    switched notices on.
    """
    site, session = current_site(), db.session()
    refuse_unless_on(session, site.id, Duty.NOTICES)
    allow(services().settings.report_limit, "reports", str(site.id))
    start_writing(session)
    notice = notices.file(
        session,
        site.id,
        read_draft(site.id, fields),
        services().privacy,
        services().notice_links.address,
        datetime.now(UTC),
    )
    session.commit()
    return _standing(notice)


@bp.route("/notices/<notice>", methods=["GET"])
@needs_site(KeyScope.MANAGE)
@bp.response(200, NoticeOut)
@answers(404)
def read_notice(notice: str) -> ResponseReturnValue:
    """Get a notice as its sender sees it."""
    return _standing(notices.find(db.session(), [current_site().id], _number(notice)))


@bp.route("/notices/<notice>/complaint", methods=["POST"])
@needs_site(KeyScope.MANAGE)
@bp.arguments(NewComplaint)
@bp.response(201, NoticeOut)
@answers(400, 404, 409, 413, 415, 422)
def create_complaint(fields: dict[str, Any], notice: str) -> ResponseReturnValue:
    """File a complaint about a notice's decision, for its sender.

    Within six months, once. Another person decides.
    """
    site, session = current_site(), db.session()
    start_writing(session)
    row = notices.find(session, [site.id], _number(notice), for_update=True)
    complaints.file(session, row, fields["text"], datetime.now(UTC))
    session.commit()
    return _standing(row)


@bp.route("/sites/<site>/notices", methods=["GET"])
@needs_staff
@bp.arguments(NoticeListQuery, location="query")
@bp.response(200, NoticePage)
@answers(404, 422)
def list_notices(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """List a site's notices, the most urgent first: threats, trusted flaggers, due.

    Needs a role in the whole site.
    """
    site_id, session = _whole_site(site), db.session()
    now, queue = datetime.now(UTC), query["queue"]
    rows = notices.list_queue(
        session, site_id, queue, now, limit=PAGE_LENGTH + 1, offset=query["offset"]
    )
    counts = notices.count_queues(session, site_id, now)
    person = current_person()
    return {
        "notices": dump_for_staff(session, rows[:PAGE_LENGTH], person.id, now),
        "counts": counts.by_queue,
        "overdue": counts.overdue,
        "has_more": len(rows) > PAGE_LENGTH,
    }


@bp.route("/notices/<notice>/decision", methods=["POST"])
@needs_staff
@bp.arguments(NoticeDecision)
@bp.response(201, StaffNotice)
@answers(400, 404, 409, 413, 415, 422)
def decide_notice(fields: dict[str, Any], notice: str) -> ResponseReturnValue:
    """Decide each comment of a notice, and answer its sender.

    A comment that is rejected gets its statement of reasons.
    """
    session, now = db.session(), datetime.now(UTC)
    site_ids = _whole_site_ids()
    start_writing(session)
    number = _number(notice)
    row = notices.find(session, site_ids, number, for_update=True)
    deciding.decide(
        session,
        site_ids,
        number,
        _verdict(row, fields),
        services().notice_links.address,
        now,
    )
    session.commit()
    return _for_staff(row, now)


@bp.route("/notices/<notice>/complaint/decision", methods=["POST"])
@needs_staff
@bp.arguments(ComplaintDecision)
@bp.response(201, StaffNotice)
@answers(400, 404, 409, 413, 415, 422)
def decide_complaint(fields: dict[str, Any], notice: str) -> ResponseReturnValue:
    """Decide a complaint about a notice that another person decided."""
    session, now = db.session(), datetime.now(UTC)
    site_ids = _whole_site_ids()
    start_writing(session)
    number = _number(notice)
    row = notices.find(session, site_ids, number, for_update=True)
    deciding.decide_complaint(
        session,
        site_ids,
        number,
        _verdict(row, fields),
        fields["outcome"],
        services().notice_links.address,
        now,
    )
    session.commit()
    return _for_staff(row, now)


@bp.route("/notices/<notice>/passed-on", methods=["PUT"])
@needs_staff
@bp.arguments(PassedOn)
@bp.response(200, StaffNotice)
@answers(400, 404, 413, 415, 422)
def pass_on_notice(fields: dict[str, Any], notice: str) -> ResponseReturnValue:
    """Record the authority that was notified of a threat to life (DSA Art. 18)."""
    session, now = db.session(), datetime.now(UTC)
    site_ids = _whole_site_ids()
    start_writing(session)
    row = notices.find(session, site_ids, _number(notice), for_update=True)
    row.passed_on_to, row.passed_on_at = fields["to"], now
    _record(AuditAction.NOTICE_PASSED_ON, row)
    session.commit()
    return _for_staff(row, now)


@bp.route("/notices/<notice>/evidence", methods=["POST"])
@needs_staff
@bp.response(200, NoticeEvidenceOut)
@answers(404)
def export_evidence(notice: str) -> ResponseReturnValue:
    """Export the comments of a notice with hashes and times, for an authority.

    The audit log records it.
    """
    session, now = db.session(), datetime.now(UTC)
    site_ids = _whole_site_ids()
    start_writing(session)
    row = notices.find(session, site_ids, _number(notice))
    _record(AuditAction.EVIDENCE_EXPORTED, row)
    session.commit()
    site = current_person().sites[row.site_id]
    return dump_evidence(session, row, site, now)


@bp.route("/sites/<site>/flaggers", methods=["GET"])
@needs_staff
@bp.response(200, FlaggersOut)
@answers(404)
def list_flaggers(site: str) -> ResponseReturnValue:
    """List a site's trusted flaggers."""
    site_id = site_for(Role.ADMIN, site)
    rows = flaggers.list_of_site(db.session(), site_id)
    return {"flaggers": [_flagger(row) for row in rows]}


@bp.route("/sites/<site>/flaggers", methods=["POST"])
@needs_staff
@bp.arguments(NewFlagger)
@bp.response(201, FlaggerOut)
@answers(400, 404, 413, 415, 422)
def create_flagger(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Add a trusted flagger; its token is shown once."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    row, token = flaggers.create(
        session,
        site_id,
        staff_id=current_person().id,
        hash_keys=services().token_key,
        now=datetime.now(UTC),
        **fields,
    )
    session.commit()
    return {**_flagger(row), "token": token}


@bp.route("/sites/<site>/flaggers/<int(max=2147483647):flagger_id>", methods=["PUT"])
@needs_staff
@bp.arguments(FlaggerChange)
@bp.response(200, FlaggerOut)
@answers(400, 404, 413, 415, 422)
def update_flagger(
    fields: dict[str, Any], site: str, flagger_id: int
) -> ResponseReturnValue:
    """Suspend a trusted flagger, or accept its token again."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    row = flaggers.set_suspended(
        session, site_id, flagger_id, datetime.now(UTC), is_on=fields["is_suspended"]
    )
    session.commit()
    return _flagger(row)


def read_draft(
    site_id: int,
    fields: dict[str, Any],
    channel: NoticeChannel = NoticeChannel.API,
) -> NoticeDraft:
    """Return what the fields of a notice say.

    Raises
    ------
    InvalidFields
        If the token is no trusted flagger's of the site.
    """
    token, kind, flagger_id = fields["flagger_token"], fields["kind"], None
    if token:
        session = db.session()
        flagger = flaggers.find_by_token(session, site_id, token, services().token_key)
        if flagger is None:
            raise InvalidFields({"flagger_token": ["No trusted flagger has it."]})
        settings = read_legal_settings(session, site_id)
        kind, flagger_id = NotifierKind.TRUSTED_FLAGGER, flagger.id
        if not settings.is_on(Duty.FLAGGERS):
            flagger_id = None  # it is recorded, and not put first
    return NoticeDraft(
        comment_ids=list(dict.fromkeys(fields["comments"])),
        explanation=fields["explanation"],
        good_faith=fields["good_faith_text"],
        channel=channel,
        name=fields["name"],
        email=fields["email"],
        law=fields["law"],
        category=fields["category"],
        keyword=fields["keyword"],
        is_life=fields["is_life"],
        language=fields["language"],
        kind=kind,
        flagger_id=flagger_id,
    )


def _number(notice: str) -> int:
    return comment_number(notice)


def _whole_site(site: str) -> int:
    """Return a site's id, where the person's role isn't limited to sections.

    Raises
    ------
    NotFound, Forbidden
        As `site_for`, and where it is limited.
    """
    site_id = site_for(Role.MODERATOR, site)
    if site_id not in _whole_site_ids():
        raise Forbidden("Notices need a role in the whole site.")
    return site_id


def _whole_site_ids() -> list[int]:
    return list(current_person().whole_site_ids(Role.MODERATOR))


def _verdict(notice: Notice, fields: dict[str, Any]) -> NoticeVerdict:
    items = [
        ItemVerdict(
            comment_id=item["comment"],
            outcome=item["outcome"],
            reasons=item["reasons"],
            basis=read_basis(
                item["basis"],
                notice_id=notice.id,
                is_flaggers=notice.flagger_id is not None,
            ),
        )
        for item in fields["items"]
    ]
    return NoticeVerdict(
        items=items,
        answer=fields["answer"],
        staff_id=current_person().id,
        is_unfounded=fields["is_unfounded"],
    )


def _standing(notice: Notice) -> dict[str, Any]:
    address = services().notice_links.address(notice.id)
    return dump_notice(db.session(), notice, address)


def _for_staff(notice: Notice, now: datetime) -> dict[str, Any]:
    (shown,) = dump_for_staff(db.session(), [notice], current_person().id, now)
    return shown


def _record(action: AuditAction, notice: Notice) -> None:
    target = (TargetKind.NOTICE, notice.id)
    record(db.session(), action, target=target, site_id=notice.site_id)


def _flagger(row: TrustedFlagger) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "reference": row.reference,
        "created_at": row.created_at,
        "suspended_at": row.suspended_at,
    }
