"""Shadow scores, blind reviews, and drift alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import BIG_ID, Table


class SilentScore(Table):
    """A score by a shadow model; it decides nothing."""

    __tablename__ = "silent_scores"
    __table_args__ = (sa.UniqueConstraint("comment_id", "revision", "model_version"),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
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
    self_harm: Mapped[float | None]


class BlindLook(Table):
    """A person's verdict on a text without knowing any model's."""

    __tablename__ = "blind_looks"
    __table_args__ = (
        sa.UniqueConstraint("comment_id", "revision", "model_version", "staff_id"),
        sa.Index("ix_blind_looks_model", "site_id", "model_version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    comment_id: Mapped[int] = mapped_column(BIG_ID, sa.ForeignKey("comments.id"))
    #: the text that was read
    revision: Mapped[int]
    #: the shadow that the look is about
    model_version: Mapped[str] = mapped_column(sa.String(100))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    is_harmful: Mapped[bool]
    created_at: Mapped[datetime]


class Alarm(Table):
    """Something has changed that someone should look at."""

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
    #: someone has seen it
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
