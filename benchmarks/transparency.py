"""Hold a simulated year's report against the truth: how often its intervals cover it.

``python -m benchmarks.transparency [--comments 12000] [--runs 300] [--seed 1]``. A year
of comments is stored with decisions whose truth is known; a share of the automatic ones
is audited, some audits expire, others end by readers' reports and appeals. The
report is made once and timed. Then audits are drawn again and again, each time by
another key, and each figure's interval is held against the truth.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from moderation import create_app, migration
from moderation.database import db
from moderation.transparency import accuracy
from moderation.transparency.accuracy import Figure
from moderation.transparency.audits import count_audits
from moderation.transparency.report import make_report
from moderation.transparency.rows import ReportHead
from tests.builders import ENVIRONMENT, open_newsroom
from tests.transparency.year import HARMS, YEAR, Year, YearSeeder

FIGURES = ("accuracy", "precision", "recall")


@dataclass(kw_only=True)
class Coverage:
    """How one figure did over all draws."""

    runs: int = 0
    covered: int = 0
    blank: int = 0  #: left blank in a report, though it has an interval here
    errors: float = 0.0
    widths: float = 0.0

    def add(self, figure: Figure, truth: float) -> None:
        """Count a draw that has an interval."""
        interval = figure.interval
        assert interval is not None
        self.runs += 1
        self.covered += interval.low <= truth <= interval.high
        self.blank += figure.gap is not None
        self.errors += interval.value - truth
        self.widths += interval.high - interval.low


def main() -> None:
    """Print how long a report takes, then a table of coverage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, default=12_000)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/year.sqlite"
        app = create_app({**ENVIRONMENT, "DATABASE_URL": url}, instance=Path(folder))
        app.logger.disabled = True
        with app.app_context():
            migration.migrate()
            newsroom = open_newsroom(app, "gazette")
            session = db.session()
            seeder = YearSeeder(newsroom, session, seed=given.seed)
            year = seeder.seed(given.comments)
            key = b"k" * 32
            seeder.store_audits(key)
            start = time.perf_counter()
            make_report(session, newsroom.site_id, YEAR, ReportHead())
            seconds = time.perf_counter() - start
            is_same = count_audits(session, newsroom.site_id, YEAR) == year.counts(key)
            db.session.remove()
            db.engine.dispose()
    print(f"{given.comments:,} comments, {len(year.decisions):,} decisions")
    print(f"report: {seconds:.1f} s; audits read as stored: {is_same}")
    print_coverage(year, given.runs)


def print_coverage(year: Year, runs: int) -> None:
    """Print how often each figure's interval holds the truth."""
    results: dict[tuple[str, str], Coverage] = defaultdict(Coverage)
    for run in range(runs):
        counts = year.counts(run.to_bytes(4) * 8)
        for system in accuracy.measure(counts, HARMS):
            for name in FIGURES:
                figure = getattr(system, name)
                if figure.interval is not None:
                    truth = year.truth(name, system.system)
                    results[system.system, name].add(figure, truth)
    print(
        f"{'system':<16} {'figure':<10} {'truth':>6} {'bias':>8} {'width':>6} "
        f"{'covered':>8} {'blank':>6}"
    )
    for (name, figure_name), result in results.items():
        print(
            f"{name or 'all':<16} {figure_name:<10} "
            f"{year.truth(figure_name, name):>6.3f} "
            f"{result.errors / result.runs:>+8.4f} {result.widths / result.runs:>6.3f} "
            f"{result.covered / result.runs:>8.1%} {result.blank / result.runs:>6.0%}"
        )


if __name__ == "__main__":
    main()
