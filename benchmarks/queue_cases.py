"""What `benchmarks.queue` measures: lists of comments, and what each case took."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from benchmarks.queue_archive import SITES
from moderation.desk.listed import lay_out_list
from moderation.queue import tab_counts
from moderation.queue.listing import list_page
from moderation.queue.query import CommentTab, Filters, QueueOrder, QueueQuery

LIMIT = 1.5  # times the small archive's p95
PAGE = 50  # comments
STAFF = 1


@dataclass
class Case:
    """What is measured, with the milliseconds it took in both archives."""

    name: str
    run: Callable[[Session, random.Random, int], object]
    small: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)
    #: comments on each page or in each reservation that was read
    listed_small: list[int] = field(default_factory=list)
    listed_large: list[int] = field(default_factory=list)

    def row(self) -> str:
        """Return the line of the table."""
        small, large = (statistics.quantiles(x, n=20) for x in (self.small, self.large))
        ratio = large[18] / small[18]
        return (
            f"{self.name:<52}{small[9]:>8.1f}{small[18]:>8.1f}{large[9]:>8.1f}"
            f"{large[18]:>8.1f}{ratio:>8.2f}{'' if ratio <= LIMIT else '  over':<6}"
            f"{_mean(self.listed_small):>8}{_mean(self.listed_large):>5}".rstrip()
        )


def _mean(listed: list[int]) -> str:
    return f"{statistics.mean(listed):.0f}" if listed else ""


def sized(filters: dict[str, Any], draw: random.Random, size: int) -> dict[str, Any]:
    """Fill in what depends on the archive: which article, author or rare word."""
    articles, authors = max(1, size // 100), max(1, size // 20)
    numbers = {
        "article": draw.randrange(articles),
        "author": draw.randrange(authors),
        "rare": draw.randrange(articles),
        "one": draw.randrange(size),
    }
    now = datetime.now(UTC)

    def filled(name: str, value: Any) -> Any:
        if isinstance(value, str):
            return value.format(**numbers)
        if name in ("since", "until"):  # days
            return now + timedelta(days=value)
        return value

    return {name: filled(name, value) for name, value in filters.items()}


def list_of(
    tab: CommentTab, order: QueueOrder = QueueOrder.NEWEST, **filters: Any
) -> Callable[..., object]:
    """Return what reads the first page of a list, as the API does."""

    def run(session: Session, draw: random.Random, size: int) -> object:
        found = Filters(status=tab, **sized(filters, draw, size))
        wanted = QueueQuery(site_ids=SITES, order=order, filters=found)
        page = list_page(session, wanted, staff_id=STAFF, after=None, limit=PAGE)
        return lay_out_list(session, page.comments, datetime.now(UTC))

    return run


def tabs_of(**filters: Any) -> Callable[..., object]:
    """Return what counts every tab of a list."""

    def run(session: Session, draw: random.Random, size: int) -> object:
        found = Filters(**sized(filters, draw, size))
        wanted = QueueQuery(site_ids=SITES, filters=found)
        return tab_counts.count_tabs(session, wanted, staff_id=STAFF)

    return run


#: A name for the table, and the filter.
FILTERS: list[tuple[str, dict[str, Any]]] = [
    ("a part of a word in half of all", {"text": "ommon1"}),
    ("a word in 1%", {"text": "usual7"}),
    ("a rare word", {"text": "rare{rare}"}),
    ("a part of one word", {"text": "umber {one}"}),
    ("two letters", {"text": "l7"}),
    ("two letters that no one wrote", {"text": "qx"}),
    ("a phrase", {"text": '"usual7 rare{rare}"'}),
    ("a part of many names", {"name": "eade"}),
    ("a part of a name", {"name": "der {author}"}),
    ("an article", {"article": "article {article}"}),
    ("a section of 5%", {"section": "section 7"}),
    ("spam over 0.5", {"label": "spam", "min_score": 0.5}),
    ("spam over 0.99", {"label": "spam", "min_score": 0.99}),
    ("spam from 0.2 to 0.21", {"label": "spam", "min_score": 0.2, "max_score": 0.21}),
    ("a rule", {"rule": 7}),
    ("a campaign", {"campaign": 7}),
    ("a language of 90%", {"language": "en"}),
    ("a language of 1%", {"language": "fr"}),
    ("a language of no one", {"language": "fi"}),
    ("a reason of 24%", {"reason": "score"}),
    ("a reason of 1 in 16,000", {"reason": "rule"}),
    ("first comments of an author", {"first_time": True}),
    ("decided automatically", {"decided_by": "automatically"}),
    ("decided by who decides often", {"decided_by": "often"}),
    ("decided by who decides seldom", {"decided_by": "seldom"}),
    ("a day half a year ago", {"since": -180.0, "until": -179.0}),
]
PAIRS: list[tuple[str, dict[str, Any]]] = [
    ("a word in 1% and a language of 1%", {"text": "usual7", "language": "fr"}),
    ("a word in 1% and a reason", {"text": "usual7", "reason": "score"}),
    ("a rare word and a name", {"text": "rare{rare}", "name": "reader"}),
    ("a word and a name", {"text": "bridge", "name": "reader {author}"}),
    ("a word in 1% a year ago", {"text": "usual7", "until": -350.0}),
    ("a section and a word in 1%", {"section": "section 7", "text": "usual7"}),
    (
        "a language of 1% and spam",
        {"language": "fr", "label": "spam", "min_score": 0.9},
    ),
    ("an article and a word", {"article": "article {article}", "text": "ommon1"}),
    ("a moderator and a language", {"decided_by": "often", "language": "fr"}),
]


def list_cases() -> list[Case]:
    """Return the first page of every tab, with every filter, and usual pairs."""
    cases = [Case(f"list {tab}", list_of(tab)) for tab in CommentTab]
    cases.append(Case("list oldest", list_of(CommentTab.ALL, QueueOrder.OLDEST)))
    for tab in (CommentTab.ALL, CommentTab.APPROVED, CommentTab.REJECTED):
        by_score = list_of(tab, QueueOrder.SCORE, label="spam")
        cases.append(Case(f"list {tab} by score", by_score))
        cases.append(Case(f"list {tab} by reports", list_of(tab, QueueOrder.REPORTS)))
    for tab in CommentTab:
        for name, filters in FILTERS:
            cases.append(Case(f"list {tab}, {name}", list_of(tab, **filters)))
    for tab in (CommentTab.ALL, CommentTab.PENDING, CommentTab.REJECTED):
        for name, filters in PAIRS:
            cases.append(Case(f"list {tab}, {name}", list_of(tab, **filters)))
    cases.append(Case("tabs of all", tabs_of()))
    for name, filters in FILTERS:
        cases.append(Case(f"tabs, {name}", tabs_of(**filters)))
    return cases
