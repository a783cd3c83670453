"""The registry of models, and which of them is active where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column

from moderation.database import Table


class Model(Table):
    """A scorer as kept in the registry: one artifact with the report of its trial."""

    __tablename__ = "models"
    __table_args__ = (sa.UniqueConstraint("site_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    version: Mapped[str] = mapped_column(sa.String(100))
    #: the version that its training started from
    base_version: Mapped[str] = mapped_column(sa.String(100))
    artifact: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary()))
    #: marks of the comments that it learned from, see `lineage`; None: not known
    learnt_from: Mapped[bytes | None] = deferred(mapped_column(sa.LargeBinary()))
    #: id of the secret key that made the marks; None: it was the oldest one
    learnt_with: Mapped[str | None] = mapped_column(sa.String(64))
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
