"""Score many texts: on the machines of a Dask cluster, or in this process."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from classifiers.serving import artifact
from classifiers.serving.combined import CombinedScorer, Reads
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.serving.scorer import Scorer
from moderation.cluster.scoring_tasks import score_part
from moderation.errors import Unavailable
from moderation.metrics.counters import SCORED_TEXTS
from moderation.models.serving import ScoredText, Scoring

if TYPE_CHECKING:
    from distributed import Client, Future

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 10  # to the scheduler, before it counts as away
PATIENCE_SECONDS = 60  # for a part, between two looks at whether workers are there
PARTS_AHEAD = 3  # sent out per thread of the cluster: none of them waits for a text
RETRIES = 3  # of a part whose worker was lost

#: Rows, and their scores; None for a text that can't be scored.
ScoredPart = tuple[Sequence[Any], Sequence[ScoredText | None]]


@dataclass(frozen=True, kw_only=True)
class BulkScoring:
    """Where many texts are scored.

    The cluster gets texts and a model, never a key or an address of the database. What
    it returns is stored by the caller.
    """

    scoring: Scoring
    scheduler: str = ""  #: `tcp://…` or `tls://…` of Dask's scheduler; empty: here

    def score_parts(
        self,
        scorer: Scorer,
        parts: Iterable[Sequence[Any]],
        document: Callable[[Any], Document],
    ) -> Iterator[ScoredPart]:
        """Score parts of some hundred rows; yield each as soon as it is scored.

        Parts come back in any order. If the cluster can't be reached at the start, they
        are scored here.

        Parameters
        ----------
        document
            Returns what a model may see of a row.

        Raises
        ------
        Unavailable
            If the cluster goes away in the middle, or has another release.
        """
        client = self._connect()
        if client is None:
            for rows in parts:
                texts = [document(row) for row in rows]
                yield rows, self.scoring.score(scorer, texts)
            return
        try:
            yield from _score_on(client, scorer, parts, document)
        except (OSError, TimeoutError, CancelledError) as error:
            raise _gone() from error
        finally:
            client.close()

    def _connect(self) -> Client | None:
        if not self.scheduler:
            return None
        # Slow to import, and an extra.
        from distributed import Client

        try:
            client = Client(
                self.scheduler, timeout=CONNECT_SECONDS, set_as_default=False
            )
            if client.nthreads():
                return client
            client.close()
        except (OSError, TimeoutError) as error:
            logger.error("the Dask scheduler is away: %s", type(error).__name__)
            return None
        logger.error("the Dask cluster has no workers")
        return None


def _score_on(
    client: Client,
    scorer: Scorer,
    parts: Iterable[Sequence[Any]],
    document: Callable[[Any], Document],
) -> Iterator[ScoredPart]:
    from distributed import wait

    fast, reads = _taken_apart(scorer)
    (model,) = client.scatter([artifact.dumps(fast)], broadcast=True)
    pending: dict[Future[Any], Sequence[Any]] = {}
    left = iter(parts)
    while True:
        width = PARTS_AHEAD * max(1, sum(client.nthreads().values()))
        for rows in itertools.islice(left, max(0, width - len(pending))):
            texts = [document(row) for row in rows]
            future = client.submit(
                score_part,
                model,
                scorer.version,
                reads,
                texts,
                pure=False,
                retries=RETRIES,
            )
            pending[future] = rows
        if not pending:
            return
        try:
            with client.as_current():
                done = wait(
                    list(pending),
                    timeout=PATIENCE_SECONDS,
                    return_when="FIRST_COMPLETED",
                ).done
        except TimeoutError:
            if not client.nthreads():
                raise _gone() from None
            continue
        for future in done:
            scored = future.result()
            failed_count = scored.count(None)
            SCORED_TEXTS.labels("failed").inc(failed_count)
            SCORED_TEXTS.labels("scored").inc(len(scored) - failed_count)
            yield pending.pop(future), scored


def _taken_apart(scorer: Scorer) -> tuple[FastScorer, Reads]:
    """Return the stored part of a scorer, and when the encoder reads next to it."""
    if isinstance(scorer, CombinedScorer):
        return scorer.fast, scorer.reads
    if isinstance(scorer, FastScorer):
        return scorer, Reads.NEVER
    raise Unavailable(f"The model {scorer.version} can't be sent to a Dask cluster.")


def _gone() -> Unavailable:
    return Unavailable(
        "The Dask cluster went away. What it has scored is stored; retry the job for "
        "the rest."
    )
