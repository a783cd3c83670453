"""Model cards: training data, figures, and limits of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moderation.models.registry import ModelEntry


def format_card(entry: ModelEntry, site: str) -> str:
    """Return a stored model's card as Markdown."""
    return "\n".join([*_head(entry, site), *_body(entry.report or {})]) + "\n"


def _head(entry: ModelEntry, site: str) -> Iterator[str]:
    yield f"# Model {entry.version}"
    yield ""
    if entry.is_shipped:
        yield "It came with the software; its card is in `classifiers/pretrained/`."
        return
    yield f"- Made for the site {site}, on {_day(entry)}."
    yield f"- Trained from {entry.base_version}, as far as its evidence carries."
    yield "- It decides there now." if entry.is_active else "- It does not decide now."
    yield "- It gives each comment a probability for each label. Thresholds are policy."
    yield ""


def _day(entry: ModelEntry) -> str:
    return entry.created_at.date().isoformat() if entry.created_at else "an unknown day"


def _body(report: Mapping[str, Any]) -> Iterator[str]:
    if "gate" not in report:
        return
    if "comparison" in report:
        yield from _learnt(report)
        yield from _figures(report)
        yield from _slices(report.get("slices", []))
    yield "## Gate"
    yield ""
    if report["gate"]["allowed"]:
        yield "It may be promoted."
    for reason in report["gate"]["reasons"]:
        yield f"- {reason}"
    yield ""
    yield "## Limits"
    yield ""
    yield (
        "The figures hold for later comments of this site, as its people judged them; "
        "elsewhere, and on labels that are not listed, nothing is known of it. People "
        "who decide wrongly teach it to."
    )


def _learnt(report: Mapping[str, Any]) -> Iterator[str]:
    yield "## Training data"
    yield ""
    yield (
        f"{report['examples']} decisions that teach a label: {report['trained_on']} "
        f"earlier ones to train on, {report['held_out']} later ones to measure on. "
        f"Fingerprint `{report['data'][:16]}`."
    )
    yield ""
    taught = report.get("teach")
    if taught:
        yield (
            f"The queue order `teach` gave {taught['trained_on']} of the training "
            f"examples and {taught['held_out']} of the held-out ones; "
            f"{taught['left_out']} more were left out."
        )
        yield ""
    contributions = report.get("contributions")
    if contributions:
        for kind, part in contributions["provenance"].items():
            share = f"{part['share']:.0%} of all weight"
            yield f"- {kind}: {part['examples']} examples, {share}"
        capped = sum(
            source["is_capped"]
            for kind in ("moderators", "authors", "days")
            for source in contributions[kind]
        )
        yield f"- {capped} of the heaviest sources were lowered to their cap"
        yield ""


def _figures(report: Mapping[str, Any]) -> Iterator[str]:
    yield "## Figures on later decisions"
    yield ""
    yield (
        f"Compared with {report['active']['version']}, which was active then. An AUC "
        "of 0.5 is chance; intervals are 95%."
    )
    yield ""
    yield "| label | n | harmful | AUC before | AUC | gain | calibration error |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for label, area in report["comparison"]["auc"].items():
        figures = report["candidate"]["labels"][label]
        gain = area["gain"]
        yield (
            f"| {label} | {figures['n']} | {figures['positives']} "
            f"| {area['active']:.3f} | {area['candidate']:.3f} "
            f"| {gain['value']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f}) "
            f"| {figures['ece']:.3f} |"
        )
    yield ""


def _slices(slices: list[Mapping[str, Any]]) -> Iterator[str]:
    if not slices:
        return
    yield "## For whom"
    yield ""
    yield "| slice | label | n | AUC before | AUC |"
    yield "| --- | --- | --- | --- | --- |"
    for part in slices:
        yield (
            f"| {part['kind']}: {part['name']} | {part['label']} | {part['n']} "
            f"| {part['auc']['active']:.3f} | {part['auc']['candidate']:.3f} |"
        )
    yield ""
