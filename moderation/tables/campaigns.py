"""Campaigns of near-duplicates, standing decisions about them, and brakes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import BIG_ID, Table
from moderation.text.minhash import BANDS


class Campaign(Table):
    """A cluster of near-duplicate comments at one site; made by its second one."""

    __tablename__ = "campaigns"
    __table_args__ = (sa.Index("ix_campaigns_seen", "site_id", "last_seen_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    #: comments that it has now
    size: Mapped[int]
    #: counts the changes a person should see before deciding: it was merged, decided
    #: about, given or taken a verdict; not that it has grown
    version: Mapped[int] = mapped_column(default=1)
    #: the campaign that has taken its comments over
    merged_into: Mapped[int | None] = mapped_column(sa.ForeignKey("campaigns.id"))


class Sketch(Table):
    """The marks of a text that nothing earlier resembled, kept for some days.

    Hashes only: the text can't be read from it.
    """

    __tablename__ = "sketches"
    __table_args__ = (
        sa.Index("ix_sketches_exact", "exact"),
        *(sa.Index(f"ix_sketches_band_{n}", f"band_{n}") for n in range(BANDS)),
        sa.Index("ix_sketches_seen", "seen_at"),
        sa.Index(
            "ix_sketches_campaign",
            "campaign_id",
            sqlite_where=sa.text("campaign_id IS NOT NULL"),
            postgresql_where=sa.text("campaign_id IS NOT NULL"),
        ),
    )

    #: the comment whose text it is
    comment_id: Mapped[int] = mapped_column(
        BIG_ID, sa.ForeignKey("comments.id"), primary_key=True, autoincrement=False
    )
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaigns.id"))
    #: when something last resembled it
    seen_at: Mapped[datetime]
    #: hash of the site and the normalized text
    exact: Mapped[int] = mapped_column(BIG_ID)
    #: 16 bits of each minimum; None: too short for more than equality
    minima: Mapped[bytes | None] = mapped_column(sa.LargeBinary())
    #: hash of the site and three minima each
    band_0: Mapped[int | None] = mapped_column(BIG_ID)
    band_1: Mapped[int | None] = mapped_column(BIG_ID)
    band_2: Mapped[int | None] = mapped_column(BIG_ID)
    band_3: Mapped[int | None] = mapped_column(BIG_ID)
    band_4: Mapped[int | None] = mapped_column(BIG_ID)
    band_5: Mapped[int | None] = mapped_column(BIG_ID)
    band_6: Mapped[int | None] = mapped_column(BIG_ID)
    band_7: Mapped[int | None] = mapped_column(BIG_ID)


class StandingVerdict(Table):
    """A person's standing decision about a campaign's later comments."""

    __tablename__ = "standing_verdicts"
    __table_args__ = (
        sa.Index(
            "uq_standing_verdicts_open",
            "campaign_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id"))
    verdict: Mapped[str] = mapped_column(sa.String(15))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    until: Mapped[datetime]
    #: before its time, by a person or because another one took its place
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: the decision about those that had come already
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("batches.id"))


class RecentArrival(Table):
    """A recent comment, and one of the things it is counted for.

    Hashes only. Kept for a day; see `campaigns.arrivals`.
    """

    __tablename__ = "arrivals"
    __table_args__ = (sa.Index("ix_arrivals_at", "at"),)

    #: hash of the site, the kind, and which campaign, author, network, or article
    subject: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    #: no foreign key: it is written before its comment, in the same commit
    comment_id: Mapped[int] = mapped_column(
        BIG_ID, primary_key=True, autoincrement=False
    )


class Brake(Table):
    """Comments that came too fast are held while it holds."""

    __tablename__ = "brakes"
    __table_args__ = (
        sa.Index(
            "uq_brakes_holding",
            "subject",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_brakes_site", "site_id", "id"),
        sa.Index("ix_brakes_subject", "subject", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: `policy.brakes.BrakeKind`
    kind: Mapped[str] = mapped_column(sa.String(15))
    #: as `RecentArrival.subject`
    subject: Mapped[int] = mapped_column(BIG_ID)
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaigns.id"))
    #: the comment that was one too many, or the campaign's newest; says who and where.
    #: No foreign key: it is written before its comment, in the same commit
    comment_id: Mapped[int] = mapped_column(BIG_ID)
    #: the limit that was passed; None: a person has put it on
    count: Mapped[int | None]
    minutes: Mapped[int | None]
    #: so long nothing may have come before it lets go
    quiet_minutes: Mapped[int]
    #: what has come since then belongs to it
    since: Mapped[datetime]
    started_at: Mapped[datetime]
    #: the person who put it on; None: it took hold by itself
    started_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: when a comment last kept it up
    last_at: Mapped[datetime]
    #: comments that it has held
    held: Mapped[int] = mapped_column(default=0)
    #: when it ends by a person's choice, and who chose last
    held_until: Mapped[datetime | None]
    held_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: it has let go
    ended_at: Mapped[datetime | None]
    #: the person who released it; None: by itself
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
