"""The setup of a new site: finished steps, and missing ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.policy.verdicts import Source
from moderation.sites.keys import is_valid_at, list_keys
from moderation.tables.accounts import Membership, Staff
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.importing import HistoryImport
from moderation.tables.insights import SetupChecklist
from moderation.tables.sites import SitePolicy
from moderation.tables.webhooks import Webhook

COLLEAGUES = 2  # people who work at the site, the one who sets it up included


class SetupStep(StrEnum):
    """A step, in the order in which they are shown."""

    KEY = "key"  #: the site has a key that is valid
    COMMENT = "comment"  #: it has sent a comment
    HISTORY = "history"  #: the history of another system is imported; not needed
    COLLEAGUE = "colleague"  #: another person works there, too
    WEBHOOK = "webhook"  #: a webhook receives what is decided
    POLICY = "policy"  #: a person has changed the policy that it began with


OPTIONAL = frozenset({SetupStep.HISTORY})
#: Sources of the first decision about a comment that was sent, not imported.
_OF_SENT = sorted({*Source} - {Source.IMPORT})


@dataclass(frozen=True, kw_only=True)
class Setup:
    """The progress of a site's setup."""

    done: dict[SetupStep, bool]
    #: the first comment that came and isn't erased; None: none yet
    first_comment: Comment | None
    key_name: str | None  #: of the newest valid key
    is_hidden: bool

    @property
    def is_new(self) -> bool:
        """Whether no comment has come yet."""
        return not self.done[SetupStep.COMMENT]

    @property
    def is_done(self) -> bool:
        """Whether nothing lacks that a site needs."""
        return all(done for step, done in self.done.items() if step not in OPTIONAL)


def read_setup(session: Session, site_id: int, now: datetime) -> Setup:
    """Return how far the setup of a site is."""
    valid = [key for key in list_keys(session, site_id) if is_valid_at(key, now)]
    # By the decision log: it tells what was sent from millions that were imported.
    sent = sa.and_(Decision.site_id == site_id, Decision.source.in_(_OF_SENT))
    has_comment = _has(session, sa.select(Decision.id).where(sent))
    first = session.scalar(
        sa.select(Comment)
        .join(Decision, Decision.comment_id == Comment.id)
        .where(sent, Comment.deleted_at.is_(None))
        .order_by(Decision.id)
        .limit(1)
    )
    imports = sa.select(HistoryImport.id).where(
        HistoryImport.site_id == site_id, HistoryImport.finished_at.is_not(None)
    )
    people = session.scalars(
        sa.select(Staff.id)
        .distinct()
        .join(Membership, Membership.staff_id == Staff.id)
        .where(Membership.site_id == site_id, Staff.disabled_at.is_(None))
        .limit(COLLEAGUES)
    ).all()
    webhooks = sa.select(Webhook.id).where(
        Webhook.site_id == site_id, Webhook.deleted_at.is_(None)
    )
    policies: Sequence[int] = session.scalars(
        sa.select(SitePolicy.id).where(SitePolicy.site_id == site_id).limit(2)
    ).all()
    return Setup(
        done={
            SetupStep.KEY: bool(valid),
            SetupStep.COMMENT: has_comment,
            SetupStep.HISTORY: _has(session, imports),
            SetupStep.COLLEAGUE: len(people) >= COLLEAGUES,
            SetupStep.WEBHOOK: _has(session, webhooks),
            SetupStep.POLICY: len(policies) > 1,
        },
        first_comment=first,
        key_name=valid[0].name if valid else None,
        is_hidden=session.get(SetupChecklist, site_id) is not None,
    )


def hide(
    session: Session, site_id: int, is_hidden: bool, *, staff_id: int, now: datetime
) -> None:
    """Hide the checklist of a site from its admins, or show it again."""
    if is_hidden:
        session.merge(
            SetupChecklist(site_id=site_id, hidden_at=now, hidden_by=staff_id)
        )
    else:
        session.execute(
            sa.delete(SetupChecklist).where(SetupChecklist.site_id == site_id)
        )
    session.flush()
    record(
        session,
        AuditAction.CHECKLIST_CHANGED,
        target=(TargetKind.SITE, site_id),
        site_id=site_id,
        is_hidden=is_hidden,
    )


def _has(session: Session, ids: sa.Select[int]) -> bool:
    return session.scalar(ids.limit(1)) is not None
