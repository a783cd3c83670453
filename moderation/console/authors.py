"""The pages of authors: the list, and one author's record."""

from __future__ import annotations

from typing import cast

from flask import render_template
from flask.typing import ResponseReturnValue

from classifiers.text.labels import HARMS
from moderation.accounts.staff import Person, Role
from moderation.authors.identity import FoundBy
from moderation.authors.listing import AuthorOrder
from moderation.authors.timeline import TimelineKind
from moderation.console.blueprint import bp, shown_to, t, visitor
from moderation.console.views import HOUSE_KEYS
from moderation.database import db
from moderation.errors import NotFound
from moderation.policy.standings import Standing
from moderation.tables.authors import Author
from moderation.web.services import services


@bp.get("/authors")
@shown_to(Role.MODERATOR)
def read_authors() -> ResponseReturnValue:
    """List authors, with what was decided about their comments."""
    return render_template(
        "console/authors/authors.html",
        standings=list(Standing),
        found_by=list(FoundBy),
        orders=list(AuthorOrder),
    )


@bp.get("/authors/<int(max=2147483647):author_id>")
@shown_to(Role.MODERATOR)
def read_author(author_id: int) -> ResponseReturnValue:
    """Show one author's record."""
    person = cast(Person, visitor())
    author = db.session().get(Author, author_id)
    if author is None or author.site_id not in person.site_ids(Role.MODERATOR):
        raise NotFound(t("refused.not_found"))
    return render_template(
        "console/author_record/author_record.html",
        author_id=author_id,
        privacy_site=_admin_site(person, author),
        is_lead=author.site_id in person.whole_site_ids(Role.LEAD),
        kinds=list(TimelineKind),
        labels=HARMS,
        house=HOUSE_KEYS,
        undo_seconds=services().settings.undo_seconds,
    )


def _admin_site(person: Person, author: Author) -> str | None:
    """Return the name of the author's site, if the person is an admin of all of it."""
    is_admin = author.site_id in person.whole_site_ids(Role.ADMIN)
    return person.sites[author.site_id] if is_admin else None
