"""Rules for a site's article addresses, and merges of duplicates. For admins."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from moderation import jobs
from moderation.accounts.staff import Role
from moderation.api.job_bodies import JobOut
from moderation.api.jobs import shown
from moderation.database import db, start_writing
from moderation.jobs import JobKind
from moderation.sites import sites
from moderation.text.addresses import Folding
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "article_addresses", __name__, url_prefix="/api/v1/sites", description="For admins"
)
ADDRESSES = "/<site>/article-addresses"


class ArticleAddresses(ma.Schema):
    """Differences between article addresses that a site ignores."""

    ignored = ma.fields.List(
        ma.fields.Enum(Folding, by_value=True),
        required=True,
        metadata={
            "description": "trailing_slash: `/a/` is `/a`; double_slashes: `//a` is "
            "`/a`; www: `www.news.example` is `news.example`; path_case: `/A` is `/a`; "
            "parameters: `/a?page=2` is `/a`"
        },
    )


class ArticleAddressesChange(ArticleAddresses):
    """New rules for a site's article addresses."""

    seen = ma.fields.List(
        ma.fields.Enum(Folding, by_value=True),
        load_default=None,
        allow_none=True,
        metadata={"description": "`ignored` as you read it: if it has changed, 409"},
    )


class NewArticleMerging(ma.Schema):
    """A merge of articles stored under several spellings of one address."""

    dry_run = ma.fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "Only count what would be merged"},
    )


@bp.route(ADDRESSES, methods=["GET"])
@needs_staff
@bp.response(200, ArticleAddresses)
@answers(404)
def read_article_addresses(site: str) -> ResponseReturnValue:
    """Get a site's rules for article addresses.

    Scheme, case of the host, default port, fragment, and tracking parameters never do.
    """
    return _shown(db.session(), site_for(Role.ADMIN, site))


@bp.route(ADDRESSES, methods=["PUT"])
@needs_staff
@bp.arguments(ArticleAddressesChange)
@bp.response(200, ArticleAddresses)
@answers(400, 404, 409, 413, 415, 422)
def update_article_addresses(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Replace a site's rules for article addresses, for new articles.

    What is stored stays apart until it is merged. Refused with 409 if it has changed
    since you read it.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    seen = fields["seen"]
    sites.update_article_folding(
        session, site_id, fields["ignored"], seen=None if seen is None else set(seen)
    )
    session.commit()
    return _shown(session, site_id)


@bp.route("/<site>/article-mergings", methods=["POST"])
@needs_staff
@bp.arguments(NewArticleMerging)
@bp.response(202, JobOut, description="A worker will do it")
@answers(400, 404, 409, 413, 415, 422)
def start_article_merging(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Merge articles that are stored under several spellings of one address.

    All comments move to the oldest article, and every spelling finds it. Follow the
    job; its result counts the articles and comments.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    job = jobs.enqueue(
        session,
        site_id,
        JobKind.MERGING,
        staff_id=current_person().id,
        now=datetime.now(UTC),
        arguments=fields,
    )
    session.commit()
    return shown(job)


def _shown(session: Session, site_id: int) -> dict[str, Any]:
    site = sites.find_by_id(session, site_id)
    return {"ignored": sorted(site.article_folding) if site else []}
