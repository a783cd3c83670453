"""Decide comments with a known answer by the default policy, and count, by kind.

``python -m benchmarks.cases FILE [--model MODEL] [--encoder READS]
[--wrong]``: FILE has JSON lines with
``kind``, ``input`` (an object of a comment's fields: ``body``, ``author_name``, …) and
``expected`` (``approved``, ``not_rejected``, or ``held_or_rejected``). Other lines are
counted as left out. ``--wrong`` prints the comments that are decided wrongly.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifiers.serving.combined import Reads
from classifiers.serving.document import Document
from moderation.models.serving import Scoring
from moderation.policy.facts import Facts
from moderation.policy.outcomes import Outcome, decide
from moderation.policy.verdicts import Verdict
from moderation.sites import policies
from moderation.text import names

#: What a case expects → the verdicts that meet it.
MEETING: dict[str, frozenset[Verdict]] = {
    "approved": frozenset({Verdict.APPROVE}),
    "not_rejected": frozenset({Verdict.APPROVE, Verdict.REVIEW}),
    "held_or_rejected": frozenset({Verdict.REVIEW, Verdict.REJECT}),
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A comment with its expected verdict."""

    id: str
    kind: str
    document: Document
    expected: str  #: a key of `MEETING`


def read(path: Path) -> Iterator[Case | None]:
    """Yield the cases of a file; None for a line that is no comment with an answer."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield _case(row) if row.get("expected") in MEETING else None


def _case(row: Mapping[str, Any]) -> Case | None:
    try:
        body = row["input"]["body"]
    except (TypeError, KeyError):
        return None
    fields = row["input"]
    document = Document(
        text=body,
        author_name=fields.get("author_name"),
        author_url=fields.get("author_url"),
        article_title=fields.get("article_title"),
    )
    return Case(
        id=row["id"], kind=row["kind"], document=document, expected=row["expected"]
    )


def decide_all(cases: list[Case], model: Path | None, reads: Reads) -> list[Outcome]:
    """Decide cases as a new site would that has no rules."""
    scoring = Scoring(model, reads=reads)
    if scoring.default is None:
        raise SystemExit(f"no model: {scoring.fault}")
    policy = policies.read_policy(
        policies.default_policy(scoring.default.manifest["thresholds"])
    )
    outcomes = []
    for case in cases:
        (scored,) = scoring.score(scoring.default, [case.document])
        facts = Facts.of(scored)
        name = case.document.author_name or ""
        is_deceptive = names.is_deceptive(name, "Gazette")
        outcomes.append(
            decide(
                policy,
                Facts(
                    scores=facts.scores,
                    is_language_supported=facts.is_language_supported,
                    weak_labels=facts.weak_labels,
                    is_name_deceptive=is_deceptive,
                ),
            )
        )
    return outcomes


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", type=Path, help="default: the one that ships")
    parser.add_argument("--encoder", choices=list(Reads), default=Reads.ALWAYS)
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    read_cases = list(read(options.file))
    cases = [case for case in read_cases if case is not None]
    totals: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong = []
    outcomes = decide_all(cases, options.model, Reads(options.encoder))
    for case, outcome in zip(cases, outcomes, strict=True):
        totals[case.kind] += 1
        if outcome.verdict in MEETING[case.expected]:
            right[case.kind] += 1
        else:
            wrong.append((case, outcome))
    print(f"{'kind':30}{'right':>6}{'of':>5}")
    for kind, total in sorted(totals.items()):
        print(f"{kind:30}{right[kind]:6}{total:5}")
    print(f"{'all':30}{right.total():6}{totals.total():5}")
    print(f"left out: {len(read_cases) - len(cases)} lines without such an answer")
    if options.wrong:
        for case, outcome in wrong:
            reasons = [
                f"{reason.label} {reason.score:.2f}" if reason.score else reason.code
                for reason in outcome.reasons
            ]
            body = case.document.text[:160]
            print(case.id, case.kind, outcome.verdict, *reasons, repr(body))


if __name__ == "__main__":
    main()
