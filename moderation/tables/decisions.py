"""The decision log, and which decision about a comment is in effect."""

from __future__ import annotations

import functools
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Mapped, aliased, mapped_column

from moderation.database import BIG_ID, Table
from moderation.policy.verdicts import Source

TAUGHT = sa.text("served_in = 'teach'")


class Decision(Table):
    """A verdict given to a comment; never changed, never removed."""

    __tablename__ = "decisions"
    __table_args__ = (
        sa.Index("ix_decisions_comment", "comment_id", "id"),
        sa.Index("ix_decisions_site", "site_id", "source", "id"),
        sa.Index("ix_decisions_staff", "staff_id", "id"),
        sa.Index(
            "ix_decisions_staff_comment",
            "staff_id",
            "comment_id",
            sqlite_where=sa.text("staff_id IS NOT NULL"),
            postgresql_where=sa.text("staff_id IS NOT NULL"),
        ),
        sa.Index("ix_decisions_given", "site_id", "created_at", "id"),
        sa.Index(
            "ix_decisions_taught",
            "site_id",
            "created_at",
            sqlite_where=TAUGHT,
            postgresql_where=TAUGHT,
        ),
        sa.Index(
            "ix_decisions_undoes",
            "undoes_id",
            unique=True,
            sqlite_where=sa.text("undoes_id IS NOT NULL"),
            postgresql_where=sa.text("undoes_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_decisions_batch",
            "batch_id",
            "id",
            sqlite_where=sa.text("batch_id IS NOT NULL"),
            postgresql_where=sa.text("batch_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    revision: Mapped[int]
    created_at: Mapped[datetime]
    #: when the person claimed it; None: decided without, or not known
    claimed_at: Mapped[datetime | None]
    #: the order of the queue that brought it to the person; None: it wasn't reserved
    served_in: Mapped[str | None] = mapped_column(sa.String(15))
    source: Mapped[str] = mapped_column(sa.String(15))
    #: the person, where `source` is one
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    status_before: Mapped[str | None] = mapped_column(sa.String(15))
    verdict: Mapped[str] = mapped_column(sa.String(15))
    reasons: Mapped[list[dict[str, Any]]]
    #: label to true or false, as a person set it for training
    labels: Mapped[dict[str, Any]]
    policy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site_policies.id"))
    #: the model whose scores were looked at; None: unscored
    model_version: Mapped[str | None] = mapped_column(sa.String(100))
    #: the decision about many at once that it is a part of
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("batches.id"))
    #: the decision that this one revokes; None: it is no undo
    undoes_id: Mapped[int | None] = mapped_column(
        BIG_ID, sa.ForeignKey("decisions.id", name="fk_decisions_undoes_id")
    )


def is_lasting(table: type[Decision] = Decision) -> sa.ColumnElement[bool]:
    """Return the condition that a decision neither was undone nor is an undo."""
    undo = aliased(Decision)
    was_undone = sa.exists().where(undo.undoes_id == table.id)
    return sa.and_(table.undoes_id.is_(None), ~was_undone)


def is_effective(
    table: type[Decision] = Decision, *, sources: Collection[Source] | None = None
) -> sa.ColumnElement[bool]:
    """Return the condition that a decision is the effective one of its comment.

    Parameters
    ----------
    sources
        Of these alone, the newest; else of all.
    """
    of = None if sources is None else frozenset(sources)
    return _is_effective(of) if table is Decision else _effective_condition(table, of)


def _effective_condition(
    table: type[Decision], sources: frozenset[Source] | None
) -> sa.ColumnElement[bool]:
    later = aliased(Decision)
    is_replaced = sa.exists().where(
        later.comment_id == table.comment_id,
        later.id > table.id,
        *_of(later.source, sources),
        is_lasting(later),
    )
    return sa.and_(*_of(table.source, sources), is_lasting(table), ~is_replaced)


@functools.cache
def _is_effective(sources: frozenset[Source] | None) -> sa.ColumnElement[bool]:
    """Return the condition on `Decision`, made once: that takes a millisecond."""
    return _effective_condition(Decision, sources)


def effective_decisions(
    *conditions: sa.ColumnElement[bool], sources: Collection[Source] | None = None
) -> type[Decision]:
    """Return the effective decisions as a table to join: at most one of a comment.

    Parameters
    ----------
    conditions
        On `Decision`, to be met by the effective one, such as its site.
    sources
        The newest decisions of these alone, such as `policy.PEOPLE`.
    """
    query = sa.select(Decision).where(*conditions, is_effective(sources=sources))
    return aliased(Decision, query.subquery("effective_decisions"))


def effective_id(
    comment_id: InstrumentedAttribute[int],
    *,
    sources: Collection[Source] | None = None,
) -> sa.ScalarSelect[int]:
    """Return the id of the effective decision about the comment of a row.

    To join decisions to many other rows: the index of a comment's log answers it, also
    where PostgreSQL has no statistics yet and would join everything with everything.
    """
    of_comment = aliased(Decision)
    return (
        sa.select(sa.func.max(of_comment.id))
        .where(
            of_comment.comment_id == comment_id,
            *_of(of_comment.source, sources),
            is_lasting(of_comment),
        )
        .scalar_subquery()
    )


def _of(
    source: InstrumentedAttribute[str], sources: Collection[Source] | None
) -> list[sa.ColumnElement[bool]]:
    if sources is None:
        return []
    return [source.in_(sorted(each.value for each in sources))]
