"""Authors, as staff lists, reads, and restricts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.bulk_bodies import BulkDecisionOut
from moderation.api.comment_bodies import PageQuery
from moderation.api.note_bodies import MOST_NOTE_BYTES, NoteOut, dump_note
from moderation.api.queue_bodies import SiteQuery
from moderation.authors.identity import FoundBy
from moderation.authors.listing import AuthorOrder, ListedAuthor
from moderation.authors.profiles import AuthorProfile
from moderation.authors.standings import CurrentStanding, standing_at
from moderation.policy.standings import STANDING_REASONS, Standing
from moderation.policy.verdicts import Status
from moderation.tables.authors import Author
from moderation.web.fields import CommentText, Line, NormalizedEmail

LATEST = 2200  # year: no time zone carries a moment over the end of the calendar


class AuthorListQuery(SiteQuery, PageQuery):
    """Filters and order of a list of authors."""

    name = Line(
        longest=100,
        metadata={"description": "A part of a name used, in any letter case"},
    )
    standing = ma.fields.Enum(Standing, by_value=True)
    found_by = ma.fields.Enum(FoundBy, by_value=True)
    order = ma.fields.Enum(
        AuthorOrder, by_value=True, load_default=AuthorOrder.LAST_SEEN
    )


class AuthorInShort(ma.Schema):
    """An author at a site, as far as known."""

    id = ma.fields.Integer(required=True)
    site = ma.fields.String(required=True)
    found_by = ma.fields.Enum(
        FoundBy,
        by_value=True,
        required=True,
        metadata={
            "description": "`verified`: the site's own id; `email`: the address and "
            "its aliases; `name`: a name from one IP address"
        },
    )
    name = ma.fields.String(required=True, metadata={"description": "The newest"})
    pending = ma.fields.Integer(required=True)
    approved = ma.fields.Integer(required=True)
    rejected = ma.fields.Integer(required=True)
    first_seen_at = ma.fields.AwareDateTime(format="iso", required=True)
    last_seen_at = ma.fields.AwareDateTime(format="iso", required=True)
    standing = ma.fields.Enum(Standing, by_value=True, required=True, allow_none=True)
    standing_until = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "When it expires; null: it doesn't"},
    )


class AuthorPage(ma.Schema):
    """Authors, in the order asked for."""

    authors = ma.fields.List(ma.fields.Nested(AuthorInShort), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class AuthorLookup(ma.Schema):
    """Whose record is looked for."""

    site = ma.fields.String(required=True, validate=validate.Length(max=63))
    email = NormalizedEmail(
        required=True,
        metadata={"description": "A whole address; it is neither stored nor logged"},
    )


class FoundAuthors(ma.Schema):
    """The authors who use an address."""

    authors = ma.fields.List(
        ma.fields.Nested(AuthorInShort),
        required=True,
        metadata={
            "description": "One without and one for each verified id; empty: no one"
        },
    )


class AuthorStandingOut(ma.Schema):
    """Staff's decision about an author."""

    standing = ma.fields.Enum(Standing, by_value=True, required=True)
    reason = ma.fields.String(required=True, validate=validate.OneOf(STANDING_REASONS))
    until = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    note = ma.fields.String(required=True, allow_none=True)
    by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Username; null: the system that the history came from"
        },
    )
    created_at = ma.fields.AwareDateTime(format="iso", required=True)


class AuthorRights(ma.Schema):
    """Your permissions for an author."""

    standings = ma.fields.List(
        ma.fields.Enum(Standing, by_value=True),
        required=True,
        metadata={"description": "Those that you may give; empty: none"},
    )
    suspension_days = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Your longest suspension; null: without a limit"},
    )
    lift = ma.fields.Boolean(required=True)
    undo = ma.fields.Boolean(required=True)
    reveal_email = ma.fields.Boolean(
        required=True,
        metadata={"description": "Whether you may reveal the author's email address"},
    )
    reveal_needs_code = ma.fields.Boolean(
        required=True,
        metadata={"description": "Whether that needs a code of your second factor"},
    )


class NameOut(ma.Schema):
    """A name that an author has written under."""

    name = ma.fields.String(required=True)
    comments = ma.fields.Integer(required=True)
    last_used_at = ma.fields.AwareDateTime(format="iso", required=True)


class MonthOut(ma.Schema):
    """An author's comments of one month, by what was decided about them."""

    month = ma.fields.String(
        required=True, metadata={"description": "In UTC", "example": "2026-11"}
    )
    pending = ma.fields.Integer(required=True)
    approved = ma.fields.Integer(required=True)
    rejected = ma.fields.Integer(required=True)


class AuthorOut(AuthorInShort):
    """An author's whole record. You are shown what you may see of the comments."""

    author_id = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The site's own id, where it has verified one"},
    )
    current = ma.fields.Nested(AuthorStandingOut, required=True, allow_none=True)
    you_may = ma.fields.Nested(AuthorRights, required=True)
    reported = ma.fields.Integer(
        required=True, metadata={"description": "Comments that readers reported"}
    )
    reports_made = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "About others; null: known of a verified id alone, if the "
            "site reports under it"
        },
    )
    reports_upheld = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Of those, about comments that a person rejected"},
    )
    appeals = ma.fields.Integer(required=True)
    appeals_granted = ma.fields.Integer(required=True)
    names = ma.fields.List(
        ma.fields.Nested(NameOut),
        required=True,
        metadata={"description": "The newest first, up to 20"},
    )
    months = ma.fields.List(
        ma.fields.Nested(MonthOut),
        required=True,
        metadata={"description": "The last 12, the oldest first"},
    )
    same_address = ma.fields.List(
        ma.fields.Nested(AuthorInShort),
        required=True,
        metadata={"description": "Records of the same address, up to 20"},
    )
    same_network = ma.fields.List(
        ma.fields.Nested(AuthorInShort),
        required=True,
        metadata={
            "description": "Records with an IP address in common, up to 20: maybe a "
            "household or an office, not one person"
        },
    )
    same_name = ma.fields.List(
        ma.fields.Nested(AuthorInShort),
        required=True,
        metadata={"description": "Records with a name in common, up to 20"},
    )
    notes = ma.fields.List(ma.fields.Nested(NoteOut), required=True)


class NewAuthorNote(ma.Schema):
    """A note about an author, for colleagues."""

    text = CommentText(
        required=True,
        most_bytes=MOST_NOTE_BYTES,
        metadata={
            "description": f"At most {MOST_NOTE_BYTES} bytes in UTF-8. "
            "Email addresses in it are masked"
        },
    )


class NewStanding(ma.Schema):
    """A standing to give an author."""

    standing = ma.fields.Enum(
        Standing,
        by_value=True,
        required=True,
        metadata={
            "description": "`trusted`: spared the hold thresholds and pre-moderation; "
            "`premoderated`: always held; `suspended`: rejected until a date; "
            "`banned`: rejected; `shadow_banned`: rejected, but the author's page says "
            "that the comment is waiting"
        },
    )
    reason = ma.fields.String(required=True, validate=validate.OneOf(STANDING_REASONS))
    until = ma.fields.AwareDateTime(
        format="iso",
        load_default=None,
        allow_none=True,
        metadata={
            "description": "When it expires; required for a suspension. null: it "
            "applies until it is lifted"
        },
    )
    note = CommentText(
        load_default=None,
        allow_none=True,
        most_bytes=MOST_NOTE_BYTES,
        metadata={
            "description": "For colleagues; at most "
            f"{MOST_NOTE_BYTES} bytes in UTF-8. Email addresses in it are masked"
        },
    )

    also_reject = ma.fields.List(
        ma.fields.Enum(Status, by_value=True),
        load_default=list,
        validate=[validate.Length(max=2), validate.ContainsNoneOf([Status.REJECTED])],
        metadata={
            "description": "Reject the author's `pending` or `approved` comments as "
            "well, as one batch"
        },
    )

    @ma.validates_schema
    def _rejects_no_trusted(self, fields: dict[str, Any], **kwargs: Any) -> None:
        if fields.get("also_reject") and fields.get("standing") is Standing.TRUSTED:
            complaint = "Can't be combined with trust."
            raise ma.ValidationError({"also_reject": [complaint]})

    @ma.validates("until")
    def _is_in_reach(self, value: datetime | None, **kwargs: Any) -> None:
        if value is not None and value.year >= LATEST:
            raise ma.ValidationError(f"Must lie before the year {LATEST}.")


class StandingChanged(ma.Schema):
    """An author's standing after a change."""

    current = ma.fields.Nested(AuthorStandingOut, required=True, allow_none=True)
    batch = ma.fields.Nested(
        BulkDecisionOut,
        required=True,
        allow_none=True,
        metadata={
            "description": "The bulk decision made with it; null: none. After an undo "
            "its `state` is `undoing` or `undone`; if its undo period was over, it "
            "stays as it is"
        },
    )


def dump_listed(
    listed: ListedAuthor, sites: Mapping[int, str], now: datetime
) -> dict[str, Any]:
    """Return an author of a list."""
    return {
        **_dump_author(listed.author, sites, now),
        "name": listed.name,
        **_dump_counts(listed.counts),
        "first_seen_at": listed.first_seen_at,
        "last_seen_at": listed.last_seen_at,
    }


def _dump_author(
    author: Author, sites: Mapping[int, str], now: datetime
) -> dict[str, Any]:
    standing = standing_at(author, now)
    return {
        "id": author.id,
        "site": sites[author.site_id],
        "found_by": FoundBy(author.found_by),
        "standing": standing,
        "standing_until": author.standing_until if standing else None,
    }


def _dump_counts(counts: Mapping[Status, int]) -> dict[str, int]:
    return {status.value: counts[status] for status in Status}


def dump_current(current: CurrentStanding | None) -> dict[str, Any] | None:
    """Return an author's standing."""
    if current is None:
        return None
    change = current.change
    return {
        "standing": current.standing,
        "reason": change.reason,
        "until": change.until,
        "note": change.note,
        "by": current.given_by,
        "created_at": change.created_at,
    }


def dump_profile(
    profile: AuthorProfile, sites: Mapping[int, str], now: datetime
) -> dict[str, Any]:
    """Return an author's whole record."""

    def in_short(authors: Sequence[ListedAuthor]) -> list[dict[str, Any]]:
        return [dump_listed(row, sites, now) for row in authors]

    return {
        **dump_listed(profile.listed, sites, now),
        **vars(profile.objections),
        "author_id": profile.verified_id,
        "names": [vars(name) for name in profile.names],
        "months": [
            {"month": f"{month.first_day:%Y-%m}", **_dump_counts(month.counts)}
            for month in profile.months
        ],
        **{kind.value: in_short(rows) for kind, rows in profile.related.items()},
        "notes": [dump_note(note, login) for note, login in profile.notes],
        "current": dump_current(profile.current),
    }
