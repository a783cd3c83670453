"""Train, evaluate, score, explain and compare from the command line."""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from classifiers.data import datasets, public
from classifiers.data.datasets import Example
from classifiers.data.public import PUBLIC
from classifiers.errors import ClassifierError
from classifiers.evaluation import (
    contrast_kinds,
    figures,
    html_report,
    model_comparison,
    model_report,
    model_scores,
    slices,
    text_report,
)
from classifiers.pretrained import default_encoder, default_model
from classifiers.serving import artifact
from classifiers.serving.combined import CombinedScorer, Reads
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.serving.scorer import Scorer
from classifiers.training import encoder_commands

#: Lines that are scored together, at most.
BATCH_SIZE = 256
#: Fields that a line may have next to its text.
OPTIONAL = ("author_name", "author_url", "article_title")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except ClassifierError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 141  # what a shell reports for a reader that has gone
    return status


def _parser() -> argparse.ArgumentParser:
    """Return the parser of all commands and options."""
    parser = argparse.ArgumentParser(prog="python -m classifiers", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    scoring = commands.add_parser("score", help="JSON lines in, probabilities out")
    scoring.set_defaults(run=_score)
    explaining = commands.add_parser("explain", help="tell which words did it")
    explaining.add_argument("--label", default="toxicity")
    explaining.set_defaults(run=_explain)
    evaluating = commands.add_parser("evaluate", help="figures on labeled texts")
    evaluating.set_defaults(run=_evaluate)
    evaluating.add_argument("--html", type=Path, help="write the report here")
    evaluating.add_argument("--json", type=Path, help="write the figures here")
    comparing = commands.add_parser("compare", help="two scorers on the same texts")
    comparing.set_defaults(run=_compare)
    comparing.add_argument("candidate", type=Path)
    carrying = commands.add_parser(
        "carry-over", help="spam figures on sources and videos left out of training"
    )
    carrying.set_defaults(run=_carry_over)
    carrying.add_argument("--data", type=Path, required=True)
    for command in (evaluating, comparing):
        _add_data(command.add_mutually_exclusive_group(required=True))
    for command in (scoring, explaining, evaluating, comparing):
        command.add_argument("--model", type=Path, help="default: the one that ships")
    training = commands.add_parser("train", help="fit a scorer to labeled texts")
    training.set_defaults(run=_train)
    _add_data(training.add_mutually_exclusive_group(required=True))
    training.add_argument("--soft", type=Path, help="probabilities of a slower model")
    training.add_argument(
        "--base", type=Path, help="scorer whose weights to go on from"
    )
    training.add_argument("--recipe", default="shipped")
    training.add_argument("--seed", type=int, default=0)
    training.add_argument("--out", type=Path, required=True)
    encoder_commands.add(commands)
    return parser


def _add_data(group: Any) -> None:
    group.add_argument("--data", type=Path, help="folder of the public data sets")
    group.add_argument("--examples", type=Path, help="file of JSON lines")


def _fast(path: Path | None) -> FastScorer:
    return default_model.load() if path is None else artifact.load(path)


def _scorer(path: Path | None) -> Scorer:
    """Return a scorer with the encoder that ships, if its head is for that one."""
    fast = _fast(path)
    deep = fast.manifest.get("deep")
    read = default_encoder.load()
    if deep is None or deep["encoder"] != read.version:
        return fast
    return CombinedScorer(fast, read, Reads.ALWAYS)


def _score(options: argparse.Namespace) -> int:
    scorer = _scorer(options.model)

    def answer(documents: list[Document]) -> list[Any]:
        return list(scorer.score_many(documents))

    return _answer_lines(answer, sys.stdin.buffer, sys.stdout)


def _explain(options: argparse.Namespace) -> int:
    scorer = _scorer(options.model)

    def answer(documents: list[Document]) -> list[Any]:
        return [_explanation(scorer, document, options.label) for document in documents]

    return _answer_lines(answer, sys.stdin.buffer, sys.stdout)


def _explanation(scorer: Scorer, document: Document, label: str) -> dict[str, Any]:
    spans = [
        {
            "start": span.start,
            "end": span.end,
            "text": document.text[span.start : span.end],
            "share": round(span.share, 4),
        }
        for span in scorer.explain(document, label)
    ]
    return {"score": scorer.score(document)[label], "spans": spans}


def _train(options: argparse.Namespace) -> int:
    from classifiers.data import teacher_labels
    from classifiers.data.contrasts import collection
    from classifiers.training import fit  # scipy: not needed to score

    if options.data is not None:
        examples = public.read_training(options.data) + collection.examples()
    else:
        examples = datasets.read_jsonl(options.examples)
    base = artifact.load(options.base) if options.base else None
    soft = teacher_labels.load(options.soft) if options.soft else None
    if base is not None:
        by_base = teacher_labels.by_scorer(base, [e.text for e in examples])
        soft = soft.filled(by_base) if soft else by_base
    scorer = fit.fit(
        examples, recipe=options.recipe, seed=options.seed, soft=soft, base=base
    )
    artifact.save(scorer, options.out)
    print(scorer.version)
    return 0


#: Sources of spam that are left out one after the other.
LEFT_OUT = ("blog_spam", "sms_spam", "telegram_spam")
#: The source whose groups, videos, are left out one after the other.
LEFT_OUT_BY_GROUP = "youtube_spam"


def _carry_over(options: argparse.Namespace) -> int:
    """Fit spam without one source or video at a time, and measure on it."""
    from classifiers.data.contrasts import collection
    from classifiers.training import fit

    examples = public.read_training(options.data) + collection.examples()
    videos = {e.group for e in examples if e.source == LEFT_OUT_BY_GROUP}
    parts: list[tuple[str, str | None]] = [(source, None) for source in LEFT_OUT]
    parts += [(LEFT_OUT_BY_GROUP, video) for video in sorted(map(str, videos))]
    for source, group in parts:
        apart = [
            e.source == source and (group is None or e.group == group) for e in examples
        ]
        kept = [e for e, out in zip(examples, apart, strict=True) if not out]
        unseen = [e for e, out in zip(examples, apart, strict=True) if out]
        scorer = fit.fit(kept, recipe="spam", seed=0)
        spam = model_report.evaluate(scorer, unseen).labels["spam"]
        print(
            f"{source} {group or ''}: n {spam.n}, positives {spam.positives}, "
            f"AUC {text_report.ranged(spam.auc)}",
            flush=True,
        )
    return 0


def _sets(options: argparse.Namespace) -> dict[str, list[Example]]:
    if options.data is not None:
        return figures.measured_sets(options.data)
    return {"examples": datasets.read_jsonl(options.examples)}


def _evaluate(options: argparse.Namespace) -> int:
    scorer = _scorer(options.model)
    sets = _sets(options)
    rows = figures.table(scorer, sets)
    parts = slices.of_sets(scorer, sets)
    lists: dict[str, dict[str, Any]] = {
        "Mean AUC": figures.mean_auc(rows),
        "News comments": figures.news(scorer, sets),
        "Identity templates": figures.identity_bias(scorer, sets),
        "Calibration error, on what it was fitted to": _calibration(scorer),
        "Own sentences of held-out templates, share decided rightly": _kinds(scorer),
    }
    if options.data is not None:
        lists["Highlighted words"] = dict(figures.span_f1(scorer, options.data))
    _print_report(scorer, rows, parts, lists)
    if options.json is not None:
        values = [dataclasses.asdict(row) for row in rows]
        cut = [dataclasses.asdict(part) for part in parts]
        document = {
            "version": scorer.version,
            "table": values,
            "parts": cut,
            "more": lists,
        }
        options.json.write_text(json.dumps(document, indent=1), encoding="utf-8")
    if options.html is not None:
        drawings = list(_drawings(scorer, sets))
        written = html_report.page(scorer.version, rows, lists, drawings, parts)
        options.html.write_text(written, encoding="utf-8")
    return 0


def _print_report(
    scorer: Scorer,
    rows: Sequence[figures.Row],
    parts: Sequence[slices.Part],
    lists: Mapping[str, Mapping[str, Any]],
) -> None:
    print(scorer.version)
    print(*text_report.table(rows), sep="\n")
    if parts:
        print("\nToxicity by length, links and groups named")
        print(*text_report.part_table(parts), sep="\n")
    for heading, values in lists.items():
        if values:
            print(f"\n{heading}")
            print(json.dumps(values, indent=1))


def _calibration(scorer: Scorer) -> dict[str, float]:
    errors = scorer.manifest.get("calibration", {})
    return {
        f"{label}: ECE, n {error['n']}": error["ece"] for label, error in errors.items()
    }


def _kinds(scorer: Scorer) -> dict[str, float]:
    return {
        f"{name}, {'held' if figure.is_harmful else 'not held'}, n {figure.n}": round(
            figure.right, 3
        )
        for name, figure in contrast_kinds.by_kind(scorer).items()
    }


def _drawings(scorer: Scorer, sets: dict[str, list[Example]]) -> Iterator[str]:
    """Draw each label on the set of its training languages with most of both sides."""
    for column, label in enumerate(scorer.labels):
        counts = {
            name: min(
                sum(e.labels.get(label) is side for e in examples)
                for side in (True, False)
            )
            for name, examples in sets.items()
            if name not in PUBLIC
            or (PUBLIC[name].may_train and PUBLIC[name].language == figures.HOME)
        }
        name = max(counts, key=lambda name: counts[name], default=None)
        if name is not None and counts[name]:
            target = model_scores.targets(sets[name], label)
            is_known = ~np.isnan(target)
            score = model_scores.score_examples(scorer, sets[name])[is_known, column]
            yield html_report.curves(f"{label} on {name}", target[is_known], score)


def _compare(options: argparse.Namespace) -> int:
    active, candidate = _scorer(options.model), artifact.load(options.candidate)
    for name, examples in _sets(options).items():
        comparison = model_comparison.compare(active, candidate, examples)
        for label, gained in comparison.auc.items():
            print(
                f"{name:26}{label:18}{gained.n:7}  AUC {gained.active:.3f} → "
                f"{gained.candidate:.3f}  gain {gained.gain.value:+.4f} "
                f"({gained.gain.low:+.4f} to {gained.gain.high:+.4f})"
            )
    return 0


def _answer_lines(answer: Any, source: Any, sink: TextIO) -> int:
    """Answer each line in its place; a bad line gets an error there.

    What is waiting is answered together, and nothing waits for more to come.
    """
    status = 0
    number = 0
    for lines in _batches(source):
        parsed = [_parsed(line, number + i) for i, line in enumerate(lines, start=1)]
        number += len(lines)
        documents = [item for item in parsed if isinstance(item, Document)]
        answers = iter(answer(documents))
        for item in parsed:
            if isinstance(item, Document):
                print(json.dumps(next(answers)), file=sink)
            else:
                status = 1
                print(json.dumps({"error": item}), file=sink)
                print(f"error: {item}", file=sys.stderr)
        sink.flush()
    return status


def _batches(source: Any) -> Any:
    """Yield lists of pending lines, at least one and up to `BATCH_SIZE`."""
    kept = b""
    while chunk := source.read1(1 << 16):
        kept += chunk
        *lines, kept = kept.split(b"\n")
        for start in range(0, len(lines), BATCH_SIZE):
            yield lines[start : start + BATCH_SIZE]
    if kept:
        yield [kept]


def _parsed(line: bytes, number: int) -> Document | str:
    """Return what a line holds, or what is wrong with it."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return f"line {number}: no JSON"
    if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
        return f'line {number}: no object with a string "text"'
    about = {name: fields.get(name) for name in OPTIONAL}
    for name, value in about.items():
        if value is not None and not isinstance(value, str):
            return f'line {number}: "{name}" is no string'
    return Document(text=fields["text"], **about)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    sys.exit(main())
