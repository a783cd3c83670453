"""Scores of labels, and of the attributes that have a model of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from classifiers.pretrained import perspective_attributes
from classifiers.serving.scorer import Scorer
from moderation.compat.perspective.attributes import MODELLED


def scored_names(scorer: Scorer) -> frozenset[str]:
    """Return the labels and modelled attributes that a scorer allows."""
    if perspective_attributes.load().reads(scorer):
        return MODELLED.union(scorer.labels)
    return frozenset(scorer.labels)


def add_modelled(
    scorer: Scorer,
    texts: Sequence[str],
    scores: Sequence[Mapping[str, float]],
    wanted: Collection[str],
) -> list[Mapping[str, float]]:
    """Return the scores of texts with those of modelled attributes added. CPU only.

    Parameters
    ----------
    scores
        Of the labels, by the same scorer.
    wanted
        Labels and attributes; without a modelled one, nothing is computed.
    """
    if MODELLED.isdisjoint(wanted):
        return list(scores)
    modelled = perspective_attributes.load().score_many(scorer, texts)
    return [{**labels, **own} for labels, own in zip(scores, modelled, strict=True)]
