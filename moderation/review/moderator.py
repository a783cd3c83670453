"""The acting moderator and their sites, for every use case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from moderation.accounts.scope import Scope
from moderation.comments.articles import section_of
from moderation.tables.comments import Comment

NOWHERE = Scope(sections={})


@dataclass(frozen=True, kw_only=True)
class Moderator:
    """A member of staff at work."""

    staff_id: int
    site_ids: Sequence[int]  #: where the person may decide, be it in a section alone
    lead_scope: Scope = field(default=NOWHERE)  #: of these, where they are a lead

    def leads(self, session: Session, comment: Comment) -> bool:
        """Return whether the person is a lead of a comment's section."""
        if comment.site_id in self.lead_scope.whole_site_ids:
            return True
        section = section_of(session, comment)
        return self.lead_scope.covers(comment.site_id, section)
