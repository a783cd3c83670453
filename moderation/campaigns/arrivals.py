"""Recent comments, counted by campaign, author, network, and article."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.policy.brakes import BrakeKind
from moderation.sql.prepared import Prepared
from moderation.tables.campaigns import Brake, RecentArrival

#: The longest time that a rule or a brake may count over.
LONGEST_WINDOW = timedelta(days=1)
KEPT = LONGEST_WINDOW + timedelta(hours=1)
BATCH_SIZE = 1000  # rows
NO_END = datetime.max.replace(tzinfo=UTC)

#: Subject by what it is.
Subjects = dict[BrakeKind, int]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A comment's author, network, and article, as far as known."""

    article_id: int
    at: datetime  #: when the comment came, or is written again
    #: hash that the author's record is found by
    author_key: str | None = None
    #: keyed hash of the network, or of the address where no more is known
    network: str | None = None
    #: it is written again: only its author and its text count
    is_edit: bool = False
    #: it is decided long after it came: comments after it don't count
    is_late: bool = False

    @property
    def until(self) -> datetime:
        """When the arrivals end that are counted with it."""
        return self.at if self.is_late else NO_END

    def subjects_at(self, site_id: int) -> Subjects:
        """Return what a comment is counted for, its campaign apart."""
        values: dict[BrakeKind, str | None] = {
            BrakeKind.AUTHOR: self.author_key,
            BrakeKind.NETWORK: None if self.is_edit else self.network,
            BrakeKind.ARTICLE: None if self.is_edit else str(self.article_id),
        }
        return {
            kind: subject_of(site_id, kind, value)
            for kind, value in values.items()
            if value is not None
        }


def subject_of(site_id: int, kind: BrakeKind, value: str | int) -> int:
    """Return the hash that arrivals are counted under: 63 bits."""
    text = f"{site_id} {kind.value} {value}"
    digest = hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def record(
    session: Session, comment_id: int, subjects: Mapping[BrakeKind, int], now: datetime
) -> None:
    """Count a comment for its subjects."""
    rows = [
        {"subject": subject, "at": now, "comment_id": comment_id}
        for subject in subjects.values()
    ]
    _INSERTION.run_many(session, rows)


def count(
    session: Session,
    subject: int,
    since: datetime,
    most: int,
    until: datetime = NO_END,
) -> int:
    """Return how many comments have come between two times, up to `most`."""
    values = {"subject": subject, "since": since, "most": most, "until": until}
    (number,) = _COUNT.all(session, values)[0]
    return int(number)


def adopt(
    session: Session, site_id: int, campaign_id: int, comment_id: int, at: datetime
) -> None:
    """Count an earlier comment for the campaign that has begun with it."""
    subject = subject_of(site_id, BrakeKind.NEAR_DUPLICATES, campaign_id)
    row = {"subject": subject, "at": at, "comment_id": comment_id}
    _INSERTION.run(session, row)


def leave(session: Session, site_id: int, campaign_id: int, comment_id: int) -> None:
    """Count a comment no more for its campaign: its text is another now."""
    subject = subject_of(site_id, BrakeKind.NEAR_DUPLICATES, campaign_id)
    session.execute(
        sa.delete(RecentArrival)
        .where(RecentArrival.subject == subject, RecentArrival.comment_id == comment_id)
        .execution_options(synchronize_session=False)
    )


def merge(
    session: Session, site_id: int, campaign_id: int, other_id: int, now: datetime
) -> None:
    """Count a campaign's comments for the one it is merged into; its brake goes on.

    Where both have one, the other's ends.
    """
    subject, other = (
        subject_of(site_id, BrakeKind.NEAR_DUPLICATES, each)
        for each in (campaign_id, other_id)
    )
    session.execute(
        sa.update(RecentArrival)
        .where(RecentArrival.subject == other)
        .values(subject=subject)
        .execution_options(synchronize_session=False)
    )
    is_braked = session.scalar(
        sa.select(Brake.id).where(Brake.subject == subject, Brake.ended_at.is_(None))
    )
    change = (
        {"ended_at": now}
        if is_braked is not None
        else {"subject": subject, "campaign_id": campaign_id}
    )
    session.execute(
        sa.update(Brake)
        .where(Brake.subject == other, Brake.ended_at.is_(None))
        .values(change)
        .execution_options(synchronize_session=False)
    )


def delete_old(session: Session, now: datetime) -> int:
    """Delete some of what is too long ago to be counted; return the number."""
    old = (
        sa.select(RecentArrival.subject, RecentArrival.at, RecentArrival.comment_id)
        .where(RecentArrival.at < now - KEPT)
        .order_by(RecentArrival.at)
        .limit(BATCH_SIZE)
    )
    key = sa.tuple_(RecentArrival.subject, RecentArrival.at, RecentArrival.comment_id)
    gone = session.scalars(
        sa.delete(RecentArrival)
        .where(key.in_(old))
        .returning(RecentArrival.comment_id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def find_subjects(session: Session, comment_id: int, at: datetime) -> set[int]:
    """Return what a comment that came at a time was counted for, in hashes."""
    return set(
        session.scalars(
            sa.select(RecentArrival.subject).where(
                RecentArrival.at == at, RecentArrival.comment_id == comment_id
            )
        )
    )


def counted(
    subject: sa.BindParameter[int],
    since: sa.BindParameter[datetime],
    most: sa.BindParameter[int],
) -> sa.ScalarSelect[int]:
    """Return how many have come since a time, up to `most`, as an expression.

    Those from the parameter `until` on are left out.
    """
    until = sa.bindparam("until", type_=RecentArrival.at.type)
    newest = (
        sa.select(sa.literal_column("1"))
        .select_from(RecentArrival)
        .where(
            RecentArrival.subject == subject,
            RecentArrival.at > since,
            RecentArrival.at < until,
        )
        .limit(most)
        .subquery()
    )
    return sa.select(sa.func.count()).select_from(newest).scalar_subquery()


_INSERTION = Prepared(sa.insert(RecentArrival))
_COUNT = Prepared(
    sa.select(
        counted(
            sa.bindparam("subject", type_=RecentArrival.subject.type),
            sa.bindparam("since", type_=RecentArrival.at.type),
            sa.bindparam("most", type_=sa.Integer()),
        ).label("number")
    )
)
