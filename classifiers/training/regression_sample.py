"""Draw the frozen regression set from the held-out examples."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from classifiers.serving.regression_set import UNKNOWN, Frozen
from classifiers.text import features, normalization
from classifiers.training.corpus import Corpus
from classifiers.training.supervision import Supervision

#: Examples of each side of each label that the frozen set holds.
SIDE_SIZE = 60
#: Longer texts are left out: the set is part of the scorer's file.
MAX_WORDS = 30


def freeze(corpus: Corpus, data: Supervision, seed: int) -> Frozen:
    """Keep the hashes of a small set of held-out examples."""
    chosen = draw(data, seed)
    rows = (corpus.words[chosen] @ corpus.ngrams).tocsr()
    pairs = (corpus.pairs[chosen] @ sp.diags_array(1 / corpus.pair_rarity)).tocsr()
    labels = np.stack([target[chosen] for target in data.targets.values()], axis=1)
    return Frozen(
        rows=rows.indices.astype(np.uint32),
        row_values=rows.data.astype(np.float16),
        row_bounds=rows.indptr.astype(np.int64),
        pairs=pairs.indices.astype(np.uint32),
        pair_values=pairs.data.astype(np.float16),
        pair_bounds=pairs.indptr.astype(np.int64),
        labels=np.where(np.isnan(labels), UNKNOWN, labels).astype(np.int8),
    )


def draw(data: Supervision, seed: int) -> features.Indices:
    """Draw short held-out examples of either side of each label."""
    rng = np.random.default_rng(seed)
    is_short = np.array(
        [len(normalization.tokens(text)) <= MAX_WORDS for text in data.texts]
    )
    drawn: set[int] = set()
    for target in data.targets.values():
        for side in (0, 1):
            able = np.flatnonzero(data.is_held_out & is_short & (target == side))
            drawn.update(rng.permutation(able)[:SIDE_SIZE].tolist())
    return np.array(sorted(drawn), dtype=np.int64)
