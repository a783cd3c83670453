"""Figures counted in advance, by hour and by day, and samples of the queue."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table


class Counts:
    """Counts of a part of a site's comments in an hour or a day, in UTC.

    Comments belong to the time when they came, decisions and reports to the time when
    they were made.
    """

    #: comments that came, those erased since included
    comments: Mapped[int]
    #: of them, those approved and rejected as far as that is known now
    approved: Mapped[int]
    rejected: Mapped[int]
    #: of `approved` and `rejected`, those whose effective decision no person took
    automatic: Mapped[int]
    #: moderators' and the site's own staff's verdicts that were not undone
    decisions: Mapped[int]
    #: of them, rejections
    rejections: Mapped[int]
    #: of them, replaced by another person's different verdict
    overturned: Mapped[int]
    #: of them, one by one about pending comments: `waits` has their times
    timed: Mapped[int]
    #: of `timed`, after the comment was due
    overdue: Mapped[int]
    #: of them, about a text that was decided automatically before
    compared: Mapped[int]
    #: of `compared`, those with the same verdict
    agreed: Mapped[int]
    #: readers' reports
    reports: Mapped[int]
    #: from a comment's arrival to its decision: seconds, rounded, to decisions
    waits: Mapped[dict[str, int]] = mapped_column(sa.JSON())


class HourlyFigures(Counts, Table):
    """The counts of one section in one hour; kept for some weeks."""

    __tablename__ = "hourly_figures"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True)
    #: when the hour begins
    start: Mapped[datetime] = mapped_column(primary_key=True)
    #: empty: articles without a section
    section: Mapped[str] = mapped_column(sa.String(100), primary_key=True)


class DailyFigures(Counts, Table):
    """The counts of one section on one day: all of it, or one subject's part."""

    __tablename__ = "daily_figures"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True)
    #: `insights.figures.Dimension`
    dimension: Mapped[str] = mapped_column(sa.String(15), primary_key=True)
    #: when the day begins
    start: Mapped[datetime] = mapped_column(primary_key=True)
    #: empty: articles without a section
    section: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    #: id of an article or a moderator, a label; empty: all of the section
    subject: Mapped[str] = mapped_column(sa.String(31), primary_key=True)


class QueueSample(Table):
    """The number and age of a section's pending comments in an hour."""

    __tablename__ = "queue_samples"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True)
    #: when the hour begins
    start: Mapped[datetime] = mapped_column(primary_key=True)
    #: empty: articles without a section
    section: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    #: as last seen in the hour
    pending: Mapped[int]
    #: seconds since the oldest pending comment came, the most that was seen
    oldest_seconds: Mapped[int]


class NudgeCount(Table):
    """Reactions of a site's authors to one nudge on one day; no text, no person."""

    __tablename__ = "nudge_counts"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True)
    #: in UTC
    day: Mapped[date] = mapped_column(primary_key=True)
    #: `policy.nudges.Nudge`
    nudge: Mapped[str] = mapped_column(sa.String(31), primary_key=True)
    #: comments whose authors were shown it
    shown: Mapped[int]
    #: of them, those that were sent after a change
    edited: Mapped[int]
    #: of them, those that were sent as they were; what remains was withdrawn
    sent: Mapped[int]


class FigureProgress(Table):
    """The time up to which a site's figures are counted."""

    __tablename__ = "figure_progress"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True)
    #: what was recorded by then is counted by hour
    hours_until: Mapped[datetime]
    #: the same by day
    days_until: Mapped[datetime]
    #: the day to be counted again next, from the newest to the oldest; None: all are
    next_day: Mapped[datetime | None]
    #: the last one of them
    last_day: Mapped[datetime | None]
    #: when days were last counted again
    healed_at: Mapped[datetime]


class SetupChecklist(Table):
    """That a site's admins hide the checklist of its setup."""

    __tablename__ = "setup_checklists"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True)
    hidden_at: Mapped[datetime]
    hidden_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))


class AgencyMember(Table):
    """That a moderator works for an agency at a site."""

    __tablename__ = "agency_members"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(63))
