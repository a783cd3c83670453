"""The registry of models, and which of them decides where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column

from moderation.database import Table

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Model(Table):
    """A scorer as kept in the registry: one artifact with the report of its trial."""

    __tablename__ = "models"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    version: Mapped[str] = mapped_column(sa.String(100), unique=True)
    #: the version that its training started from
    base_version: Mapped[str] = mapped_column(sa.String(100))
    artifact: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary()))
    #: marks of the comments that it learnt from, see `lineage`; None: not known
    learnt_from: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary()))
    #: figures of candidate and active on the same held-out decisions, and the gate
    report: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    #: who asked for it; None: the command line
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class Promotion(Table):
    """A change of the model that decides at a site; the newest one holds."""

    __tablename__ = "promotions"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    #: what decides from then on; None: the model that ships
    model_id: Mapped[int | None] = mapped_column(sa.ForeignKey("models.id"))
    #: what decided before
    previous_id: Mapped[int | None] = mapped_column(sa.ForeignKey("models.id"))
    action: Mapped[str] = mapped_column(sa.String(15))
    #: why a model was promoted that its gate had refused, in a person's words
    despite_gate: Mapped[str | None] = mapped_column(sa.String(1000))
    created_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class SilentScore(Table):
    """What a model that did not decide says of a text; nothing was decided by it."""

    __tablename__ = "silent_scores"
    __table_args__ = (sa.UniqueConstraint("comment_id", "revision", "model_version"),)

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    revision: Mapped[int]
    model_version: Mapped[str] = mapped_column(sa.String(100))
    created_at: Mapped[datetime]
    spam: Mapped[float | None]
    toxicity: Mapped[float | None]
    severe_toxicity: Mapped[float | None]
    insult: Mapped[float | None]
    profanity: Mapped[float | None]
    identity_attack: Mapped[float | None]
    threat: Mapped[float | None]
    sexually_explicit: Mapped[float | None]


class BlindLook(Table):
    """What a person says of a text without being told what any model says."""

    __tablename__ = "blind_looks"
    __table_args__ = (
        sa.UniqueConstraint("comment_id", "revision", "model_version", "staff_id"),
        sa.Index("ix_blind_looks_model", "site_id", "model_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(BIG, sa.ForeignKey("comments.id"))
    #: the text that was read
    revision: Mapped[int]
    #: the shadow that the look is about
    model_version: Mapped[str] = mapped_column(sa.String(100))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    is_harmful: Mapped[bool]
    created_at: Mapped[datetime]


class Alarm(Table):
    """Something has changed that somebody should look at."""

    __tablename__ = "alarms"
    __table_args__ = (sa.Index("ix_alarms_site", "site_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: what has drifted, see `drift`
    kind: Mapped[str] = mapped_column(sa.String(31))
    #: label or language that it is about
    subject: Mapped[str] = mapped_column(sa.String(63))
    #: figures before and after, chance, ids of examples; no text
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    #: somebody has seen it
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
