"""Webhooks of sites, deliveries to them, and Akismet callbacks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import BIG_ID, Table

# Literal, as in the partial indexes: a parameter would hide them.
WAITING = sa.text("deliveries.state = 'waiting'")


class Webhook(Table):
    """A site's URL for events, their types, and its recent answers."""

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    url: Mapped[str] = mapped_column(sa.String(2048))
    #: the events that it gets: `events.EventType`
    types: Mapped[list[str]] = mapped_column(sa.JSON())
    is_on: Mapped[bool] = mapped_column(default=True)
    #: what its events are signed with; encrypted, as we must know it
    sealed_secret: Mapped[str] = mapped_column(sa.Text())
    #: the secret before that one, with which they are signed, too, until then
    former_secret: Mapped[str | None] = mapped_column(sa.Text())
    former_until: Mapped[datetime | None]

    #: counts the changes by people
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: nothing is written for it since then; its row goes when its deliveries have
    deleted_at: Mapped[datetime | None]

    #: when something was last sent: who was served longest ago is served next
    tried_at: Mapped[datetime | None]
    #: when it last took an event
    answered_at: Mapped[datetime | None]
    #: since when it takes none; None: it does
    failing_since: Mapped[datetime | None]
    #: failed attempts in a row
    failures: Mapped[int] = mapped_column(default=0)
    #: one plain word why the last attempt failed
    fault: Mapped[str | None] = mapped_column(sa.String(100))
    #: nothing is sent before, so that a dead receiver holds no one up
    quiet_until: Mapped[datetime | None]
    #: it has answered 410 Gone, which switched it off
    gone_at: Mapped[datetime | None]


class Delivery(Table):
    """An event for one webhook, written in the commit of the fact that it tells."""

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.Index(
            "ix_deliveries_waiting",
            "webhook_id",
            "due_at",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index("ix_deliveries_state", "webhook_id", "state", "id"),
        sa.Index("ix_deliveries_webhook", "webhook_id", "id"),
        sa.Index("ix_deliveries_comment", "comment_id"),
        sa.Index(
            "ix_deliveries_batch",
            "batch_id",
            sqlite_where=sa.text("batch_id IS NOT NULL AND state = 'waiting'"),
            postgresql_where=sa.text("batch_id IS NOT NULL AND state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(sa.ForeignKey("webhooks.id"))
    #: of the event: one for all webhooks that get it, and for each attempt
    event_id: Mapped[int] = mapped_column(BIG_ID)
    type: Mapped[str] = mapped_column(sa.String(31))
    #: what is sent next to id, type, time and site; no text, no address
    body: Mapped[dict[str, Any]]
    #: when it became so
    created_at: Mapped[datetime]
    comment_id: Mapped[int | None] = mapped_column(BIG_ID, sa.ForeignKey("comments.id"))
    #: the decision that it tells, where a person may still undo that
    decision_id: Mapped[int | None] = mapped_column(
        BIG_ID, sa.ForeignKey("decisions.id")
    )
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("batches.id"))

    #: waiting, delivered or failed
    state: Mapped[str] = mapped_column(sa.String(15), default="waiting")
    #: not tried before; None: not before its batch has ended
    due_at: Mapped[datetime | None]
    #: it is sent only so long after `due_at` as its decision can be undone
    is_held: Mapped[bool] = mapped_column(default=False)
    #: since when it is to be sent; a replay begins again
    since: Mapped[datetime]
    #: all of them, also those before a replay; counted when one begins
    attempts: Mapped[int] = mapped_column(default=0)
    #: those before the last replay
    earlier_attempts: Mapped[int] = mapped_column(default=0)
    #: when it was delivered, or given up
    settled_at: Mapped[datetime | None]
    #: the HTTP status that the last attempt was answered with; None: no answer
    status: Mapped[int | None]
    #: one plain word why the last attempt failed
    fault: Mapped[str | None] = mapped_column(sa.String(100))


class Callback(Table):
    """A comment whose site wants a callback when a person has decided it."""

    __tablename__ = "callbacks"
    __table_args__ = (
        sa.Index(
            "ix_callbacks_open",
            "due_at",
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        ),
    )

    comment_id: Mapped[int] = mapped_column(
        BIG_ID,
        sa.ForeignKey("comments.id"),
        primary_key=True,
        autoincrement=False,
    )
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: at the host of the site's own address
    url: Mapped[str] = mapped_column(sa.String(2048))
    #: the site's key, which the receiver compares; encrypted
    sealed_key: Mapped[str] = mapped_column(sa.Text())
    #: what the receiver finds the comment by, as it was sent
    about: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    #: not tried before
    due_at: Mapped[datetime]
    #: when it was delivered, or given up
    told_at: Mapped[datetime | None]
    #: one plain word why the last attempt failed
    fault: Mapped[str | None] = mapped_column(sa.String(100))
