"""The report of an import, in counts: no text, no name, no address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from classifiers.text.labels import HARMS
from moderation.importing.findings import FileFindings
from moderation.importing.records import (
    DecisionEvidence,
    ImportItem,
    ImportRecord,
    RefusedRow,
    SkippedRow,
)
from moderation.policy.verdicts import Status

MAX_EXAMPLES = 5  # ids of each kind
MAX_SECTIONS = 50
ENOUGH_DECISIONS = 300  # as retraining needs them
ENOUGH_OF_A_SIDE = 30  # of a label: with fewer, a label isn't learned
NONE = "none_holds"
MIN_WORDS = 3  # shorter texts teach nothing


@dataclass(kw_only=True)
class ImportReport:
    """Counts of rows by their result."""

    comments: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)
    sections: Counter[str] = field(default_factory=Counter)
    evidence: Counter[str] = field(default_factory=Counter)
    lessons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    articles: set[int] = field(default_factory=set)
    added: int = 0
    unchanged: int = 0
    standings: int = 0  #: of authors, taken over
    closed: int = 0  #: articles

    def add(self, item: ImportItem) -> None:
        """Count a row."""
        if isinstance(item, ImportRecord):
            self._add_record(item)
        elif isinstance(item, SkippedRow):
            self.skipped[item.why] += 1
            self._remember(item.why, item.id)
        else:
            self.refuse(item)

    def refuse(self, row: RefusedRow) -> None:
        """Count a row that should have become a comment."""
        self.refused[row.says] += 1
        place = row.id if row.line is None else f"{row.id} (line {row.line})"
        self._remember(row.says, place)

    def _remember(self, kind: str, place: str) -> None:
        places = self.examples.setdefault(kind, [])
        if len(places) < MAX_EXAMPLES:
            places.append(place)

    def _add_record(self, record: ImportRecord) -> None:
        self.comments += 1
        self.statuses[record.status] += 1
        self.years[record.written_at.year] += 1
        self.articles.add(hash(record.article))
        section = record.article_section or ""
        if section in self.sections or len(self.sections) < MAX_SECTIONS:
            self.sections[section] += 1
        for note in record.notes:
            self.notes[note] += 1
        if record.decision is not None:
            self.evidence[record.decision.evidence] += 1
        teaches = record.teaches
        if teaches is not None and len(record.body.split(None, MIN_WORDS)) >= MIN_WORDS:
            self.lessons["all"] += 1
            for label in [each for each, holds in teaches.items() if holds] or [NONE]:
                self.lessons[label] += 1

    @property
    def is_enough_to_train(self) -> bool:
        """Whether `moderation retrain` has enough to learn from."""
        harmful = max((self.lessons[label] for label in HARMS), default=0)
        return (
            self.lessons["all"] >= ENOUGH_DECISIONS
            and harmful >= ENOUGH_OF_A_SIDE
            and self.lessons["none_holds"] >= ENOUGH_OF_A_SIDE
        )

    def as_json(self, findings: FileFindings) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            "comments": self.comments,
            **{status.value: self.statuses[status.value] for status in Status},
            "skipped": self.skipped.total(),
            "refused": self.refused.total(),
            "articles": len(self.articles),
            "years": {str(year): self.years[year] for year in sorted(self.years)},
            "sections": dict(self.sections.most_common()),
            "evidence": {
                each.value: self.evidence[each.value] for each in DecisionEvidence
            },
            "notes": dict(sorted(self.notes.items())),
            "skipped_by": dict(self.skipped.most_common()),
            "refused_by": dict(self.refused.most_common()),
            "examples": self.examples,
            "lessons": {
                name: self.lessons[name]
                for name in ("all", "none_holds", *HARMS)
                if self.lessons[name]
            },
            "is_enough_to_train": self.is_enough_to_train,
            "mended": dict(findings.mended),
            "blocked_authors": len(findings.blocked_authors),
            "closed_articles": len(findings.closed_articles),
            "remarks": findings.remarks,
            "fault": findings.fault,
        }

    def lines(self, findings: FileFindings) -> Iterator[str]:
        """Yield the report as lines to read."""
        counts = ", ".join(
            f"{self.statuses[status.value]} {status.value}" for status in Status
        )
        yield f"{self.comments} comments under {len(self.articles)} articles: {counts}."
        if self.added or self.unchanged:
            yield f"{self.added} added, {self.unchanged} were here before."
        yield from _table("By year", sorted(self.years.items()))
        sections = [(name or "(none)", n) for name, n in self.sections.most_common()]
        yield from _table("By section", sections)
        yield from _table("Decided by", self.evidence.most_common())
        yield from self._rows("Not comments", self.skipped)
        yield from self._rows("Refused", self.refused)
        yield from _table("Notes", self.notes.most_common())
        yield from _table(
            "Mended", [each for each in findings.mended.items() if each[1]]
        )
        yield from findings.remarks
        if findings.blocked_authors:
            number = len(findings.blocked_authors)
            yield f"{number} authors are blocked or read first there."
        if findings.closed_articles:
            yield f"{len(findings.closed_articles)} articles are closed there."
        if self.standings or self.closed:
            yield (
                f"Taken over: the standing of {self.standings} authors, "
                f"{self.closed} closed articles."
            )
        harmful = sum(self.lessons[label] for label in HARMS)
        verdict = "enough" if self.is_enough_to_train else "not enough"
        yield (
            f"To train on: {self.lessons['all']} texts, {harmful} of them harmful: "
            f"{verdict} for a first model."
        )
        if findings.fault:
            yield f"The reading ended early. {findings.fault}"

    def _rows(self, title: str, counts: Counter[str]) -> Iterator[str]:
        if not counts:
            return
        yield f"{title}:"
        for kind, number in counts.most_common():
            yield f"  {number:>9}  {kind}: {', '.join(self.examples.get(kind, []))}"


def _table(title: str, rows: list[tuple[Any, int]]) -> Iterator[str]:
    if rows:
        yield f"{title}:"
        yield from (f"  {number:>9}  {name}" for name, number in rows)
