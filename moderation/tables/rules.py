"""Rules of a site's admins, each change of them, and their matches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table


class Rule(Table):
    """A rule as it stands: what it says is its newest version."""

    __tablename__ = "rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    #: number of the newest version
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class RuleConditions(Table):
    """A rule's conditions; never changed once written, shared by versions."""

    __tablename__ = "rule_conditions"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: all of them must hold
    body: Mapped[list[dict[str, Any]]]
    #: kinds of its conditions, with commas between
    kinds: Mapped[str] = mapped_column(sa.String(200))
    #: entries of its lists of words and domains
    entries: Mapped[int]
    #: entries of its lists of patterns
    patterns: Mapped[int]


class RuleVersion(Table):
    """One version of a rule; never changed once written."""

    __tablename__ = "rule_versions"
    __table_args__ = (sa.UniqueConstraint("rule_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(sa.ForeignKey("rules.id"))
    #: 1 as made, one more at each change
    number: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(100))
    mode: Mapped[str] = mapped_column(sa.String(15))
    action: Mapped[str] = mapped_column(sa.String(15))
    tag: Mapped[str | None] = mapped_column(sa.String(50))
    #: of the site; None: everywhere
    section: Mapped[str | None] = mapped_column(sa.String(100))
    conditions_id: Mapped[int] = mapped_column(sa.ForeignKey("rule_conditions.id"))
    created_at: Mapped[datetime]
    #: who wrote it; None: the command line
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class RuleHit(Table):
    """A rule that matched a text of a comment."""

    __tablename__ = "rule_hits"
    __table_args__ = (sa.Index("ix_rule_hits_rule", "rule_id", "comment_id"),)

    comment_id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        sa.ForeignKey("comments.id"),
        primary_key=True,
        autoincrement=False,
    )
    #: of the comment
    revision: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(sa.ForeignKey("rules.id"), primary_key=True)
    #: of the rule
    version: Mapped[int]
    action: Mapped[str] = mapped_column(sa.String(15))
    tag: Mapped[str | None] = mapped_column(sa.String(50))
    #: it was noted, and decided nothing
    was_shadow: Mapped[bool]
