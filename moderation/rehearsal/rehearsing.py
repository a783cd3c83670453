"""Carry a rehearsal out: read past comments in batches, replay, count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.serving.scorer import Scorer
from moderation import identifiers
from moderation.database import Sessions
from moderation.errors import Conflict, NotFound
from moderation.jobs import JobProgress
from moderation.keyed_hashes import HashKeys
from moderation.learning import lineage
from moderation.models import registry
from moderation.models.serving import Scoring
from moderation.rehearsal import past_decisions
from moderation.rehearsal.counts import RehearsalCounts
from moderation.rehearsal.examples import SurprisingComments
from moderation.rehearsal.past_decisions import RecordedComment, ReplayPeriod
from moderation.rehearsal.proposals import KeptRows
from moderation.rehearsal.replaying import Replayer
from moderation.rules.compiled import RuleSets
from moderation.sites import sites
from moderation.sites.sites import SiteContext
from moderation.tables.models import Model

USUAL_SAMPLE = 100_000  # comments: a minute or two on one core
#: From which score on another service is taken to say yes, if no one says otherwise.
GIVEN_THRESHOLD = 0.8


@dataclass(frozen=True, kw_only=True)
class RehearsalOrder:
    """The options of a rehearsal."""

    site_id: int
    version: str | None = None  #: None: the active model
    since: datetime | None = None
    sample: int | None = USUAL_SAMPLE  #: about so many comments; None: all
    #: of other services, 0 to 1, by attribute
    given_thresholds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RehearsalModel:
    """The model that is rehearsed, and what it was trained on."""

    scorer: Scorer
    is_active: bool
    marks: bytes | None  #: of the comments that it was trained on; None: see below
    key: bytes | None  #: of the marks
    #: False: it was trained elsewhere, or the key of the marks is gone
    is_lineage_known: bool = True
    held_out_since: datetime | None = None  #: it was trained on decisions before

    def was_trained_on(self, comment_id: int) -> bool:
        """Return whether a comment is known to have trained the model."""
        if not self.marks or self.key is None:
            return False
        return lineage.is_marked(self.marks, lineage.mark(self.key, comment_id))


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """A rehearsal that was carried out."""

    site: SiteContext
    model: RehearsalModel
    active_version: str
    since: datetime | None
    period: ReplayPeriod
    counts: RehearsalCounts
    examples: SurprisingComments
    rows: KeptRows


def find_model(
    session: Session,
    site: SiteContext,
    scoring: Scoring,
    version: str | None,
    keys: HashKeys,
) -> RehearsalModel:
    """Return the model that is to be rehearsed.

    Raises
    ------
    NotFound
        If there is no such model at the site.
    Conflict
        If it can't be loaded.
    """
    active_version = registry.get_version(session, site.model_id, scoring.default)
    wanted = version or active_version
    if wanted is None:
        raise Conflict("No model is active, so there are no scores to replay.")
    shipped = scoring.default
    if shipped is not None and wanted == shipped.version:
        return RehearsalModel(
            scorer=shipped, is_active=site.model_id is None, marks=None, key=None
        )
    row = session.execute(
        sa.select(Model.id, Model.report, Model.learnt_from, Model.learnt_with).where(
            Model.site_id == site.id, Model.version == wanted
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such model at this site.")
    scorer = scoring.scorer_of(session, row.id)
    if scorer is None:
        raise Conflict("The model can't be loaded. See the log.")
    key = lineage.find_key(keys, row.learnt_with) if row.learnt_from else None
    since = row.report.get("held_out_since")
    return RehearsalModel(
        scorer=scorer,
        is_active=row.id == site.model_id,
        marks=row.learnt_from,
        key=key,
        is_lineage_known=key is not None,
        held_out_since=datetime.fromisoformat(since) if since else None,
    )


def rehearse(
    sessions: Sessions,
    order: RehearsalOrder,
    scoring: Scoring,
    keys: HashKeys,
    progress: JobProgress,
) -> Rehearsal:
    """Replay a site's past comments; reads only, in short transactions.

    Comments that the model was trained on are left out. If no time is given, a trained
    model is replayed from the first decision on that was held out from its training.

    Parameters
    ----------
    keys
        Those of `lineage`.

    Raises
    ------
    NotFound
        If there is no such site or model.
    Conflict
        If the model can't be loaded, or there are no comments.
    """
    with sessions() as session:
        rehearsal, active = _prepare(session, order, scoring, keys)
    rulesets, site = RuleSets(), rehearsal.site
    replayer = Replayer(site, scoring, rehearsal.model.scorer, rulesets)
    current = None
    if not rehearsal.model.is_active and active is not None:
        current = Replayer(site, scoring, active, rulesets)
    period = rehearsal.period
    expected = period.comments * period.read_share
    after, done = identifiers.MIN_ID, 0
    progress(0.0, f"About {expected:.0f} comments are replayed.")
    while True:
        with sessions() as session:
            batch = past_decisions.read_batch(session, period, after)
            if not batch:
                return rehearsal
            _add(session, rehearsal, batch, replayer, current)
        after, done = batch[-1].id, done + len(batch)
        progress(min(1.0, done / max(expected, 1)))


def _prepare(
    session: Session, order: RehearsalOrder, scoring: Scoring, keys: HashKeys
) -> tuple[Rehearsal, Scorer | None]:
    """Return a rehearsal in which nothing is counted yet, and the active model."""
    site = sites.find_by_id(session, order.site_id)
    if site is None:
        raise NotFound("There is no such site.")
    model = find_model(session, site, scoring, order.version, keys)
    active = scoring.scorer_for(session, site)
    since = order.since or model.held_out_since
    period = past_decisions.find_period(session, site.id, since, order.sample)
    if not period.comments:
        raise Conflict("There are no comments of that time. Choose an earlier date.")
    rehearsal = Rehearsal(
        site=site,
        model=model,
        active_version=active.version if active else model.scorer.version,
        since=since,
        period=period,
        counts=RehearsalCounts(order.given_thresholds, GIVEN_THRESHOLD),
        examples=SurprisingComments(),
        rows=KeptRows(site.policy, model.scorer),
    )
    return rehearsal, active


def _add(
    session: Session,
    rehearsal: Rehearsal,
    batch: Sequence[RecordedComment],
    replayer: Replayer,
    current: Replayer | None,
) -> None:
    """Replay a batch, and count it."""
    unseen = list(_unseen(rehearsal, batch))
    replayed = replayer.replay(session, unseen)
    now = replayed if current is None else current.replay(session, unseen)
    for comment, same in zip(replayed, now, strict=True):
        rehearsal.counts.add(comment)
        rehearsal.examples.add(comment)
        rehearsal.rows.add(comment, same, rehearsal.counts)


def _unseen(
    rehearsal: Rehearsal, batch: Sequence[RecordedComment]
) -> Iterable[RecordedComment]:
    """Yield the comments that the model was not trained on; count the others."""
    for comment in batch:
        if rehearsal.model.was_trained_on(comment.id):
            rehearsal.counts.leave_out(comment.id, comment.section)
        else:
            yield comment
