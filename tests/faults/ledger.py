"""What was accepted, stored, decided, and delivered, read at the end of a fault.

Promises of the service: a comment whose client got 200 or 201 is stored once, with one
automatic decision, and a moderator's acknowledged decision is stored once. Each event
is sent at least once, as Standard Webhooks has it: a receiver whose answer was lost
gets it again, with the same `webhook-id`, and counts it once by that.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from moderation import identifiers
from moderation.policy.verdicts import Source
from moderation.tables.comments import Comment, Score
from moderation.tables.decisions import Decision
from moderation.tables.webhooks import Delivery

#: An outage's comment has one decision more, once it is over.
OUTAGES = {"unscored", "rules_unavailable"}

#: A decision's source, and the codes of its reasons.
DecisionRow = tuple[str, set[str]]


@dataclass(frozen=True)
class Event:
    """An event as its receiver got it."""

    id: str
    body: bytes


@dataclass
class Ledger:
    """What clients were promised, and what has become of it."""

    #: by the public ID that the client got: its idempotency key and the text
    accepted: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: public IDs of comments whose decision a moderator knows to be stored
    decided: set[str] = field(default_factory=set)
    #: answers with 429 or 503: the client tries again
    refused: Counter[int] = field(default_factory=Counter)
    #: requests without an answer: the client tries again
    unanswered: int = 0
    #: answers that no client should get
    unexpected: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, public_id: str, key: str, text: str) -> None:
        """Note that a client got 200 or 201 for a comment."""
        with self._lock:
            if public_id in self.accepted:
                self.unexpected.append(f"two comments have the ID {public_id}")
            self.accepted[public_id] = key, text

    def refuse(self, status: int, retry_after: str | None) -> None:
        """Note that a client is to try again later."""
        with self._lock:
            self.refused[status] += 1
            if retry_after is None or int(retry_after) < 1:
                self.unexpected.append(f"{status} without Retry-After")

    def lose(self) -> None:
        """Note that a client got no answer."""
        with self._lock:
            self.unanswered += 1

    def is_drained(self, engine: sa.Engine, webhook_id: int) -> bool:
        """Return whether all events for a webhook are delivered."""
        with engine.connect() as connection:
            return not connection.scalar(
                sa.select(sa.func.count()).where(
                    Delivery.webhook_id == webhook_id, Delivery.state != "delivered"
                )
            )

    def faults_in(self, engine: sa.Engine) -> list[str]:
        """Return what is stored otherwise than was promised; empty if nothing is."""
        with engine.connect() as connection:
            rows = connection.execute(
                sa.select(Comment.id, Comment.idempotency_key, Comment.body)
            ).all()
            decisions = connection.execute(
                sa.select(Decision.comment_id, Decision.source, Decision.reasons)
                .where(Decision.comment_id.is_not(None))
                .order_by(Decision.id)
            ).all()
            scored = Counter(connection.scalars(sa.select(Score.comment_id)))
        stored = {identifiers.encode(row[0]): (row[1], row[2]) for row in rows}
        faults = list(self.unexpected)
        faults += [
            f"{public_id} was accepted, and is stored as {stored.get(public_id)}"
            for public_id, promised in self.accepted.items()
            if stored.get(public_id) != promised
        ]
        decided: dict[int, list[DecisionRow]] = defaultdict(list)
        for row in decisions:
            decided[row[0]].append((row[1], {reason["code"] for reason in row[2]}))
        keys = Counter(key for key, _ in stored.values())
        faults += [f"key {key} has {n} comments" for key, n in keys.items() if n > 1]
        for public_id in stored:
            comment_id = identifiers.decode(public_id)
            mine = decided[comment_id]
            faults += _decision_faults(public_id, mine, public_id in self.decided)
            is_unscored = bool(mine) and "unscored" in mine[-1][1]
            if not is_unscored and scored[comment_id] != 1:
                faults.append(f"{public_id} has {scored[comment_id]} sets of scores")
        return faults

    def delivery_faults_in(
        self, engine: sa.Engine, webhook_id: int, events: Iterable[Event]
    ) -> list[str]:
        """Return how delivered events differ from decisions; empty if they don't."""
        bodies: dict[str, set[bytes]] = {}
        for event in events:
            bodies.setdefault(event.id, set()).add(event.body)
        with engine.connect() as connection:
            rows = connection.execute(
                sa.select(Delivery.event_id, Delivery.comment_id, Delivery.state)
                .where(Delivery.webhook_id == webhook_id)
                .order_by(Delivery.id)
            ).all()
            decided = Counter(
                connection.scalars(
                    sa.select(Decision.comment_id).where(
                        Decision.comment_id.is_not(None)
                    )
                )
            )
        per_comment = Counter(row[1] for row in rows)
        faults = [
            f"event {row[0]} is {row[2]}" for row in rows if row[2] != "delivered"
        ]
        faults += [f"event {name} differs" for name, b in bodies.items() if len(b) > 1]
        if len(bodies) != len(rows):
            faults.append(f"{len(rows)} events, the receiver got {len(bodies)}")
        faults += [
            f"comment {identifiers.encode(comment_id)} has {n} decisions, "
            f"{per_comment[comment_id]} events"
            for comment_id, n in decided.items()
            if per_comment[comment_id] != n
        ]
        return faults

    def summary(self, engine: sa.Engine, events: Iterable[Event] = ()) -> str:
        """Return the ledger as one line."""
        with engine.connect() as connection:
            counts = [
                connection.scalar(sa.select(sa.func.count()).select_from(table))
                for table in (Comment, Decision)
            ]
        names = [event.id for event in events]
        return (
            f"accepted {len(self.accepted)}, stored {counts[0]}, decided {counts[1]} "
            f"({len(self.decided)} by staff), delivered {len(set(names))} "
            f"({len(names) - len(set(names))} of them again); refused "
            f"{dict(self.refused)}, unanswered {self.unanswered}"
        )


def _decision_faults(
    public_id: str, rows: list[DecisionRow], is_known: bool
) -> list[str]:
    """Return how a comment was decided too often, or not at all."""
    automatic = [codes for source, codes in rows if source != Source.PERSON.value]
    by_staff = len(rows) - len(automatic)
    is_healed = len(automatic) == 2 and bool(automatic[0] & OUTAGES)
    faults = []
    if len(automatic) != 1 and not is_healed:
        faults.append(f"{public_id} has {len(automatic)} automatic decisions")
    if by_staff > 1 or (is_known and by_staff == 0):
        faults.append(f"{public_id} has {by_staff} decisions by staff")
    return faults
