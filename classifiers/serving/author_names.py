"""Score the names of authors as texts of their own: a name can be an insult, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from classifiers.serving.document import Document
from classifiers.serving.weights import Floats
from classifiers.text.normalization import MAX_AUTHOR_LENGTH

#: How far the log-odds of a name are lowered: people are called Dick.
MARGIN = 1.0
#: Distinct names whose log-odds are kept. A full cache starts again empty.
MAX_NAMES = 20_000
#: Harms that a name can do. Names that advertise raise spam with the text's words.
_SPAM = "spam"
# Keeps the log-odds of a threshold finite.
_LEAST = 1e-6


class AuthorNames:
    """Log-odds of the harms that authors' names do.

    Parameters
    ----------
    score : texts → their log-odds, one column a label
    review_at : label → score from which on a comment is held, 0 to 1; a name that
        reaches less says nothing
    """

    def __init__(
        self,
        labels: Sequence[str],
        score: Callable[[Sequence[Document]], Floats],
        review_at: Mapping[str, float],
    ) -> None:
        self._score = score
        cuts = np.array([review_at.get(label, 0.5) for label in labels])
        cuts = cuts.clip(_LEAST, 1 - _LEAST)
        self._least = np.log(cuts / (1 - cuts))
        self._is_harm = np.array([label != _SPAM for label in labels])
        self._cache: dict[str, Floats] = {}

    @staticmethod
    def text_of(document: Document) -> str:
        """Return what is read of the name of a comment's author."""
        return (document.author_name or "")[:MAX_AUTHOR_LENGTH].strip()

    def log_odds(self, documents: Sequence[Document]) -> Floats | None:
        """Return the log-odds of names, lowered by `MARGIN`; None without a name.

        Where a name says nothing, and for spam, they are minus infinity.
        """
        if not any(document.author_name for document in documents):
            return None
        names = [self.text_of(document) for document in documents]
        distinct = dict.fromkeys(name for name in names if name)
        if not distinct:
            return None
        cache = self._cache
        fresh = [name for name in distinct if name not in cache]
        if fresh:
            if len(cache) + len(fresh) > MAX_NAMES:
                self._cache = cache = {}
                fresh = list(distinct)
            rows = self._score([Document(text=name) for name in fresh]) - MARGIN
            rows[(rows < self._least) | ~self._is_harm] = -np.inf
            cache.update(zip(fresh, rows, strict=True))
        cache[""] = np.full(len(self._is_harm), -np.inf)
        return np.stack([cache[name] for name in names])
