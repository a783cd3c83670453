"""Authors' reactions to nudges: counted by site and day, without texts or persons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from moderation.policy.nudges import Nudge
from moderation.statistics import ConfidenceInterval, wilson_interval
from moderation.tables.insights import NudgeCount


class NudgeEvent(StrEnum):
    """An event of a nudge that a page counts, each once for a comment."""

    SHOWN = "shown"  #: its author reads it
    EDITED = "edited"  #: the comment was changed, then sent
    SENT = "sent"  #: it was sent as it was


class NudgeEffect(StrEnum):
    """An author's reaction to a nudge."""

    EDITED = "edited"
    WITHDRAWN = "withdrawn"  #: nothing was sent
    SENT = "sent"


@dataclass(frozen=True, kw_only=True)
class NudgeEffects:
    """Counts of authors' reactions to a nudge."""

    shown: int
    edited: int
    sent: int

    @property
    def withdrawn(self) -> int:
        """Comments of which nothing was sent.

        A page that is closed can't tell: these are what remains. Comments that are
        still written are among them, for some minutes.
        """
        return max(0, self.shown - self.edited - self.sent)

    def share(self, effect: NudgeEffect) -> ConfidenceInterval | None:
        """Return the share of an effect, 0 to 1; None: nothing was shown."""
        whole = self.edited + self.withdrawn + self.sent
        part: int = getattr(self, effect)
        return wilson_interval(part, whole)


@dataclass(frozen=True, kw_only=True)
class NudgesRead:
    """Authors' reactions to nudges in a range of days."""

    in_all: NudgeEffects
    by_nudge: Sequence[tuple[Nudge, NudgeEffects]]  #: those that were shown
    by_day: Sequence[tuple[date, NudgeEffects]]  #: days with nudges, the oldest first


def count(
    session: Session, site_id: int, nudge: Nudge, event: NudgeEvent, day: date
) -> None:
    """Count an event; one statement, so that no two processes lose one."""
    values = {"site_id": site_id, "day": day, "nudge": nudge.value}
    values |= {each.value: int(each is event) for each in NudgeEvent}
    is_postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if is_postgres else sqlite.insert
    column = NudgeCount.__table__.c[event.value]
    session.execute(
        insert(NudgeCount)
        .values(values)
        .on_conflict_do_update(
            index_elements=["site_id", "day", "nudge"], set_={event.value: column + 1}
        )
    )


def read(session: Session, site_id: int, first: date, last: date) -> NudgesRead:
    """Return how authors took the nudges of some days, in UTC."""
    rows = session.scalars(
        sa.select(NudgeCount)
        .where(NudgeCount.site_id == site_id, NudgeCount.day.between(first, last))
        .order_by(NudgeCount.day)
    ).all()
    days = sorted({row.day for row in rows})
    nudges = {nudge: [row for row in rows if row.nudge == nudge] for nudge in Nudge}
    return NudgesRead(
        in_all=_total(rows),
        by_nudge=[(nudge, _total(some)) for nudge, some in nudges.items() if some],
        by_day=[(day, _total(row for row in rows if row.day == day)) for day in days],
    )


def _total(rows: Iterable[NudgeCount]) -> NudgeEffects:
    shown = edited = sent = 0
    for row in rows:
        shown, edited, sent = shown + row.shown, edited + row.edited, sent + row.sent
    return NudgeEffects(shown=shown, edited=edited, sent=sent)
