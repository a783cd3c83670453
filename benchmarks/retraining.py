"""Plays public data sets as sites: what do so many decisions bring?

python -m benchmarks.retraining FOLDER [PLOT.svg], where FOLDER has the sets as
NAME.csv.gz: a candidate is retrained from the first decisions of a set that the model
which ships has not seen, just as the service does it, and measured on the set's last
comments; compared with no retraining at all, and with training from scratch.

python -m benchmarks.retraining FOLDER --untuned [PLOT.svg]: the same on other sets, on
which nothing of retraining was ever chosen.

python -m benchmarks.retraining FOLDER --large [N]: time and memory of 100,000
decisions, or N; where texts are too few, their words come again in another order.
"""

from __future__ import annotations

import dataclasses
import random
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from classifiers.data import public
from classifiers.data.datasets import Example, near_duplicate_groups
from classifiers.errors import BadExample
from classifiers.evaluation.metrics import auc
from classifiers.evaluation.model_comparison import PairedDifference, differences
from classifiers.evaluation.model_scores import score_examples, targets
from classifiers.pretrained import default_model
from classifiers.serving.fast_scorer import FastScorer
from classifiers.training import fit
from moderation.learning.provenance import Provenance, TrainingExample
from moderation.learning.retraining import Snapshot, train
from moderation.learning.training_set import TrainingSet
from moderation.policy.thresholds import Policy
from moderation.sites import policies

# Sets that the shipped model has not seen: the label each is about, and how many of
# its last comments are measured on.
SITES = {
    "kaggle_insults_train": ("insult", 900),
    "ucc_news_val": ("toxicity", 1400),
    "olid_train": ("toxicity", 2500),
}
# Sets on which nothing of retraining was ever chosen.
UNTUNED = {
    "portuguese_hatebr": ("toxicity", 1500),
    "indonesian_gambling": ("spam", 5000),
    "korean_unsmile_train": ("toxicity", 4000),
    "paradetox": ("toxicity", 6000),
}
DECISIONS = (30, 100, 300, 1000, 3000, 10_000)
SEED = 1  # of the order: the sets have no times
START = datetime(2026, 1, 1, tzinfo=UTC)
LARGE = 100_000
LARGE_SETS = (
    "jigsaw_wiki",
    "olid_train",
    "paradetox",
    "gab_hate",
    "implicit_hate",
    "davidson_tweets",
)
A_DAY = 400  # decisions


@dataclass(frozen=True, kw_only=True)
class Point:
    """What so many decisions bring on the comments that come last."""

    decisions: int
    area: PairedDifference
    brier: PairedDifference
    scratch: float | None  #: AUC of a model trained on these decisions alone
    gate: tuple[str, ...]  #: why the gate refuses it


def decided(
    examples: Sequence[Example], label: str, known: Sequence[str]
) -> list[Example]:
    """Return a set as people's decisions: rejections for the label, approvals."""
    harmless = dict.fromkeys(known, False)
    return [
        dataclasses.replace(
            each,
            labels={label: True} if each.labels.get(label) else harmless,
            source="site",
            written_at=START + timedelta(days=number / A_DAY),
        )
        for number, each in enumerate(examples)
    ]


def as_lessons(examples: Iterable[Example]) -> TrainingSet:
    """Return examples as the decisions of three moderators, weighed."""
    found = TrainingSet(
        TrainingExample(
            example=each,
            provenance=Provenance.SINGLE,
            taught_by=f"moderator-{number % 3}",
            comment_id=number,
        )
        for number, each in enumerate(examples)
    )
    found.weigh()
    return found


def later(
    examples: Sequence[Example], count: int
) -> tuple[list[Example], list[Example]]:
    """Split the last ones off, less those that resemble an earlier one."""
    groups = near_duplicate_groups(examples)
    cut = len(examples) - count
    early = set(groups[:cut])
    last = [
        each
        for each, group in zip(examples[cut:], groups[cut:], strict=True)
        if group not in early
    ]
    return list(examples[:cut]), last


def curve(
    folder: Path, name: str, shipped: FastScorer, policy: Policy
) -> Iterator[Point]:
    """Yield a point for each number of decisions that the set has."""
    label, measured = {**SITES, **UNTUNED}[name]
    found = public.read_public(folder, name)
    random.Random(SEED).shuffle(found)
    early, last = later(decided(found, label, shipped.labels), measured)
    target = targets(last, label)
    before = score_examples(shipped, last)[:, shipped.labels.index(label)]
    for count in DECISIONS:
        if count > len(early):
            return
        snapshot = Snapshot(
            name=name,
            base=shipped,
            active=shipped,
            policy=policy,
            lessons=as_lessons(early[:count]),
        )
        try:
            trial = train(snapshot, quiet)
        except BadExample:
            continue
        after = score_examples(trial.scorer, last)
        area, brier = differences(target, before, after[:, shipped.labels.index(label)])
        yield Point(
            decisions=count,
            area=area,
            brier=brier,
            scratch=from_scratch(early[:count], last, label),
            gate=tuple(trial.report["gate"]["reasons"]),
        )


def from_scratch(
    examples: Sequence[Example], last: Sequence[Example], label: str
) -> float | None:
    """Return the AUC of a model that has seen nothing else; None: too few of them."""
    alone = [
        dataclasses.replace(each, labels={label: each.labels.get(label, False)})
        for each in examples
    ]
    try:
        scorer = fit.fit(alone, recipe="plain", seed=SEED)
    except BadExample:
        return None
    return auc(targets(last, label), score_examples(scorer, last)[:, 0])


def quiet(share: float, note: str | None = None, /) -> None:
    """Take note of no progress."""


def row(name: str, point: Point) -> str:
    """Return one line of the table."""
    area, brier, gain = point.area, point.brier, point.area.gain
    scratch = "too few" if point.scratch is None else f"{point.scratch:.3f}"
    return (
        f"| {name} | {point.decisions:,} | {area.active:.3f} → {area.candidate:.3f} "
        f"({gain.low:+.3f} to {gain.high:+.3f}) | {scratch} "
        f"| {brier.active:.3f} → {brier.candidate:.3f} "
        f"| {'; '.join(point.gate) or 'allowed'} |"
    )


def measure_large(
    folder: Path, shipped: FastScorer, policy: Policy, count: int
) -> None:
    """Print how long so many decisions take, and how much memory.

    The public texts that they are made of also stay in memory, about 300 MB.
    """
    texts = [each for name in LARGE_SETS for each in public.read_public(folder, name)]
    random.Random(SEED).shuffle(texts)
    harmless = dict.fromkeys(shipped.labels, False)
    draw = random.Random(SEED)

    def made() -> Iterator[Example]:
        for number in range(count):
            each = texts[number % len(texts)]
            words = each.text.split()
            if number >= len(texts):  # a repeated text: the same words in another order
                draw.shuffle(words)
            held = {name: True for name, is_held in each.labels.items() if is_held}
            yield dataclasses.replace(
                each,
                text=" ".join(words),
                labels={x: True for x in held if x in harmless} or harmless,
                source="site",
                written_at=START + timedelta(days=number / A_DAY),
            )

    started = time.perf_counter(), time.process_time()
    snapshot = Snapshot(
        name="large",
        base=shipped,
        active=shipped,
        policy=policy,
        lessons=as_lessons(made()),
    )

    def tell(share: float, note: str | None = None, /) -> None:
        if note is not None:
            print(f"  {time.perf_counter() - started[0]:6.1f} s  {note}", flush=True)

    trial = train(snapshot, tell)
    wall = time.perf_counter() - started[0]
    cpu = time.process_time() - started[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"{count:,} decisions: {wall:.1f} s, {cpu:.1f} s of work, {peak:,.0f} MB; "
        f"artifact {len(trial.artifact) / 1e6:.1f} MB"
    )


def plot(curves: dict[str, list[Point]]) -> str:
    """Return the curves as one SVG drawing."""
    width, height, left, top = 300, 220, 46, 34
    parts = []
    for place, (name, points) in enumerate(curves.items()):
        if not points:
            continue
        values = [p.area.active + p.area.gain.low for p in points]
        values += [p.area.active + p.area.gain.high for p in points]
        values += [p.scratch for p in points if p.scratch is not None]
        low, high = min(values) - 0.01, min(max(values) + 0.01, 1.0)
        x0 = place * (width + left + 20) + left

        def across(count: float, x0: int = x0) -> float:
            span = DECISIONS.index(count) / (len(DECISIONS) - 1)  # evenly: a log scale
            return x0 + span * width

        def up(value: float, low: float = low, high: float = high) -> float:
            return top + height - (value - low) / (high - low) * height

        def line(pairs: list[tuple[float, float]]) -> str:
            return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)

        xs = [across(p.decisions) for p in points]
        band = [
            (x, up(p.area.active + p.area.gain.high))
            for x, p in zip(xs, points, strict=True)
        ]
        band += [
            (x, up(p.area.active + p.area.gain.low))
            for x, p in zip(reversed(xs), reversed(points), strict=True)
        ]
        shipped = [(x, up(p.area.active)) for x, p in zip(xs, points, strict=True)]
        ours = [(x, up(p.area.candidate)) for x, p in zip(xs, points, strict=True)]
        scratch = [
            (x, up(p.scratch))
            for x, p in zip(xs, points, strict=True)
            if p.scratch is not None
        ]
        parts.append(
            f'<text x="{x0}" y="20" font-weight="600">{name}</text>'
            f'<rect x="{x0}" y="{top}" width="{width}" height="{height}" fill="none" '
            'stroke="#999"/>'
            f'<polygon points="{line(band)}" fill="#1a5fb4" opacity=".18"/>'
            f'<polyline points="{line(shipped)}" fill="none" stroke="#555" '
            'stroke-dasharray="5 4" stroke-width="2"/>'
            f'<polyline points="{line(scratch)}" fill="none" stroke="#c64600" '
            'stroke-width="2"/>'
            f'<polyline points="{line(ours)}" fill="none" stroke="#1a5fb4" '
            'stroke-width="2.5"/>'
        )
        for p, x in zip(points, xs, strict=True):
            parts.append(
                f'<text x="{x:.1f}" y="{top + height + 16}" text-anchor="middle">'
                f"{p.decisions:,}</text>"
            )
        for value in (low, (low + high) / 2, high):
            parts.append(
                f'<text x="{x0 - 5}" y="{up(value) + 4:.1f}" text-anchor="end">'
                f"{value:.2f}</text>"
            )
    total = len(curves) * (width + left + 20) + 10
    foot = top + height + 44
    legend = (
        f'<text x="{left}" y="{foot}" fill="#1a5fb4">retrained (with the range of '
        f'95%)</text><text x="{left + 240}" y="{foot}" fill="#555">the model that '
        f'ships</text><text x="{left + 400}" y="{foot}" fill="#c64600">from scratch'
        f'</text><text x="{left + 520}" y="{foot}">AUC on later comments, by number '
        "of decisions</text>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {foot + 12}" '
        'font-family="system-ui,sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}'
        f"{legend}</svg>\n"
    )


def main(arguments: Sequence[str]) -> None:
    """Print the table of `docs/retraining.md`, and draw it."""
    folder, *more = arguments
    shipped = default_model.load()
    policy = policies.read_policy(
        policies.default_policy(shipped.manifest["thresholds"])
    )
    print(f"Starting from {shipped.version}")
    if more[:1] == ["--large"]:
        measure_large(
            Path(folder), shipped, policy, int(more[1:][0]) if more[1:] else LARGE
        )
        return
    curves: dict[str, list[Point]] = {}
    sets = SITES
    if more[:1] == ["--untuned"]:
        sets, more = UNTUNED, more[1:]
    for name in sets:
        curves[name] = []
        for point in curve(Path(folder), name, shipped, policy):
            curves[name].append(point)
            print(row(name, point), flush=True)
    for path in more:
        Path(path).write_text(plot(curves), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
