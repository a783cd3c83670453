"""False alarms of the search for personal data, on comments from a file.

    python -m benchmarks.personal_data FILE [--column text] [--region DE] [--show 20]

FILE is a CSV or JSONL file of comments, gzipped or not. With comments that hold no
personal data, each one found is a false alarm: `--show` prints what was found.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from moderation.statistics import wilson_interval
from moderation.text import personal_data
from moderation.text.personal_data import PHONE_REGIONS, PersonalDataKind


def read_texts(path: Path, column: str) -> Iterator[str]:
    """Yield the texts in a column of a CSV or JSONL file."""
    is_zipped = path.suffix == ".gz"
    with (
        gzip.open(path) if is_zipped else path.open("rb") as raw,
        io.TextIOWrapper(raw, encoding="utf-8", newline="") as lines,
    ):
        if ".jsonl" in path.suffixes:
            for line in lines:
                yield json.loads(line)[column]
        else:
            csv.field_size_limit(sys.maxsize)
            for row in csv.DictReader(lines):
                yield row[column]


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--column", default="text", show_default=True, help="With the texts")
@click.option(
    "--region",
    "regions",
    multiple=True,
    type=click.Choice(PHONE_REGIONS),
    help="Country whose phone numbers are found without +; repeat for several",
)
@click.option("--show", default=0, help="How many of those found to print")
def main(path: Path, column: str, regions: tuple[str, ...], show: int) -> None:
    """Count the comments in which personal data is found, by kind."""
    texts = list(read_texts(path, column))
    counts: Counter[PersonalDataKind] = Counter()
    held, shown, slowest = 0, 0, 0.0
    started = time.perf_counter()
    for text in texts:
        before = time.perf_counter()
        found = personal_data.find(text, regions)
        slowest = max(slowest, time.perf_counter() - before)
        held += bool(found)
        counts.update({datum.kind for datum in found})
        for datum in found:
            if shown < show:
                shown += 1
                around = text[max(0, datum.start - 30) : datum.end + 30]
                click.echo(f"{datum.kind}: {' '.join(around.split())}")
    seconds = time.perf_counter() - started
    interval = wilson_interval(held, len(texts))
    click.echo(f"{path.name}: {len(texts)} comments, {held} held")
    if interval is not None:
        click.echo(
            f"  {1000 * held / len(texts):.2f} of 1,000 "
            f"(95%: {1000 * interval.low:.2f}–{1000 * interval.high:.2f})"
        )
    for kind in PersonalDataKind:
        click.echo(f"  {kind}: {counts[kind]}")
    if texts:
        mean = 1_000_000 * seconds / len(texts)
        click.echo(f"  {mean:.0f} µs a comment, slowest {1000 * slowest:.1f} ms")


if __name__ == "__main__":
    main()
