"""Authors: their records, standing, and notes about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts import second_factor
from moderation.accounts.staff import Role
from moderation.api.author_bodies import (
    AuthorListQuery,
    AuthorLookup,
    AuthorOut,
    AuthorPage,
    FoundAuthors,
    NewAuthorNote,
    NewStanding,
    StandingChanged,
    dump_current,
    dump_listed,
    dump_profile,
)
from moderation.api.author_timeline_bodies import (
    TimelinePage,
    TimelineQuery,
    dump_entry,
)
from moderation.api.bulk import dump_batches, grace
from moderation.api.note_bodies import NoteOut, dump_note
from moderation.api.reveal_bodies import NewEmailReveal, RevealedEmails
from moderation.api.reveals import confirm_reveal, may_reveal
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.authors import addresses, listing, profiles, standings, timeline
from moderation.authors.listing import AuthorFilter, AuthorOrder, AuthorPosition
from moderation.authors.standings import StandingDraft
from moderation.authors.timeline import TimelineKind, TimelinePosition
from moderation.database import db, start_writing
from moderation.review import author_standings
from moderation.review.author_standings import StandingJudge
from moderation.review.blindness import blind_comments
from moderation.tables.authors import Author
from moderation.tables.review import DecisionBatch
from moderation.web.auth import (
    asked_sites,
    current_moderator,
    current_person,
    needs_staff,
    refuse_personal_token,
    site_for,
)
from moderation.web.cursors import read_cursor, refused_cursor, write_cursor
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

# The pages of authors are the blueprint `authors`.
bp = StrictBlueprint(
    "author_records", __name__, url_prefix="/api/v1/authors", description="For staff"
)

AUTHOR = "/<int(max=2147483647):author_id>"


@bp.route("", methods=["GET"])
@needs_staff
@bp.arguments(AuthorListQuery, location="query")
@bp.response(200, AuthorPage)
@answers(403, 404, 422)
def list_authors(query: dict[str, Any]) -> ResponseReturnValue:
    """List the authors of your sites, or those with a name or standing.

    Where you are limited to sections, only those who wrote there, with their figures
    there.
    """
    person, session, limit = current_person(), db.session(), query["limit"]
    order, now = query["order"], datetime.now(UTC)
    rows = listing.list_authors(
        session,
        asked_sites(query),
        AuthorFilter(
            name=query.get("name"),
            standing=query.get("standing"),
            found_by=query.get("found_by"),
        ),
        order,
        after=_position(query.get("cursor"), order),
        limit=limit + 1,
        now=now,
    )
    page = rows[:limit]
    shown = listing.disguise(session, page, _as_pending())
    return {
        "authors": [dump_listed(row, person.sites, now) for row in shown],
        "next": _cursor(page[-1].position(order), order) if len(rows) > limit else None,
    }


@bp.route("/lookup", methods=["POST"])
@needs_staff
@bp.arguments(AuthorLookup)
@bp.response(200, FoundAuthors)
@answers(400, 403, 404, 413, 415, 422)
def look_up_author(fields: dict[str, Any]) -> ResponseReturnValue:
    """Find the authors who use an email address or an alias of it.

    The audit log records that you looked, without the address.
    """
    person, session, now = current_person(), db.session(), datetime.now(UTC)
    site_id = site_for(Role.MODERATOR, fields["site"])
    start_writing(session)
    rows = listing.find_by_address(
        session, services().privacy, site_id, fields["email"]
    )
    record(
        session,
        AuditAction.AUTHOR_LOOKED_UP,
        target=(TargetKind.AUTHOR, rows[0].author.id) if rows else None,
        site_id=site_id,
        found=len(rows),
    )
    session.commit()
    shown = listing.disguise(session, rows, _as_pending())
    return {"authors": [dump_listed(row, person.sites, now) for row in shown]}


@bp.route(AUTHOR, methods=["GET"])
@needs_staff
@bp.response(200, AuthorOut)
@answers(404)
def read_author(author_id: int) -> ResponseReturnValue:
    """Get an author's record: figures, names, standing, notes, and similar authors."""
    session, judge = db.session(), standing_judge()
    author = _find(author_id)
    profile = profiles.read_profile(
        session, author, services().privacy, judge.now, _as_pending()
    )
    return {
        **dump_profile(profile, current_person().sites, judge.now),
        "you_may": {
            **vars(author_standings.rights_of(session, author, judge)),
            "reveal_email": may_reveal(author.site_id)
            and addresses.has_address(session, author),
            "reveal_needs_code": second_factor.is_on(session, current_person().id),
        },
    }


@bp.route(f"{AUTHOR}/email-reveal", methods=["POST"])
@needs_staff
@bp.arguments(NewEmailReveal)
@bp.response(200, RevealedEmails)
@answers(400, 403, 404, 413, 415, 422, 429, 503)
def reveal_author_email(fields: dict[str, Any], author_id: int) -> ResponseReturnValue:
    """Reveal the email addresses that an author has used.

    For leads and admins of the whole site, and only with a log-in: a personal API token
    isn't enough. The audit log records it with your reason.
    """
    refuse_personal_token()
    author, session = _find(author_id), db.session()
    confirm_reveal(author.site_id, fields["code"])
    emails = addresses.reveal(
        session, author, services().privacy, reason=fields["reason"]
    )
    session.commit()
    return {"emails": emails}


@bp.route(f"{AUTHOR}/timeline", methods=["GET"])
@needs_staff
@bp.arguments(TimelineQuery, location="query")
@bp.response(200, TimelinePage)
@answers(404, 422)
def list_author_timeline(query: dict[str, Any], author_id: int) -> ResponseReturnValue:
    """List an author's timeline, newest first.

    Comments, decisions, reports, appeals, standings, and notes.
    """
    hidden, limit = _as_pending(), query["limit"]
    rows = timeline.list_entries(
        db.session(),
        _find(author_id),
        after=_moment(query.get("cursor")),
        limit=limit + 1,
        kinds=[query["kind"]] if "kind" in query else list(TimelineKind),
        as_pending=hidden,
    )
    page = rows[:limit]
    return {
        "entries": [dump_entry(row, row.comment_id in hidden) for row in page],
        "next": _timeline_cursor(page[-1].position) if len(rows) > limit else None,
    }


@bp.route(f"{AUTHOR}/notes", methods=["POST"])
@needs_staff
@bp.arguments(NewAuthorNote)
@bp.response(201, NoteOut)
@answers(400, 404, 409, 413, 415, 422)
def create_author_note(fields: dict[str, Any], author_id: int) -> ResponseReturnValue:
    """Add a note about an author for your colleagues."""
    person, session = current_person(), db.session()
    start_writing(session)
    note = profiles.add_note(
        session,
        _find(author_id),
        staff_id=person.id,
        text=fields["text"],
        now=datetime.now(UTC),
    )
    session.commit()
    return dump_note(note, person.login)


@bp.route(f"{AUTHOR}/standing", methods=["PUT"])
@needs_staff
@bp.arguments(NewStanding)
@bp.response(200, StandingChanged)
@answers(400, 404, 409, 413, 415, 422)
def replace_standing(fields: dict[str, Any], author_id: int) -> ResponseReturnValue:
    """Trust, pre-moderate, suspend, or ban an author.

    Moderators trust, pre-moderate, and suspend for some days; leads may do everything.
    It applies to the author's future comments and edits; `also_reject` rejects what is
    pending or published.
    """
    session, judge = db.session(), standing_judge()
    start_writing(session)
    also_reject = fields.pop("also_reject")
    change = author_standings.give(
        session, author_id, StandingDraft(**fields), judge, also_reject
    )
    session.commit()
    return _standing_of(author_id, judge, change.batch_id)


@bp.route(f"{AUTHOR}/standing", methods=["DELETE"])
@needs_staff
@bp.response(200, StandingChanged)
@answers(404)
def lift_standing(author_id: int) -> ResponseReturnValue:
    """Lift an author's standing. Does nothing if there is none."""
    session, judge = db.session(), standing_judge()
    start_writing(session)
    author_standings.lift(session, author_id, judge)
    session.commit()
    return _standing_of(author_id, judge)


@bp.route(f"{AUTHOR}/standing/undo", methods=["POST"])
@needs_staff
@bp.response(200, StandingChanged)
@answers(404, 409)
def undo_standing(author_id: int) -> ResponseReturnValue:
    """Undo the newest change of an author's standing: the one before applies again.

    The bulk decision that went with it is undone as well, while it can be.
    """
    session, judge = db.session(), standing_judge()
    start_writing(session)
    change = author_standings.undo(session, author_id, judge)
    session.commit()
    return _standing_of(author_id, judge, change.batch_id)


def _find(author_id: int) -> Author:
    sites = current_person().site_ids(Role.MODERATOR)
    return standings.find(db.session(), sites, author_id)


def standing_judge() -> StandingJudge:
    return StandingJudge(
        moderator=current_moderator(),
        longest_suspension=timedelta(days=services().settings.suspension_days),
        batch_grace=grace(),
        now=datetime.now(UTC),
    )


def _as_pending() -> list[int]:
    return blind_comments(db.session(), staff_id=current_person().id)


def _standing_of(
    author_id: int, judge: StandingJudge, batch_id: int | None = None
) -> dict[str, Any]:
    session = db.session()
    current = standings.current_of(session, _find(author_id), judge.now)
    batch = session.get(DecisionBatch, batch_id) if batch_id else None
    return {
        "current": dump_current(current),
        "batch": dump_batches([batch])[0] if batch else None,
    }


def _cursor(position: AuthorPosition, order: AuthorOrder) -> str:
    value = position.value
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return write_cursor([order.value, text, str(position.author_id)])


def _position(cursor: str | None, order: AuthorOrder) -> AuthorPosition | None:
    if cursor is None:
        return None
    name, text, author_id = read_cursor(cursor, 3)
    if name != order.value:
        raise refused_cursor()
    is_time = order is AuthorOrder.LAST_SEEN
    value = _read_moment(text) if is_time else _read_id(text)
    return AuthorPosition(value=value, author_id=_read_id(author_id))


def _timeline_cursor(position: TimelinePosition) -> str:
    parts = [position.at.isoformat(), position.kind.value, str(position.id)]
    return write_cursor(parts)


def _moment(cursor: str | None) -> TimelinePosition | None:
    if cursor is None:
        return None
    at, kind, number = read_cursor(cursor, 3)
    if kind not in list(TimelineKind):
        raise refused_cursor()
    return TimelinePosition(
        at=_read_moment(at), kind=TimelineKind(kind), id=_read_id(number)
    )


def _read_moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise refused_cursor() from None
    if moment.tzinfo != UTC:
        raise refused_cursor()
    return moment


def _read_id(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        raise refused_cursor()
    if int(text) >= 1 << 63:
        raise refused_cursor()
    return int(text)
