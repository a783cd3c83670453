"""Akismet account calls: subscription, limits, and usage by month and site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from moderation.compat.akismet import usage
from moderation.compat.akismet.usage import UsageCount
from moderation.errors import InvalidFields
from moderation.text.csv_files import csv_text

ORDERS = ("total", "spam", "ham", "missed_spam", "false_positives")
MAX_SITES = 1000
SITES = 500  # on a page, by default
SECONDS_SAVED = 10  # what a person would have spent on a spam comment
PERIODS = {"60-days": timedelta(days=60), "6-months": timedelta(days=183)}


@dataclass
class Tally:
    """The usage of one site."""

    spam: int = 0
    ham: int = 0
    missed_spam: int = 0
    false_positives: int = 0

    @property
    def total(self) -> int:
        """Return the number of checked comments."""
        return self.spam + self.ham

    def add(self, count: UsageCount) -> None:
        """Add a count."""
        name = count.kind.value
        setattr(self, name, getattr(self, name) + count.comments)


def subscription(site_id: int, site_name: str) -> dict[str, Any]:
    """Return the subscription for WordPress's settings page."""
    return {
        "account_id": site_id,
        "account_name": site_name,
        "account_type": "free-api-key",
        "status": "active",
        "limit_reached": False,
        "next_billing_date": False,
    }


def usage_limit(session: Session, site_id: int, now: datetime) -> dict[str, Any]:
    """Return the month's usage; there is no limit."""
    tally = _sum(usage.counts(session, site_id, since=_month(now)))
    return {
        "limit": "none",
        "usage": tally.total,
        "percentage": "0.00",
        "throttled": False,
    }


def stats(session: Session, site_id: int, period: str, now: datetime) -> dict[str, Any]:
    """Return the usage for WordPress's dashboard."""
    since = now - PERIODS[period] if period in PERIODS else None
    counts = usage.counts(session, site_id, since=since)
    whole, months = _sum(counts), _by(counts, lambda count: count.month)
    wrong = whole.missed_spam + whole.false_positives
    accuracy = 100 * (1 - wrong / whole.total) if whole.total else 100.0
    return {
        **asdict(whole),
        "accuracy": f"{max(0.0, accuracy):.2f}",
        "time_saved": whole.spam * SECONDS_SAVED,
        "breakdown": {
            month: {**asdict(tally), "da": f"{month}-01"}
            for month, tally in sorted(months.items())
        },
    }


def key_sites(
    session: Session, site_id: int, fields: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """Return a month's usage by the host of the comments' articles.

    Raises
    ------
    InvalidFields
        If the month, the order or a number is none.
    """
    month = fields.get("month") or f"{now:%Y-%m}"
    limit, offset = _number(fields, "limit", SITES), _number(fields, "offset", 0)
    order = fields.get("order") or ORDERS[0]
    if order not in ORDERS:
        raise InvalidFields({"order": [f"One of {', '.join(ORDERS)}."]})
    try:
        since = datetime.strptime(month, "%Y-%m").replace(tzinfo=now.tzinfo)
        until = _month(since + timedelta(days=32))
    except (ValueError, OverflowError):
        raise InvalidFields({"month": ["As 2026-11."]}) from None
    counts = usage.counts(session, site_id, since=since, until=until, by_article=True)
    hosts = _by(counts, lambda count: urlsplit(count.article).hostname or count.article)
    host_filter = fields.get("filter", "").lower()
    named = [
        (host, tally) for host, tally in hosts.items() if host_filter in host.lower()
    ]
    named.sort(key=lambda pair: (-getattr(pair[1], order), pair[0]))
    rows = [
        {
            "site": host,
            "api_calls": str(tally.total),
            **{name: str(value) for name, value in asdict(tally).items()},
            "is_revoked": False,
        }
        for host, tally in named[offset : offset + min(limit, MAX_SITES)]
    ]
    return {month: rows, "limit": limit, "offset": offset, "total": len(named)}


def as_csv(body: Mapping[str, Any]) -> str:
    """Return the usage by site as CSV, without the key."""
    month = next(iter(body))
    heading = (
        f"Active sites for this key during {month} (limit:{body['limit']}, "
        f"offset: {body['offset']}, total: {body['total']})\n"
    )
    names = ["Site", "Total API Calls", "Spam", "Ham", "Missed Spam", "False Positives"]
    rows = [
        ["false" if value is False else value for value in row.values()]
        for row in body[month]
    ]
    return heading + csv_text([[*names, "Is Revoked"], *rows])


def _sum(counts: Iterable[UsageCount]) -> Tally:
    tally = Tally()
    for count in counts:
        tally.add(count)
    return tally


def _by(counts: Iterable[UsageCount], name: Any) -> dict[str, Tally]:
    tallies: dict[str, Tally] = {}
    for count in counts:
        tallies.setdefault(name(count), Tally()).add(count)
    return tallies


def _number(fields: Mapping[str, str], name: str, default: int) -> int:
    text = fields.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidFields({name: ["A number."]})
    return int(text)


def _month(now: datetime) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
